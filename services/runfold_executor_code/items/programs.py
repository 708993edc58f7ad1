"""`code`, `function` and `functionItem`: programs over items, in JavaScript or in Python."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts.json_reader import read_json
from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext
from runfold.graph.kinds.items import ItemsConfig
from runfold.isolated.pool import Threads
from runfold.values.python_bounds import size_problem
from runfold_executor_code.code import asker_of, failed_program, limits_of
from runfold_executor_code.items.python_programs import python_program
from runfold_executor_code.items.returned import item_of, items_of
from runfold_executor_code.items.running import program_of
from runfold_executor_code.items.step import ItemFailed, Made, Step, StepFailed
from runfold_executor_code.plain import plain
from runfold_executor_code.sandbox import Program, ProgramFailed, Result

_threads = Threads(4, "item programs")
PROGRAMS = ("code", "function", "functionItem", "aiTransform")
"""Operations whose parameters are programs: nothing in them is an expression."""
_EACH = "runOnceForEachItem"


class _Told(msgspec.Struct):
    """What a program came to."""

    result: Any = None
    is_missing: bool = False
    """Whether nothing was returned: null is no items, and nothing is a mistake."""
    results: list[Any] = []
    errors: dict[str, str] = {}


async def run_program(
    ctx: NodeContext, config: ItemsConfig, step: Step, data: dict[str, Any]
) -> list[list[Made]]:
    """Run the program of a node and give its items.

    Raises:
        ItemFailed: When it fails for an item, and the node does not go on after errors.
        StepFailed: When what it gives are no items.
        NodeFailed: `code.…` when it fails altogether.
    """
    mode = _mode(config)
    try:
        program = await _threads.run(_program, config, mode, data)
        result = await ctx.resource.run(program, limits_of(ctx.settings.code), asker_of(ctx))
        _log(ctx, result.printed)
        told = await _threads.run(_told, result, mode, ctx.settings.code.max_output_bytes)
        if mode == "all":
            return [items_of(told.result, is_missing=told.is_missing)]
        return [_each(step, told, mode)]
    except ProgramFailed as error:
        _log(ctx, error.printed)
        if error.reason != "error" or not step.goes_on:
            raise _failed(error, config) from error
        return _failure(step, _thrown(error))
    except StepFailed as error:
        if not step.goes_on:
            raise
        return _failure(step, str(error))


def _log(ctx: NodeContext, text: str) -> None:
    if text:
        ctx.log("code printed", text=text)


def _mode(config: ItemsConfig) -> str:
    if config.operation == "functionItem":
        return "functionItem"
    return "each" if config.parameters.get("mode") == _EACH else "all"


def _is_python(config: ItemsConfig) -> bool:
    return str(config.parameters.get("language", "")).lower().startswith("python")


def _source(config: ItemsConfig) -> str:
    names = ("pythonCode",) if _is_python(config) else ("jsCode", "functionCode", "code")
    found = next((config.parameters[name] for name in names if name in config.parameters), None)
    if isinstance(found, str):
        return found
    # What n8n shows in a node whose program is empty.
    return "return _items" if _is_python(config) else "return items;"


def _program(config: ItemsConfig, mode: str, data: dict[str, Any]) -> Program:
    source = _source(config)
    if _is_python(config):
        return python_program(source, data, each=mode != "all")
    if problem := size_problem(source):
        raise StepFailed(problem)
    goes_on = config.settings.on_error != "stop"
    return program_of(source, (source,), {**data, "mode": mode, "goes_on": goes_on}, "programs")


def _told(result: Result, mode: str, limit: int) -> _Told:
    if isinstance(result.value, str) and result.value.startswith(('{"result":', '{"results":')):
        return read_json(result.value.encode(), _Told)
    value = plain(result.value, limit)
    return _Told(value, value is None) if mode == "all" else _Told(results=value)


def _each(step: Step, told: _Told, mode: str) -> list[Made]:
    made: list[Made] = []
    for index, value in enumerate(told.results):
        with step.guarded(index):
            if (message := told.errors.get(str(index))) is not None:
                raise ItemFailed(index, message)
            given = {"json": value} if mode == "functionItem" and value is not None else value
            if (item := item_of(given, index)) is not None:
                made.append(_with_binary(item, step, index) if mode == "functionItem" else item)
    return made


def _with_binary(made: Made, step: Step, index: int) -> Made:
    return Made(made.json, step.items[index].get("binary"), made.paired)


def _failed(error: ProgramFailed, config: ItemsConfig) -> NodeFailed:
    if _is_python(config) and error.source_line:
        # Its lines are counted in the program that was made of it.
        error.message = f"{error.message} (in `{error.source_line}`)"
        error.line = None
    return failed_program(error, _source(config))


def _thrown(error: ProgramFailed) -> str:
    """What a program threw, as n8n puts it into an item: its message, and where it was."""
    message = error.message.removeprefix(f"{error.exception}: ")
    return f"{message} [line {error.line}]" if error.line else message


def _failure(step: Step, message: str) -> list[list[Made]]:
    """One item with the error, where the node goes on after it."""
    step.failed.clear()
    made = [Made({"error": message})]
    return [[], made] if step.settings.on_error == "error_output" else [made]
