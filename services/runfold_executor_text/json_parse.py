"""`json_parse` nodes: strict JSON, or JSON somewhere in a model's answer.

`read_json` checks numbers, size and nesting. Here is only where in a text JSON begins and ends.
"""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Any

import msgspec

from runfold.contracts.json_reader import read_json
from runfold.errors import NodeFailed, Undecodable
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.json_parse import KIND, JsonParseConfig

_THOUGHT = re.compile(
    r"(?:\s*<(think|thinking)>.*?</\1>)+|(?:(?!<think).)*?</think(?:ing)?>",
    re.DOTALL | re.IGNORECASE,
)
"""The thought before a model's answer; some servers leave the first tag out."""
_UNENDED = re.compile(r"\s*<think(?:ing)?>", re.IGNORECASE)
_FENCE = re.compile(r"```[a-zA-Z0-9_-]*[ \t]*\n(.*?)```", re.DOTALL)
_OPENING = re.compile(r"[{\[]")
_UNTERMINATED = "Unterminated string"
_MAX_STARTS = 100
"""Most places in prose that are tried as JSON: each costs a look at all the text before it."""

_scan = json.JSONDecoder(strict=False).raw_decode
"""Finds where JSON ends; the value it gives is not used."""


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
    return _read(text, 0, len(text))


def parse_loosely(text: str) -> Any:
    """The JSON value of a text: all of it, its code block, or its first object or array.

    A thought at the beginning is passed over, since a draft in it is not the answer. JSON that is
    cut off, or has a number such as NaN, fails. No part of it is taken for the whole.

    Raises:
        NodeFailed: `json.invalid`.
    """
    try:
        return parse(text)
    except NodeFailed as error:
        thought = _THOUGHT.match(text)
        begin = thought.end() if thought else 0
        if _UNENDED.match(text, begin):
            raise _invalid("not JSON: a thought that does not end, and no answer") from None
        found = _in_a_block(text, begin) or _first_value(text, begin)
        if found is None:
            raise error from None
        return _read(text, *found)


def _read(text: str, start: int, end: int) -> Any:
    try:
        return read_json(text[start:end])
    except Undecodable as error:
        byte = error.details.get("byte")
        if byte is None:
            raise _invalid(error.message) from error
        read = text[start:end].removeprefix("\ufeff").encode(errors="replace")
        raise _invalid(error.message, text[:start] + read[:byte].decode(errors="ignore")) from error


def _in_a_block(text: str, begin: int) -> tuple[int, int] | None:
    """The place of the first code block that holds nothing but JSON."""
    for block in islice(_FENCE.finditer(text, begin), _MAX_STARTS):
        start, end = block.span(1)
        start += len(block[1]) - len(block[1].lstrip())
        until = _scanned(text[:end], start)[0] if start < end else None
        if until is not None and not text[until:end].strip():
            return start, until
    return None


def _first_value(text: str, begin: int) -> tuple[int, int] | None:
    """The place of the first object or array."""
    for _ in range(_MAX_STARTS):
        opening = _OPENING.search(text, begin)
        if opening is None:
            break
        start = opening.start()
        end, begin = _scanned(text, start)
        if end is not None:
            return start, end
    return None


def _scanned(text: str, start: int) -> tuple[int | None, int]:
    """Where the JSON value that begins at `start` ends, and where to look for another.

    The end is None when it is not JSON. Its parts before the fault are not looked at again: they
    are not what the model meant.
    """
    try:
        end = _scan(text, start)[1]
    except json.JSONDecodeError as error:
        if error.msg.startswith(_UNTERMINATED) or error.pos >= len(text.rstrip()):
            raise _invalid("JSON begins here and is cut off", text[:start]) from error
        return None, max(error.pos, start + 1)
    except (RecursionError, ValueError):
        end = len(text)  # nested too deep, or too many digits: the strict reader says so
    return end, end


def _invalid(message: str, before: str | None = None) -> NodeFailed:
    """The failure; `before` is the text before the place that is wrong."""
    if before is None:
        return NodeFailed(message, code="json.invalid", kind="input")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    details = {"line": line, "column": column, "position": len(before)}
    said = f"{message} (line {line}, column {column})"
    return NodeFailed(said, code="json.invalid", kind="input", details=details)


NODE = NodeExecutor(KIND, run)
