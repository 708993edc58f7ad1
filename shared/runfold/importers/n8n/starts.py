"""Nodes that begin although no trigger leads to them: of fragments, and of the order `v0`.

A document without a trigger begins at the nodes that no other leads to. In `v0`, what a node with
several inputs waits for is run as well, where nothing leads to it: with one empty item.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from runfold.importers.n8n.document import Document, Link, Node
from runfold.importers.n8n.entries import is_trigger
from runfold.importers.n8n.wiring import ALSO, Wiring, wired

GIVEN = "begin here"
"""The node that stands where a document has no trigger."""
EMPTY = "begin empty"
"""The node that gives an empty item to what `v0` runs as well."""


def started(document: Document) -> Document:
    """The document with nodes to begin at where it has none."""
    if not any(is_trigger(one) and not one.is_disabled for one in document.nodes.values()):
        return _with_node(document, GIVEN, "manualTrigger", wired(document).entries)
    if document.order != "v0":
        return document
    waited_for = _waited_for(wired(document))
    return _with_node(document, EMPTY, ALSO, waited_for) if waited_for else document


def _with_node(document: Document, title: str, kind: str, targets: Iterable[str]) -> Document:
    name = title
    while name in document.nodes:
        name += " "
    node = Node(
        name=name,
        title=title,
        type="",
        written="",
        package="",
        kind=kind,
        version=1.0,
        parameters={},
    )
    links = tuple(Link(name, 0, target, 0) for target in targets)
    return replace(document, nodes={name: node, **document.nodes}, links=(*document.links, *links))


def _waited_for(wiring: Wiring) -> list[str]:
    """Where the branches begin that are not reached and lead to another input of a reached node."""
    inputs: dict[str, set[int]] = {}
    before: dict[str, list[str]] = {}
    for link in wiring.main:
        inputs.setdefault(link.target, set()).add(link.input)
        before.setdefault(link.target, []).append(link.source)
    joins = [name for name in wiring.reached if len(inputs.get(name, ())) > 1]
    seen: set[str] = set()
    wanted = [one for name in joins for one in before[name] if one not in wiring.reached]
    while wanted:
        name = wanted.pop()
        if name not in seen:
            seen.add(name)
            wanted += before.get(name, ())
    nodes = wiring.document.nodes
    return [
        name
        for name in nodes
        if name in seen and not before.get(name) and not is_trigger(nodes[name])
    ]
