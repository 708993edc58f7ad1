"""`text` nodes: a table with one function for each operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.text import KIND, TextConfig
from runfold.isolated.pool import Threads
from runfold.values.json_text import text_of
from runfold_executor_text.regex import regex

MAX_LENGTH = 8 * 1024 * 1024
"""Most characters of a result."""

Outputs = dict[str, Any]

_threads = Threads(4, "regex")
"""For what a pattern makes slow: others are not to wait for it."""


async def run(_ctx: NodeContext, config: TextConfig, _inputs: dict[str, Any]) -> Outcome:
    """The result of the operation."""
    operation = OPERATIONS[config.operation]
    if config.operation == "regex":
        return Outcome(await _threads.run(operation, config))
    return Outcome(operation(config))


def _concat(config: TextConfig) -> Outputs:
    given = config.input if isinstance(config.input, list) else [config.input]
    pieces = [text_of(piece) for piece in (config.inputs or given)]
    separator = config.separator or ""
    within_limit(sum(map(len, pieces)) + len(separator) * len(pieces))
    return {"output": separator.join(pieces)}


def _split(config: TextConfig) -> Outputs:
    most = -1 if config.limit is None else config.limit - 1
    text, separator = text_of(config.input), config.separator
    pieces = list(text) if separator == "" else text.split(separator, most)
    if config.limit == 1 and separator is None:
        pieces = [text]
    return _pieces(pieces, config)


def _lines(config: TextConfig) -> Outputs:
    return _pieces(text_of(config.input).splitlines(), config)


def _pieces(pieces: list[str], config: TextConfig) -> Outputs:
    kept = pieces if config.keep_empty else [piece for piece in pieces if piece.strip()]
    return {"output": kept, "count": len(kept)}


def _replace(config: TextConfig) -> Outputs:
    if not config.search:
        message = "operation 'replace' needs `search`: the text to look for"
        raise NodeFailed(message, code="text.search_missing", kind="input")
    text, new = text_of(config.input), config.replacement or ""
    count = text.count(config.search)
    count = count if config.limit is None else min(count, config.limit)
    within_limit(len(text) + count * max(len(new) - len(config.search), 0))
    return {"output": text.replace(config.search, new, count), "count": count}


def _contains(config: TextConfig) -> Outputs:
    text, search = text_of(config.input), config.search
    if config.ignore_case:
        text, search = text.casefold(), search.casefold()
    return {"output": search in text, "count": text.count(search) if search else 0}


def _truncate(config: TextConfig) -> Outputs:
    text, limit = text_of(config.input), config.limit
    if limit is None:
        message = "operation 'truncate' needs `limit`: the most characters"
        raise NodeFailed(message, code="text.limit_missing", kind="input")
    if len(text) <= limit:
        return {"output": text}
    suffix = config.suffix[:limit]
    return {"output": text[: limit - len(suffix)] + suffix}


def _changed(change: Callable[[str], str]) -> Callable[[TextConfig], Outputs]:
    return lambda config: {"output": change(text_of(config.input))}


def within_limit(size: int) -> None:
    """Refuse a result of more than `MAX_LENGTH` characters."""
    if size > MAX_LENGTH:
        message = f"the result would have {size} characters; the limit is {MAX_LENGTH}"
        details = {"size": size, "limit": MAX_LENGTH}
        raise NodeFailed(message, code="text.too_long", kind="limit", details=details)


OPERATIONS: dict[str, Callable[[TextConfig], Outputs]] = {
    "concat": _concat,
    "split": _split,
    "lines": _lines,
    "replace": _replace,
    "regex": lambda config: regex(config, within_limit),
    "contains": _contains,
    "truncate": _truncate,
    "upper": _changed(str.upper),
    "lower": _changed(str.lower),
    "title": _changed(str.title),
    "trim": lambda config: {"output": text_of(config.input).strip(config.characters)},
    "length": lambda config: {"output": len(text_of(config.input))},
}
"""Every operation of the kind; a test holds the two together."""

NODE = NodeExecutor(KIND, run)
