"""`splitInBatches`: Loop Over Items. Gives its items in portions, one in each round of a loop.

Version 3 gives portions at its second output and what came back at its first, when all are given;
version 2 has them the other way round; version 1 has portions alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.parameters import count, options_of
from runfold_executor_code.items.step import Item, Links, Made, Step

_WITH_DONE = 2
_DONE_FIRST = 3
"""Versions since which there is an output when all portions are given, and it is the first."""


def run(step: Step) -> list[list[Made]]:
    """The next portion, or all that came back."""
    written = step.of()
    size = max(1, count(written.get("batchSize"), 1 if step.version >= _DONE_FIRST else 10))
    known = step.state if isinstance(step.state, Mapping) else None
    if known is None or known.get("done") or options_of(written).get("reset") is True:
        kept, processed, at = _with_links(step), [], 0
        rounds = -(-len(kept) // size)
    else:
        kept = list(known.get("remaining") or ())
        processed = [*(known.get("processed") or ()), *_with_links(step)]
        at = int(known.get("round") or 0) + 1
        rounds = count(known.get("maxRunIndex"), 0)
    portion, remaining = kept[:size], kept[size:]
    step.new_state.append(
        {
            "remaining": remaining,
            "processed": processed,
            "round": at,
            "done": not portion,
            "noItemsLeft": not remaining,
            "currentRunIndex": at,
            "maxRunIndex": rounds,
        }
    )
    if step.version < _WITH_DONE:
        return [_made(portion)]
    done = [] if portion else _made(processed)
    return [done, _made(portion)] if step.version >= _DONE_FIRST else [_made(portion), done]


def _with_links(step: Step) -> list[dict[str, Any]]:
    """The items that came in, each with what it was made of."""
    links = step.links[0] if step.links else []
    return [
        {"item": item, "links": dict(links[index]) if index < len(links) else {}}
        for index, item in enumerate(step.items)
    ]


def _made(kept: list[dict[str, Any]]) -> list[Made]:
    made = []
    for one in kept:
        item: Item = one["item"]
        links: Links = one["links"]
        made.append(Made(item["json"], item.get("binary"), links=links))
    return made
