"""`code` → code: the same program, called with its parameters one by one."""

from __future__ import annotations

from typing import Any

from runfold.exporters.dify.errors import write_errors
from runfold.exporters.dify.kind import Path, WrittenKind
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import NotMappable, Writing
from runfold.graph.definition import Node
from runfold.importers.dify.flow import PROFILE

_LANGUAGES = {"python": "python3", "javascript": "javascript"}
_TYPES = {"string": "string", "number": "number", "object": "object", "boolean": "boolean"}
_ARRAY = "array[object]"


def _write(writing: Writing, room: Room) -> None:
    config = writing.config
    language = config.get("language", "python")
    params = config.get("params", {})
    writing.put("code", "code", lambda: _program(writing.node, params))
    writing.put("code_language", "language", lambda: _LANGUAGES[language])
    writing.put(
        "variables",
        "params",
        lambda: [
            {"variable": name, "value_selector": room.selector(value)}
            for name, value in params.items()
        ],
    )
    writing.put("outputs", "outputs", lambda: _outputs(writing))
    writing.use("runtime")
    write_errors(writing)


def _program(node: Node, params: dict[str, Any]) -> str:
    """The program as Dify calls it: Python's `main` takes parameters, not one object."""
    code = str(node.config.get("code", ""))
    if node.profile == PROFILE or node.config.get("language") == "javascript":
        return code
    if "def main" not in code:
        message = "Dify's programs are a function `main`, and no statements that set `result`"
        raise NotMappable(message)
    called = "".join(f"\n\n\n_main = main\n\n\ndef main({', '.join(params)}):\n")
    given = ", ".join(f"{name!r}: {name}" for name in params)
    return f"{code.rstrip()}{called}    return _main({{{given}}})\n"


def _outputs(writing: Writing) -> dict[str, Any]:
    declared = writing.config.get("outputs")
    if not declared and writing.node.profile == PROFILE:
        return {}
    if not declared:
        message = "Dify's programs declare their outputs and types: write `outputs`"
        raise NotMappable(message)
    found = {}
    for name, type_ in declared.items():
        if type_ == "array":
            writing.said.append(f"output {name!r} is declared as {_ARRAY}")
        found[name] = {"type": _type(name, type_), "children": None}
    return found


def _type(name: str, type_: str) -> str:
    plain = {"integer": "number", "array": _ARRAY}.get(type_) or _TYPES.get(type_)
    if plain is None:
        message = f"Dify has no type {type_!r} of an output, as {name!r} has"
        raise NotMappable(message)
    return plain


def _spell(node: Node, path: Path) -> Path | None:
    declared = node.config.get("outputs")
    return path if isinstance(declared, dict) and path[0] in declared else None


KIND = WrittenKind(type="code", write=_write, spell=_spell)
