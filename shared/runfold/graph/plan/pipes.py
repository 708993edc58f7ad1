"""Which nodes may read along: their task is handed out while the node before them is writing."""

from __future__ import annotations

import msgspec

from runfold.graph.definition import OUT, Edge, Node
from runfold.graph.kinds import INLINE, Kind, kind_of
from runfold.graph.plan.protection import protection_of
from runfold.values.references import EVERYTHING, exact_ref, references_in

READABLE = frozenset(("output", "reasoning"))
"""Outputs that a streaming node writes piece by piece."""


class Pipe(msgspec.Struct, frozen=True):
    """What a node reads while it is being written."""

    source: str
    """Id of the one node that leads to it."""
    fields: dict[str, str]
    """Configuration field → the output of the source that it takes piece by piece."""


def pipes_of(nodes: tuple[Node, ...], edges: tuple[Edge, ...]) -> dict[str, Pipe]:
    """The pipes of a graph, by the id of the node that reads."""
    incoming: dict[str, list[Edge]] = {}
    for edge in edges:
        incoming.setdefault(edge.target, []).append(edge)
    by_id = {node.id: node for node in nodes}
    found = {}
    for node in nodes:
        leading = incoming.get(node.id, ())
        kind = kind_of(node.type)
        # With another edge it would not be sure to run at all while its source writes.
        if kind is None or not kind.takes_stream or len(leading) != 1:
            continue
        pipe = _pipe(node, kind, by_id[leading[0].source], leading[0].port)
        if pipe is not None:
            found[node.id] = pipe
    return found


def _pipe(node: Node, kind: Kind, source: Node, port: str) -> Pipe | None:
    writes = kind_of(source.type)
    # One that is protected may have to wait for its turn, or not run at all.
    if protection_of(node) is not None:
        return None
    if writes is None or not writes.streams or INLINE in (writes.group, kind.group) or port != OUT:
        return None
    fields = {}
    for name in kind.takes_stream:
        ref = exact_ref(node.config.get(name))
        if ref is None or ref.root != source.id or len(ref.path) != 1:
            continue
        output = str(ref.path[0])
        if output in READABLE:
            fields[name] = output
    rest = {name: value for name, value in node.config.items() if name not in fields}
    # All else it wants of its source is there only when that has ended.
    waits = any(ref.root in (source.id, EVERYTHING) for ref in references_in(rest, raw=kind.raw))
    return Pipe(source.id, fields) if fields and not waits else None
