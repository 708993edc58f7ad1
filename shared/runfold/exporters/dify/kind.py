"""How nodes of one kind are written as nodes of Dify."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from runfold.exporters.dify.room import Room
from runfold.exporters.writing import Writing
from runfold.graph.definition import ERROR, OUT, Node
from runfold.importers.dify.flow import MEANT_PORTS, Path
from runfold.importers.dify.source import FAIL_BRANCH, SOURCE


class WrittenKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind."""

    type: str
    """The type of node that it becomes."""
    write: Callable[[Writing, Room], None]
    outputs: Mapping[str, Path] = {}
    """Output here → the way to it in Dify."""
    spell: Callable[[Node, Path], Path | None] | None = None
    """Way to an output, where a table cannot say it."""
    handle: Callable[[Node, str], str] | None = None
    """The handle of a port, of a kind that branches."""


def handle_of(kind: WrittenKind | None, node: Node, port: str) -> str:
    """The handle at which an edge leaves a node of Dify."""
    if port == OUT:
        return SOURCE
    if port == ERROR:
        return FAIL_BRANCH
    return kind.handle(node, port) if kind and kind.handle else handle(port)


def handle(port: str) -> str:
    """A port as the handle that it was made of."""
    plain = port.removesuffix("_")
    return plain if plain != port and plain in MEANT_PORTS else port
