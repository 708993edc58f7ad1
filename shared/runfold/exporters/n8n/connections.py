"""Connections of n8n, out of what native nodes say of where their items come from."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, NamedTuple

from runfold.exporters.exporter import Side
from runfold.exporters.n8n.groups import ITEMS, Group
from runfold.importers.n8n.document import MAIN


class Link(NamedTuple):
    """One connection that carries items."""

    source: str
    output: int
    target: str
    input: int


def links_of(groups: dict[str, Group], side: Side) -> dict[Link, None]:
    """The connections that the inputs of a definition's nodes stand for."""
    names = {one: one for one in groups}
    names |= {
        str(placed.node.config.get("node")): side.sources[native]
        for native, placed in side.flat.nodes.items()
        if native in side.sources and placed.node.type == ITEMS
    }
    found: dict[Link, None] = {}
    for group in groups.values():
        inputs: list[Any] = next(
            (
                placed.node.config.get("inputs", [])
                for placed in group.nodes.values()
                if placed.node.type == ITEMS
            ),
            [],
        )
        for place, sources in enumerate(inputs):
            for one in sources if isinstance(sources, list) else ():
                source = names.get(str(one.get("node"))) if isinstance(one, dict) else None
                if source is not None:
                    found[Link(source, int(one.get("output", 0)), group.name, place)] = None
    return found


def pairs_of(side: Side) -> dict[tuple[str, str], None]:
    """The nodes between which native edges lead, other than inside of one node."""
    found: dict[tuple[str, str], None] = {}
    for edge in side.flat.edges:
        source, target = side.sources.get(edge.source), side.sources.get(edge.target)
        if source and target and source != target:
            found[source, target] = None
    return found


def patched_connections(
    original: Any, before: dict[Link, None], now: dict[Link, None], gone: frozenset[str]
) -> dict[str, Any]:
    """The connections of the original without those that are gone, and with those that are new."""
    written: dict[str, Any] = deepcopy(original) if isinstance(original, dict) else {}
    for name in gone:
        written.pop(name, None)
    for source, types in written.items():
        for outputs in types.values() if isinstance(types, dict) else ():
            for output, targets in enumerate(outputs if isinstance(outputs, list) else ()):
                if isinstance(targets, list):
                    targets[:] = [
                        one
                        for one in targets
                        if not _is_gone(source, output, one, before, now, gone)
                    ]
    for link in now:
        if link not in before and link.source not in gone and link.target not in gone:
            _connect(written, link)
    return written


def _is_gone(
    source: str,
    output: int,
    target: Any,
    before: dict[Link, None],
    now: dict[Link, None],
    gone: frozenset[str],
) -> bool:
    if not isinstance(target, dict):
        return False
    name = str(target.get("node"))
    if name in gone:
        return True
    place = target.get("index")
    link = Link(source, output, name, place if isinstance(place, int) else 0)
    return target.get("type", MAIN) == MAIN and link in before and link not in now


def _connect(written: dict[str, Any], link: Link) -> None:
    types = written.setdefault(link.source, {})
    outputs = types.setdefault(MAIN, [])
    while len(outputs) <= link.output:
        outputs.append([])
    if not isinstance(outputs[link.output], list):
        outputs[link.output] = []
    outputs[link.output].append({"node": link.target, "type": MAIN, "index": link.input})
