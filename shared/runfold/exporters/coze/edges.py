"""Connections of a canvas that came or went."""

from __future__ import annotations

from typing import Any, NamedTuple

from runfold.exporters.coze.canvas import Scope
from runfold.exporters.exporter import Side
from runfold.graph.definition import OUT
from runfold.importers.coze.fields import plain


class Drawn(NamedTuple):
    """A native edge between nodes that stand for two of the canvas."""

    source: str
    target: str
    port: str


def drawn_of(side: Side) -> dict[Drawn, None]:
    """The edges of a definition, by ids of the canvas."""
    found: dict[Drawn, None] = {}
    for edge in side.flat.edges:
        source, target = side.sources.get(edge.source), side.sources.get(edge.target)
        if source and target and source != target:
            found[Drawn(source, target, edge.port)] = None
    return found


def connect(
    scopes: list[Scope], before: dict[Drawn, None], now: dict[Drawn, None], gone: set[str]
) -> list[Drawn]:
    """Change the connections of a canvas in place; those that it has no port for come back.

    Args:
        scopes: The canvas and its bodies.
        before: The edges as they were imported.
        now: The edges as they are.
        gone: Ids of nodes that the canvas no longer has.
    """
    ports = _ports(scopes, before)
    pairs = {(one.source, one.target) for one in now}
    unplaced = []
    for one in before:
        if one in now or {one.source, one.target} & gone:
            continue
        is_led = (one.source, one.target) in pairs
        if is_led and (one.source, one.port) not in ports:
            unplaced.append(one)
            continue
        _drop(scopes, one, ports[one.source, one.port] if is_led else None)
    for scope in scopes:
        scope.edges()[:] = [one for one in scope.edges() if not set(_ends(one)) & gone]
    for one in now:
        if one in before or {one.source, one.target} & gone:
            continue
        port = ports.get((one.source, one.port), "" if one.port == OUT else None)
        if port is None or not _added(scopes, one, port):
            unplaced.append(one)
    return unplaced


def _ports(scopes: list[Scope], before: dict[Drawn, None]) -> dict[tuple[str, str], str]:
    """Node and native port → what the canvas calls it, as far as one edge alone tells."""
    found: dict[tuple[str, str], str] = {}
    for one in before:
        native = [each for each in before if each[:2] == one[:2]]
        written = [
            plain(edge.get("sourcePortID"))
            for scope in scopes
            for edge in scope.edges()
            if _ends(edge) == one[:2]
        ]
        if len(native) == len(written) == 1:
            found[one.source, one.port] = written[0]
    return found


def _drop(scopes: list[Scope], one: Drawn, port: str | None) -> None:
    """Take the connections between two nodes out, or the one at a port alone."""
    for scope in scopes:
        scope.edges()[:] = [
            edge
            for edge in scope.edges()
            if _ends(edge) != one[:2]
            or (port is not None and plain(edge.get("sourcePortID")) != port)
        ]


def _ends(edge: Any) -> tuple[str, str]:
    if not isinstance(edge, dict):
        return "", ""
    return plain(edge.get("sourceNodeID")), plain(edge.get("targetNodeID"))


def _added(scopes: list[Scope], one: Drawn, port: str) -> bool:
    """Add a connection in the scope that both its ends are in; whether there is one."""
    for scope in scopes:
        if {one.source, one.target} <= {block_id for block_id, _ in scope.blocks()}:
            edge = {"sourceNodeID": one.source, "targetNodeID": one.target}
            scope.edges().append(edge | ({"sourcePortID": port} if port else {}))
            return True
    return False
