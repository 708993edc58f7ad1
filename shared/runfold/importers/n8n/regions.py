"""Loops and their variables: what a document's circles need, before any node is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from runfold.importers.draft import Draft
from runfold.importers.n8n.circles import Region, regions_of
from runfold.importers.n8n.document import Link, Node
from runfold.importers.n8n.mentions import names_in, reads_runs
from runfold.importers.n8n.sources import Loop, Places, gathered, joined, other
from runfold.importers.n8n.wiring import Wiring

BATCHES = "splitInBatches"


def places_of(wiring: Wiring, draft: Draft) -> Places:
    """Put every step of a document into its loop, and give loops their variables."""
    steps = wiring.steps()
    nodes = wiring.document.nodes
    batches = frozenset(name for name in steps if nodes[name].kind == BATCHES)
    root, cut = regions_of(steps, wiring.main, wiring.entries, batches)
    if cut:
        main = tuple(link for link in wiring.main if link not in cut)
        return places_of(replace(wiring, main=main), draft)
    ids = {name: draft.id_of(name) for name in steps}
    home: dict[str, Loop | None] = {}
    loops: list[Loop] = []
    _enter(root, None, home, loops, draft, ids)
    places = Places(
        document=wiring.document,
        wiring=wiring,
        root=root,
        home=home,
        ids=ids,
        loops=tuple(loops),
    )
    for link in wiring.main:
        _cross(link, places, draft)
    if joined(places) or gathered(places):
        places = replace(places, has_runs=True, ranks=_ranks(wiring))
    for name in steps:
        _read(nodes[name], places, draft)
    return places


def _ranks(wiring: Wiring) -> dict[Link, int]:
    """The places of connections among those that leave the same node, where it has several."""
    leaving: dict[str, list[Link]] = {}
    for link in wiring.main:
        leaving.setdefault(link.source, []).append(link)
    return {
        link: place
        for links in leaving.values()
        for place, link in enumerate(links)
        if len(links) > 1
    }


def _enter(
    region: Region,
    around: Loop | None,
    home: dict[str, Loop | None],
    loops: list[Loop],
    draft: Draft,
    ids: Mapping[str, str],
) -> None:
    for name in region.members:
        home[name] = around
    for inner in region.inner:
        loop = Loop(draft.fresh_id(f"{ids[inner.header][:48]}_loop"), inner, around)
        loops.append(loop)
        _enter(inner, loop, home, loops, draft, ids)


def _cross(link: Link, places: Places, draft: Draft) -> None:
    """Give the loops that a connection leads out of or into a variable for its items."""
    depth = places.common(link.source, link.target)
    if places.is_back(link):
        # What comes back crosses out of loops inside the one whose next round it begins.
        depth = len(places.chain(link.target))
    else:
        for loop in places.chain(link.target)[depth:]:
            key = (link.target, link.input)
            if key not in loop.ways_in:
                wanted = f"in_{places.ids[link.target][:40]}_{link.input}"
                loop.ways_in[key] = draft.fresh_id(wanted)
    for loop in places.chain(link.source)[depth:]:
        way_out = (link.source, link.output)
        if way_out not in loop.ways_out:
            wanted = f"out_{places.ids[link.source][:40]}_{link.output}"
            loop.ways_out[way_out] = draft.fresh_id(wanted)


def _read(node: Node, places: Places, draft: Draft) -> None:
    """Give loops a variable for nodes inside that expressions read from elsewhere."""
    parts = [
        places.document.nodes[part]
        for parts in places.wiring.parts.get(node.name, {}).values()
        for part in parts
    ]
    for reader in (node, *parts):
        for name in names_in(reader.parameters):
            if name in places.home and name != node.name:
                _keep(node.name, name, places, draft, has_runs=reads_runs(reader.parameters))


def _keep(reader: str, name: str, places: Places, draft: Draft, *, has_runs: bool) -> None:
    depth = places.common(reader, name)
    chain = places.chain(name)
    outside = chain[depth:]
    around = chain[depth - 1] if depth else None
    if not outside and around is not None and not _comes_before(name, reader, places):
        outside = [around]
    for loop in outside:
        if name not in loop.kept:
            loop.kept[name] = draft.fresh_id(f"last_{places.ids[name][:40]}")
        if has_runs and name not in loop.runs:
            loop.runs[name] = draft.fresh_id(f"runs_{places.ids[name][:40]}")


def _comes_before(name: str, reader: str, places: Places) -> bool:
    """Whether a node has always run before another one of the same round."""
    before: dict[str, list[str]] = {}
    for link in places.wiring.main:
        if not places.is_back(link):
            before.setdefault(link.target, []).append(link.source)
    seen, wanted = {reader}, [reader]
    while wanted:
        for source in before.get(wanted.pop(), ()):
            if source == name:
                return True
            if source not in seen:
                seen.add(source)
                wanted.append(source)
    return False


def reading(places: Places, reader: str, name: str) -> dict[str, Any] | None:
    """What expressions of a node read of another one; None of what is no step."""
    if name not in places.home:
        return None
    keeps = places.document.nodes[name].kind == BATCHES
    own, kept = ("state", "context") if keeps else ("", "")
    if reader not in places.home:
        return other(places.ids[name], own)
    depth = places.common(reader, name)
    chain = places.chain(name)
    if len(chain) > depth:
        loop = chain[depth]
        rounds = f"{loop.id}.{loop.runs[name]}" if name in loop.runs else ""
        return other(f"{loop.id}.{loop.kept[name]}", kept, rounds) if name in loop.kept else None
    around = chain[depth - 1] if depth else None
    if around is not None and name in around.kept and not _comes_before(name, reader, places):
        return other(around.kept[name], kept, around.runs.get(name, ""))
    return other(places.ids[name], own)
