"""The order in which n8n would deliver the items of a document's connections.

`v1` goes into the depth, the upper node first, then the one further left; `v0` into the breadth.
The place of a connection among those that leave its node says which of two runs comes first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from runfold.importers.n8n.document import Document, Link


def in_order(document: Document, links: Iterable[Link], entries: Iterable[str]) -> list[Link]:
    """All connections in the order in which items go along them.

    Args:
        document: What they are of.
        links: Connections of items.
        entries: Where a run can begin, the first choice first.
    """
    listed = list(links)
    after = _leaving(document, listed)
    inputs: dict[str, set[int]] = {}
    for link in listed:
        inputs.setdefault(link.target, set()).add(link.input)
    is_deep = document.order != "v0"
    found: dict[Link, None] = {}
    arrived: dict[str, set[int]] = {}
    run: set[str] = set()
    waiting: deque[Link] = deque()
    for entry in entries:
        run.add(entry)
        waiting.extend(after.get(entry, ()))
        while waiting:
            link = waiting.popleft()
            found[link] = None
            came = arrived.setdefault(link.target, set())
            came.add(link.input)
            if link.target in run or came != inputs[link.target]:
                continue
            run.add(link.target)
            next_ = after.get(link.target, [])
            if is_deep:
                waiting.extendleft(reversed(next_))
            else:
                waiting.extend(next_)
    return [*found, *(link for link in listed if link not in found)]


def _leaving(document: Document, links: Iterable[Link]) -> dict[str, list[Link]]:
    """The connections that leave each node, in the order in which items go along them."""
    after: dict[str, list[Link]] = {}
    for link in links:
        after.setdefault(link.source, []).append(link)
    if document.order != "v0":
        for links_out in after.values():
            # Of connections to the same node n8n takes the last one first.
            links_out.reverse()
            links_out.sort(key=lambda link: _place(document, link))
    return after


def _place(document: Document, link: Link) -> tuple[float, float]:
    x, y = document.nodes[link.target].position
    return (y, x)
