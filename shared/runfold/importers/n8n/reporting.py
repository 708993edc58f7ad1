"""The report: one line for each node of the document, also for notes and for what is broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from runfold.importers.n8n.document import NOTE, Document, Link, Node
from runfold.importers.n8n.parts.services import unknown_type
from runfold.importers.n8n.room import Part, Room
from runfold.importers.n8n.wiring import Wiring
from runfold.importers.report import Result

_ORDER: tuple[Result, ...] = ("mapped", "approximated", "unsupported")


class Differences(msgspec.Struct, frozen=True):
    """What differs in how the nodes of a document are joined."""

    lost: Sequence[Link]
    """Connections that are left out."""
    gathered: frozenset[str]
    """Nodes whose items leave a loop in several rounds."""


def report(
    document: Document,
    wiring: Wiring,
    parts: Mapping[str, Part],
    room: Room,
    differences: Differences,
) -> None:
    """Write the lines of a document into its draft.

    Args:
        document: As it was read, without what was added to it.
        wiring: Its connections.
        parts: What its steps became.
        room: What was said of parts of nodes.
        differences: What differs in how its nodes are joined.
    """
    for name, node in document.nodes.items():
        result, reasons = _said(name, node, wiring, parts, room)
        lost = [link for link in differences.lost if link.source == name]
        if lost:
            result = _worse(result, "approximated")
            reasons += [
                f"its connection {link.output} to {link.target} is left out" for link in lost
            ]
        if name in differences.gathered:
            result = _worse(result, "approximated")
            reasons.append("what leaves the loop here goes on when it is over")
        gone = [target for source, target in document.dangling if source == name]
        if gone:
            result = _worse(result, "approximated")
            reasons.append(f"leads to what is not in the document: {', '.join(gone)[:200]}")
        room.draft.line(node.title, node.written, result, "; ".join(one for one in reasons if one))
    for place in document.broken:
        room.draft.line(place, "", "unsupported", "is not a node")


def _said(
    name: str, node: Node, wiring: Wiring, parts: Mapping[str, Part], room: Room
) -> tuple[Result, list[str]]:
    if node.kind == NOTE:
        return "mapped", ["kept as a note"]
    if name in parts:
        part = parts[name]
        reasons = [part.reason]
        if name not in wiring.reached:
            reasons.append("no trigger leads to it: it is kept, and never runs")
        return part.result, reasons
    if name in room.lines:
        result, reason = room.lines[name]
        return result, [reason]
    unknown = unknown_type(node)
    if unknown:
        return "unsupported", [unknown]
    if node.is_disabled:
        return "mapped", ["turned off: left out"]
    whole = wiring.wholes.get(name, ["?"])[0]
    return "approximated", [f"a part of {whole}, which does without it here"]


def _worse(one: Result, other: Result) -> Result:
    return max(one, other, key=_ORDER.index)
