"""The order in which n8n would deliver the items of a document's connections.

`v1` goes into the depth, the upper node first, then the one further left; `v0` into the breadth.
Connections into one input are read in this order, since their items are taken at once here.
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
    after: dict[str, list[Link]] = {}
    inputs: dict[str, set[int]] = {}
    for link in listed:
        after.setdefault(link.source, []).append(link)
        inputs.setdefault(link.target, set()).add(link.input)
    is_deep = document.order != "v0"
    if is_deep:
        for name, links_out in after.items():
            after[name] = sorted(links_out, key=lambda link: (link.output, _place(document, link)))
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
            leaving = after.get(link.target, [])
            if is_deep:
                waiting.extendleft(reversed(leaving))
            else:
                waiting.extend(leaving)
    return [*found, *(link for link in listed if link not in found)]


def _place(document: Document, link: Link) -> tuple[float, float]:
    x, y = document.nodes[link.target].position
    return (y, x)
