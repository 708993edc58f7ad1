"""Code: Python, and TypeScript whose types are erased."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze.canvas import Block
from runfold.importers.coze.fields import plain, whole
from runfold.importers.coze.names import Outputs
from runfold.importers.coze.step import Built, Kind, Step
from runfold.importers.coze.texts import native
from runfold.importers.coze.types import schema_of, short
from runfold.importers.coze.typescript import Unerasable, erased
from runfold.values.python_modules import sandbox_lacks

_PYTHON = 3
_OWN = ("errorBody", "isSuccess")


def _code(step: Step) -> Built:
    step.is_exact = True
    inputs = step.block.inputs
    program = plain(inputs.get("code"))
    params = {name: native(value) for name, value in step.inputs.items()}
    outputs = {
        plain(one.get("name")): short(schema_of(one))
        for one in step.block.outputs
        if plain(one.get("name")) and plain(one.get("name")) not in _OWN
    }
    config: dict[str, Any] = {"code": program, "params": params, "outputs": outputs}
    if step.empties:
        config["defaults"] = step.empties
    if not program.strip():
        config["code"] = "def main(args):\n    return {}\n"
        return Built(type="code", config=config, reason="it has no program", result="approximated")
    if _is_python(inputs, program):
        return _python(config)
    try:
        config["code"] = erased(program)
    except Unerasable as problem:
        reason = f"TypeScript: {problem}: it fails when it is reached"
        return Built(type="code", config={**config, "language": "javascript"}, reason=reason,
                     result="approximated")  # fmt: skip
    return Built(type="code", config={**config, "language": "javascript"})


def _python(config: dict[str, Any]) -> Built:
    lacks = list(sandbox_lacks(config["code"]))
    if not lacks:
        return Built(type="code", config=config)
    reason = f"needs the full runtime of Python, which an operator turns on: {lacks[0].message}"
    full = {**config, "runtime": "full"}
    return Built(type="code", config=full, result="approximated", reason=reason)


def _is_python(inputs: dict[str, Any], program: str) -> bool:
    number = whole(inputs.get("language"))
    if number is not None:
        return number == _PYTHON or _is_mislabelled(program)
    return "def main" in program


def _is_mislabelled(program: str) -> bool:
    """Whether a program is Python all the same."""
    return "def main(" in program and "function" not in program


def _outputs(_block: Block) -> Outputs:
    return {}


CODE = Kind("Code", _code, _outputs)
