"""What a graph reads of a node or of a scope, whose own settings do not name it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from runfold.importers.dify.source import SourceNode

Reads = dict[str, dict[str, None]]
"""Node or scope → the names of it that anything refers to, each once."""
INLINE = (
    *("if-else", "answer", "end", "assigner", "variable-aggregator", "iteration", "loop"),
    "human-input",
)
"""Types whose nodes the scheduler decides itself, which knows no secrets."""
_DEEPEST = 40


def reads_of(
    nodes: Iterable[SourceNode], references: Callable[[str], list[tuple[str, ...]]]
) -> Reads:
    """What nodes refer to, by selectors and in text.

    Args:
        nodes: The nodes.
        references: Selectors that a text refers to.
    """
    found: Reads = {}
    for node in nodes:
        _walk(node.data, references, found, _DEEPEST)
    return found


def _walk(
    value: Any, references: Callable[[str], list[tuple[str, ...]]], found: Reads, depth: int
) -> None:
    for selector in _selectors(value, references):
        found.setdefault(selector[0], {})[selector[1]] = None
    inner: Iterable[Any] = value.values() if isinstance(value, dict) else ()
    for one in value if isinstance(value, list) else inner:
        if depth:
            _walk(one, references, found, depth - 1)


def _selectors(
    value: Any, references: Callable[[str], list[tuple[str, ...]]]
) -> Iterator[tuple[str, ...]]:
    """What a value itself refers to: as a text, or as a list that is a selector."""
    if isinstance(value, str) and "{{#" in value:
        yield from (one for one in references(value) if len(one) > 1)
        return
    match value:
        case [str() as root, str() as name, *_]:
            yield (root, name)
        case _:
            return
