"""`json_parse` nodes: strict JSON, or JSON somewhere inside what a model wrote."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import msgspec

from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.json_parse import KIND, JsonParseConfig

_FENCE = re.compile(r"```[a-zA-Z0-9_-]*[ \t]*\n(.*?)```", re.DOTALL)
_OPENING = re.compile(r"[{\[]")
_MAX_STARTS = 100
"""Brackets in prose that are tried as the beginning of JSON."""
_SHOWN = 40


async def run(_ctx: NodeContext, config: JsonParseConfig, _inputs: dict[str, Any]) -> Outcome:
    """The parsed value."""
    if not isinstance(config.input, str):
        return Outcome({"output": config.input})
    try:
        value = parse(config.input) if config.strict else parse_loosely(config.input)
    except NodeFailed:
        if config.default is msgspec.UNSET:
            raise
        value = config.default
    return Outcome({"output": value})


def parse(text: str) -> Any:
    """The JSON value that the whole text is.

    Raises:
        NodeFailed: `json.invalid`, naming line and column.
    """
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        near = text[max(error.pos - _SHOWN // 2, 0) : error.pos + _SHOWN // 2]
        message = (
            f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}, near {near!r}"
        )
        details = {"line": error.lineno, "column": error.colno, "position": error.pos}
        raise NodeFailed(message, code="json.invalid", kind="input", details=details) from error
    except (ValueError, RecursionError) as error:
        message = f"not JSON: {error}"
        raise NodeFailed(message, code="json.invalid", kind="input") from error


def parse_loosely(text: str) -> Any:
    """The JSON value a text is, has in a code block, or has as its first object or array.

    Raises:
        NodeFailed: `json.invalid`, as strict parsing says it, when there is none.
    """
    try:
        return parse(text)
    except NodeFailed as error:
        for candidate in _FENCE.findall(text):
            try:
                return parse(candidate)
            except NodeFailed:
                continue
        found, value = _first_inside(text)
        if not found:
            raise error from None
        return value


def _first_inside(text: str) -> tuple[bool, Any]:
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    for count, opening in enumerate(_OPENING.finditer(text)):
        if count == _MAX_STARTS:
            break
        try:
            return True, decoder.raw_decode(text, opening.start())[0]
        except (ValueError, RecursionError):
            continue
    return False, None


def _no_constant(name: str) -> NoReturn:
    message = f"{name} is not a JSON value"
    raise ValueError(message)


NODE = NodeExecutor(KIND, run)
