"""From a `code` node's configuration to the program that is run: how its `main` is called.

Authors write `main(params)`; those who come from Dify `main(name, city)`, with a parameter for each
value; those from Coze `main(args)`, and read `args.params`.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any, TypeGuard

from runfold.errors import NodeFailed
from runfold.graph.kinds.code import CodeConfig, source_problem
from runfold.values.profiles import rules_of
from runfold.values.profiles.rules import Call
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


def program_of(config: CodeConfig, inputs: dict[str, Any], profile: str = "") -> Program:
    """The program with what it is given.

    Args:
        config: The node's.
        inputs: What nodes gave and the run's inputs, by name.
        profile: Whose way of calling `main` holds; empty: it is called as it is written.

    Raises:
        NodeFailed: `code.too_complex` for one that is not run, `code.output_invalid` for one that
            has neither `main` nor `result`.
    """
    problem = source_problem(config.code, config.language)
    if problem:
        raise NodeFailed(problem, code="code.too_complex", kind="limit")
    rules = rules_of(profile)
    way = "" if rules is None else rules.call
    names = {"context": inputs, "params": config.given}
    if config.language == "javascript":
        if way == "args":
            names["params"] = {"params": config.given}
        return Program(config.code, names, runtime="javascript", prefers_main=bool(way))
    call = _call(config.code, frozenset(config.given), way)
    ending = call or RESULT
    if config.runtime == "full":
        return Program(config.code, names, ending, runtime="full", is_main=bool(call))
    code, modules = with_modules(config.code)
    preamble = _PREAMBLE + _ARGS + modules
    return Program(code, names, ending, preamble=preamble, is_main=bool(call))


_WAYS: dict[Call, str] = {"values": "**params", "args": "Args(params)"}
"""How a profile calls `main` → its arguments."""


@lru_cache(maxsize=256)
def _call(code: str, given: frozenset[str], way: Call = "") -> str:
    """How `main` is called, or nothing when the program sets `result`.

    Raises:
        NodeFailed: When the program has neither.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, *TOO_DEEP):
        return ""  # the sandbox says what is wrong, and where
    main = next((one for one in tree.body if _is_main(one)), None) if way else None
    if main is not None:
        return _awaited(main, _WAYS[way])
    if any(
        isinstance(node, ast.Name) and node.id == RESULT and isinstance(node.ctx, ast.Store)
        for statement in tree.body
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for node in ast.walk(statement)
    ):
        return ""
    for statement in tree.body:
        if _is_main(statement):
            return _awaited(statement, _arguments(statement, given))
    message = "the code gives no output: set `result`, or define `main(params)`"
    raise NodeFailed(message, code="code.output_invalid", kind="output")


def _is_main(statement: ast.stmt) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return name == MAIN
        case _:
            return False


def _awaited(main: ast.FunctionDef | ast.AsyncFunctionDef, arguments: str) -> str:
    call = f"{MAIN}({arguments})"
    return f"await {call}" if isinstance(main, ast.AsyncFunctionDef) else call


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
