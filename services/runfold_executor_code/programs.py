"""From a `code` node's configuration to the program that is run: how its `main` is called.

Authors write `main(params)`; those who come from Dify `main(name, city)`, with a parameter for each
value; those from Coze `main(args)`, and read `args.params`.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any

from runfold.errors import NodeFailed
from runfold.graph.kinds.code import CodeConfig, source_problem
from runfold.values.python_scan import TOO_DEEP
from runfold_executor_code.modules import with_modules
from runfold_executor_code.sandbox import Program

MAIN = "main"
RESULT = "result"
_WHOLE = ("params", "args")
"""Names of the one parameter that takes all values, although there is a value of that name."""
_PREAMBLE = "import json"
_ARGS = """
class Args:
    def __init__(self, params):
        self.params = params
Output = dict
"""


def program_of(config: CodeConfig, inputs: dict[str, Any]) -> Program:
    """The program with what it is given.

    Raises:
        NodeFailed: `code.too_complex` for one that is not run, `code.output_invalid` for one that
            has neither `main` nor `result`.
    """
    problem = source_problem(config.code, config.language)
    if problem:
        raise NodeFailed(problem, code="code.too_complex", kind="limit")
    names = {"context": inputs, "params": config.params}
    if config.language == "javascript":
        return Program(config.code, names, runtime="javascript")
    call = _call(config.code, frozenset(config.params))
    ending = call or RESULT
    if config.runtime == "full":
        return Program(config.code, names, ending, runtime="full", is_main=bool(call))
    code, modules = with_modules(config.code)
    preamble = _PREAMBLE + _ARGS + modules
    return Program(code, names, ending, preamble=preamble, is_main=bool(call))


@lru_cache(maxsize=256)
def _call(code: str, given: frozenset[str]) -> str:
    """How `main` is called, or nothing when the program sets `result`.

    Raises:
        NodeFailed: When the program has neither.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, *TOO_DEEP):
        return ""  # the sandbox says what is wrong, and where
    if any(
        isinstance(node, ast.Name) and node.id == RESULT and isinstance(node.ctx, ast.Store)
        for statement in tree.body
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for node in ast.walk(statement)
    ):
        return ""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and (
            statement.name == MAIN
        ):
            call = f"{MAIN}({_arguments(statement, given)})"
            return f"await {call}" if isinstance(statement, ast.AsyncFunctionDef) else call
    message = "the code gives no output: set `result`, or define `main(params)`"
    raise NodeFailed(message, code="code.output_invalid", kind="output")


def _arguments(main: ast.FunctionDef | ast.AsyncFunctionDef, given: frozenset[str]) -> str:
    taken = main.args
    positional = [*taken.posonlyargs, *taken.args]
    if taken.kwarg or taken.kwonlyargs or len(positional) - len(taken.defaults) > 1:
        return "**params"
    if not positional:
        return "params" if taken.vararg else ""
    first = positional[0].arg
    if first in given and first not in _WHOLE:
        return "**params"
    return "Args(params)" if _reads_params(main, first) else "params"


def _reads_params(main: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == "params"
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        for node in ast.walk(main)
    )
