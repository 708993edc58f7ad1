"""What leads where in a document: connections of items, parts of nodes, entries, their reach."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from runfold.importers.n8n.arrival import in_order
from runfold.importers.n8n.document import MAIN, NOTE, Document, Link, Node
from runfold.importers.n8n.entries import is_trigger

ALSO = "begins as well"
"""Kind of a node that was added, at which a run begins beside its trigger."""


class Wiring(msgspec.Struct, frozen=True, kw_only=True):
    """The connections of a document, sorted."""

    document: Document
    main: tuple[Link, ...]
    """Connections of items between nodes that are steps."""
    parts: dict[str, dict[str, list[str]]]
    """Node → type of connection → nodes that are a part of it."""
    wholes: dict[str, list[str]]
    """Part → nodes that it is a part of."""
    entries: tuple[str, ...]
    """Nodes that a run can begin at, the one for a run by hand first."""
    reached: frozenset[str]
    """Steps that a run can come to."""
    always: tuple[str, ...] = ()
    """Nodes that begin beside every trigger."""

    def parts_of(self, name: str, type_: str) -> list[Node]:
        """The nodes that are a part of another in one way, in the order of their connections."""
        nodes = self.document.nodes
        return [
            nodes[part]
            for part in self.parts.get(name, {}).get(type_, ())
            if not nodes[part].is_disabled
        ]

    def is_part(self, name: str) -> bool:
        """Whether a node is a part of others and no step itself."""
        return name in self.wholes and not any(
            name in (one.source, one.target) for one in self.main
        )

    def steps(self) -> list[str]:
        """Nodes that are steps: neither notes nor parts of others."""
        return [
            name
            for name, node in self.document.nodes.items()
            if node.kind != NOTE and not self.is_part(name)
        ]


def wired(document: Document) -> Wiring:
    """Sort the connections of a document."""
    parts: dict[str, dict[str, list[str]]] = {}
    wholes: dict[str, list[str]] = {}
    main = []
    for link in document.links:
        if document.nodes[link.source].kind == NOTE or document.nodes[link.target].kind == NOTE:
            continue
        if link.type == MAIN:
            main.append(link)
        elif link.type.startswith("ai_"):
            parts.setdefault(link.target, {}).setdefault(link.type, []).append(link.source)
            wholes.setdefault(link.source, []).append(link.target)
    sorted_ = Wiring(
        document=document,
        main=tuple(main),
        parts=parts,
        wholes=wholes,
        entries=(),
        reached=frozenset(),
    )
    entries = _entries(sorted_)
    always = tuple(name for name, node in document.nodes.items() if node.kind == ALSO)
    return msgspec.structs.replace(
        sorted_,
        main=tuple(in_order(document, main, (*entries, *always))),
        entries=entries,
        reached=_reached((*entries, *always), main),
        always=always,
    )


def _entries(wiring: Wiring) -> tuple[str, ...]:
    """Triggers that are not disabled; without any, the nodes that no other leads to."""
    nodes = wiring.document.nodes
    steps = wiring.steps()
    found = [name for name in steps if is_trigger(nodes[name]) and not nodes[name].is_disabled]
    if not found:
        led_to = {link.target for link in wiring.main}
        found = [name for name in steps if name not in led_to]
    if not found:  # nothing but circles
        found = steps[:1]
    led = {name: sum(link.source == name for link in wiring.main) for name in found}
    return tuple(sorted(found, key=lambda name: _rank(nodes[name], led[name])))


_BY_HAND = ("manualTrigger", "start", "chatTrigger", "manualChatTrigger", "formTrigger")
_BY_OTHERS = ("executeWorkflowTrigger", "webhook", "scheduleTrigger", "cron", "interval")
_LAST = ("errorTrigger",)


def _rank(node: Node, leads: int) -> tuple[bool, int, float, float]:
    """How soon a run by hand begins at a trigger: those made for it first, of two the upper."""
    order = [*_BY_HAND, *_BY_OTHERS]
    place = order.index(node.kind) if node.kind in order else len(order)
    place = len(order) + 1 if node.kind in _LAST else place
    return (leads == 0, place, node.position[1], node.position[0])


def _reached(entries: Iterable[str], links: Iterable[Link]) -> frozenset[str]:
    after: dict[str, list[str]] = {}
    for link in links:
        after.setdefault(link.source, []).append(link.target)
    reached, wanted = set(entries), list(entries)
    while wanted:
        for target in after.get(wanted.pop(), ()):
            if target not in reached:
                reached.add(target)
                wanted.append(target)
    return frozenset(reached)
