"""What a graph reads of a node whose outputs its own settings do not name."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.source import Source
from runfold.importers.dify.text import references_of

_DEEPEST = 40


INLINE = (
    *("if-else", "answer", "end", "assigner", "variable-aggregator", "iteration", "loop"),
    "human-input",
)
"""Types whose nodes the scheduler decides itself, which knows no secrets."""


def read_inline(source: Source, root: str) -> set[str]:
    """What of a scope such as `env` is read by nodes that no executor runs."""
    found: dict[str, None] = {}
    for node in source.nodes.values():
        if node.type in INLINE:
            _walk(node.data, root, found, _DEEPEST)
    return set(found)


def outputs_read(source: Source, node_id: str) -> list[str]:
    """The outputs of a node that anything refers to, each once."""
    found: dict[str, None] = {}
    for node in source.nodes.values():
        _walk(node.data, node_id, found, _DEEPEST)
    return list(found)


def _walk(value: Any, node_id: str, found: dict[str, None], depth: int) -> None:
    if depth == 0:
        return
    match value:
        case str() if "{{#" in value:
            for selector in references_of(value):
                if selector[0] == node_id and len(selector) > 1:
                    found[selector[1]] = None
        case dict():
            for inner in value.values():
                _walk(inner, node_id, found, depth - 1)
        case [str() as first, str() as second, *_] if first == node_id:
            found[second] = None
        case list():
            for inner in value:
                _walk(inner, node_id, found, depth - 1)
        case _:
            return
