"""The lists of items that come into a step, of any shape: what is not an item is made one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from runfold_executor_code.items.step import Item, Links


class Input(msgspec.Struct, frozen=True):
    """What came in at one input, of all nodes that lead to it."""

    items: list[Item]
    links: list[Links]
    """One for each item."""
    node: str = ""
    """Where it came from, when it is one node and said so."""
    output: int = 0


def inputs_of(written: list[Any], *, once: bool) -> tuple[Input, ...]:
    """The inputs of a configuration.

    Args:
        written: A list for each input, of `{items, links, node, output}`; null: nothing came.
        once: Whether only the first item of each input is taken.
    """
    read = tuple(_input(one) for one in written) or (Input([], []),)
    if not once:
        return read
    return tuple(Input(one.items[:1], one.links[:1], one.node, one.output) for one in read)


def _input(written: Any) -> Input:
    sources = list(_sources(written))
    items: list[Item] = []
    links: list[Links] = []
    for source in sources:
        found = [item_of(one) for one in _listed(source.get("items"))]
        known = _listed(source.get("links"))
        items += found
        links += [_links(known[at] if at < len(known) else None) for at in range(len(found))]
    with_items = [one for one in sources if one.get("items")]
    if len(with_items) != 1:
        return Input(items, links)
    node, output = with_items[0].get("node"), with_items[0].get("output")
    return Input(
        items,
        links,
        node if isinstance(node, str) else "",
        output if isinstance(output, int) else 0,
    )


def _sources(written: Any) -> Iterator[Mapping[str, Any]]:
    """The sources of an input; those of the rounds of a loop are lists of them."""
    for one in _listed(written):
        if isinstance(one, Mapping):
            yield one
        elif isinstance(one, list | tuple):
            yield from _sources(one)


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
