"""`code`: a program in the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.composites import fixed_problems
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.values.lenient import schema_problems
from runfold.values.python_bounds import program_problem, size_problem
from runfold.values.python_modules import sandbox_lacks
from runfold.values.types import TypeName

Language = Literal["python", "javascript"]
Runtime = Literal["sandbox", "full"]


class CodeConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `code` node.

    Either a function `main(params)` returning an object, whose keys are the outputs; or statements
    that set `result`, with `context` holding what nodes gave and the run's inputs.
    """

    code: str
    """The program: `main(params)` that returns an object, or statements that set `result`."""
    language: Language = "python"
    """The language of the program."""
    runtime: Runtime = "sandbox"
    """What runs Python: the sandbox, or `full`, where the operator turned that on."""
    params: dict[str, Any] = {}
    """Given to `main`, and as `params`."""
    defaults: dict[str, Any] = {}
    """What one of `params` is instead that is null."""
    outputs: dict[str, TypeName | dict[str, Any]] = {}
    """Outputs that must be there, and their types; others are dropped. A type is a name, or
    `{type, items, properties}`, whose inner types count with a profile only."""
    timeout: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """Seconds of computing; at most, and by default, the service's limit."""
    memory_mb: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Mebibytes of memory; at most, and by default, the service's limit."""
    FORM: ClassVar[Forms] = {
        "code": Form("code", ('def main(params):\n    return {"total": sum(params["prices"])}\n',)),
        "language": Form("choice", group="more"),
        "runtime": Form("choice", group="more"),
        "params": Form("key_values", ({"prices": "{{prices}}"},)),
        "defaults": Form("key_values", ({"prices": []},), group="more"),
        "outputs": Form("key_values", ({"total": "number"},)),
        "timeout": Form("number", (5,), group="limits"),
        "memory_mb": Form("number", (64,), group="limits"),
    }

    @property
    def given(self) -> dict[str, Any]:
        """The values that `main` is given, by name."""
        params = self.params
        return params | {k: one for k, one in self.defaults.items() if params.get(k) is None}


def type_of(schema: Any) -> str:
    """The name of the type that an output is declared as."""
    return str(schema.get("type", "any")) if isinstance(schema, dict) else str(schema)


def _declared(config: dict[str, Any]) -> dict[str, str]:
    outputs = config.get("outputs")
    if not isinstance(outputs, dict):
        return {}
    return {name: type_of(schema) for name, schema in outputs.items()}


_FIXED = ("language", "runtime")


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from fixed_problems(config, *_FIXED)
    outputs = config.get("outputs")
    for name, schema in outputs.items() if isinstance(outputs, dict) else ():
        for problem in schema_problems(schema) if isinstance(schema, dict) else ():
            yield Problem(f"outputs.{name}", problem)
    code = config.get("code")
    if isinstance(code, str) and not code.strip():
        yield Problem("code", "code needs a program", "config.missing")
    elif isinstance(code, str) and (problem := source_problem(code, config.get("language"))):
        yield Problem("code", problem)
    elif isinstance(code, str):
        yield from _lacks(code, config)


def _lacks(code: str, config: dict[str, Any]) -> Iterator[Problem]:
    """What the program needs that what runs it has not."""
    language, runtime = config.get("language", "python"), config.get("runtime", "sandbox")
    if language == "javascript" and runtime == "full":
        message = "`runtime: full` is one of Python: leave it out, JavaScript has one runtime"
        yield Problem("runtime", message)
    if language == "python" and runtime == "sandbox":
        for lack in sandbox_lacks(code):
            yield Problem("code", f"line {lack.line}: {lack.message}", "code.not_in_sandbox")


def source_problem(code: str, language: Any) -> str:
    """Why a program is not given to a parser; empty when it is.

    JavaScript is bounded by its size alone: its engine has a limit of its own on nesting.
    """
    return size_problem(code) if language == "javascript" else program_problem(code)


KIND = register(
    Kind(
        type="code",
        group="code",
        config=CodeConfig,
        summary="Run Python or JavaScript in a sandbox",
        aliases=("code_runner",),
        raw=("code",),
        rules=_rules,
        declared=_declared,
        hints=Hints(
            category="code",
            fixed=_FIXED,
            outputs_from=("outputs", "code"),
        ),
    )
)
