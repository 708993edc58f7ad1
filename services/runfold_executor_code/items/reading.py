"""The lists of items that come into a step, of any shape: what is not an item is made one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from runfold_executor_code.items.step import Item, Links, Run


class Way(msgspec.Struct, frozen=True):
    """How items come along a connection, which says when a run that they begin comes."""

    rank: int | None = None
    """The place among the connections of where they come from; None: there is no other."""
    is_wide: bool = False
    """Whether nodes that are equally far from the beginning run after one another (`v0`)."""
    into_loop: str = ""
    """`in`: they begin a loop; `back`: they begin its next round."""


_STRAIGHT = Way()


class Input(msgspec.Struct, frozen=True):
    """What came in at one input: along one connection, or of all nodes that lead to it."""

    items: list[Item]
    links: list[Links]
    """One for each item."""
    node: str = ""
    """Where it came from, when it is one node and said so."""
    output: int = 0
    way: Way = _STRAIGHT
    came: Run = ()
    """When it came, beside what else comes to the step: the run it is of, and its place there."""
    run: Run = ()
    """The run of this step that it begins."""


def arrivals_of(written: list[Any]) -> tuple[list[Input], ...]:
    """What came along each connection of each input of a configuration; nothing that is empty.

    Args:
        written: A list for each input, of `{items, links, node, output}`, which may say its `rank`,
            or `{from: [such sources], rank}`; null: nothing came.
    """
    read = tuple([_arrival(source, way) for source, way in _sources(one)] for one in written)
    return tuple([one for one in arrivals if one.items] for arrivals in read or ([],))


def at_once(arrivals: Sequence[Input]) -> Input:
    """All that came in at an input, as one."""
    if len(arrivals) == 1:
        return arrivals[0]
    items = [item for one in arrivals for item in one.items]
    return Input(items, [links for one in arrivals for links in one.links])


def first_items(inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    """Of each input its first item alone."""
    return tuple(replace(one, items=one.items[:1], links=one.links[:1]) for one in inputs)


def _arrival(source: Mapping[str, Any], way: Way) -> Input:
    items = [item_of(one) for one in _listed(source.get("items"))]
    known = _listed(source.get("links"))
    links = [_links(known[at] if at < len(known) else None) for at in range(len(items))]
    node, output = source.get("node"), source.get("output")
    return Input(
        items,
        links,
        node if isinstance(node, str) else "",
        output if isinstance(output, int) else 0,
        way,
    )


def _sources(written: Any, way: Way = _STRAIGHT) -> Iterator[tuple[Mapping[str, Any], Way]]:
    """The sources of an input; those of the rounds of a loop are lists of them."""
    for one in _listed(written):
        if isinstance(one, Mapping):
            own = _way(one, way)
            if "from" in one:
                yield from _sources(one["from"], own)
            else:
                yield one, own
        elif isinstance(one, list | tuple):
            yield from _sources(one, way)


def _way(source: Mapping[str, Any], around: Way) -> Way:
    """The way of a source: its own, and of what gathers sources what that says."""
    rank, into = source.get("rank"), source.get("loop")
    return Way(
        rank if isinstance(rank, int) else around.rank,
        source.get("wide") is True or around.is_wide,
        into if isinstance(into, str) else around.into_loop,
    )


def item_of(value: Any) -> Item:
    """A value as an item: one without `json` is the item's `json` itself."""
    if not isinstance(value, Mapping):
        return {"json": {} if value is None else {"data": value}}
    if "json" not in value:
        return {"json": dict(value)}
    inner = value["json"]
    item: Item = {"json": inner if isinstance(inner, dict) else item_of(inner)["json"]}
    if isinstance(value.get("binary"), Mapping) and value["binary"]:
        item["binary"] = value["binary"]
    if value.get("pairedItem") is not None:
        item["pairedItem"] = value["pairedItem"]
    return item


def _links(value: Any) -> Links:
    return value if isinstance(value, Mapping) else {}


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
