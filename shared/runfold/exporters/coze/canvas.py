"""The canvas in a document, to be changed in place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runfold.importers.coze.fields import plain
from runfold.importers.coze.shapes import shape_of

_DEEPEST = 4


def canvas_in(document: Any, depth: int = 0) -> dict[str, Any] | None:
    """The object that has nodes and edges; None where it stands as text inside another."""
    if not isinstance(document, dict) or depth > _DEEPEST:
        return None
    if isinstance(document.get("nodes"), list):
        shape = shape_of(document)
        return document if shape is not None and shape.canvas is document else None
    found = (canvas_in(one, depth + 1) for one in document.values() if isinstance(one, dict))
    return next((one for one in found if one is not None), None)


class Scope:
    """The nodes and edges of the canvas, or of the body of a loop or batch.

    Args:
        holder: What has them.
        nodes: The key that its nodes are under.
    """

    def __init__(self, holder: dict[str, Any], nodes: str) -> None:
        self.holder = holder
        self.nodes: list[Any] = holder[nodes]

    def edges(self) -> list[Any]:
        """Its connections, to be changed in place."""
        written = self.holder.get("edges")
        if not isinstance(written, list):
            written = self.holder["edges"] = []
        return written

    def blocks(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Its nodes by their ids."""
        for one in self.nodes:
            if isinstance(one, dict) and plain(one.get("id")):
                yield plain(one["id"]), one


def scopes_of(canvas: dict[str, Any]) -> list[Scope]:
    """The canvas and the bodies in it."""
    found = [Scope(canvas, "nodes")]
    for _, block in found[0].blocks():
        if isinstance(block.get("blocks"), list):
            found.append(Scope(block, "blocks"))
    return found


def blocks_of(canvas: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Id → node; of two with one id the first, which is the one that is read."""
    found: dict[str, dict[str, Any]] = {}
    for scope in scopes_of(canvas):
        for block_id, block in scope.blocks():
            found.setdefault(block_id, block)
    return found
