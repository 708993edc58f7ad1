"""What the published versions say: one look for all who ask, and no more kept than there are."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from runfold.definitions.published import Published
from runfold.graph.loader import canonical_bytes, prepare


class Store:
    """Definitions, and how often they were looked at."""

    def __init__(self, count: int) -> None:
        self.count, self.lists, self.reads = count, 0, 0
        self.latest = 1

    async def list(self) -> list[Any]:
        self.lists += 1
        await asyncio.sleep(0)
        return [
            SimpleNamespace(
                workflow_id=f"w{number}", latest=self.latest, archived_at=0.0, deleted=False
            )
            for number in range(self.count)
        ]

    async def newest(self, head: Any) -> Any:
        self.reads += 1
        workflow, _ = prepare({"id": head.workflow_id, "nodes": [{"id": "e", "type": "end"}]})
        return SimpleNamespace(body=canonical_bytes(workflow))


async def test_many_who_ask_at_once_make_one_look() -> None:
    store = Store(3)
    published = Published[str](store, lambda workflow: workflow.id)  # type: ignore[arg-type]
    found = await asyncio.gather(*(published.all(within=0) for _ in range(50)))
    assert {tuple(said for _, said in one) for one in found} == {("w0", "w1", "w2")}
    assert store.lists <= 2
    await published.all(within=0)
    assert store.reads == 3


async def test_each_version_is_read_once_however_many_there_are() -> None:
    store = Store(1200)
    published = Published[str](store, lambda workflow: workflow.id)  # type: ignore[arg-type]
    await published.all(within=0)
    await published.all(within=0)
    assert store.reads == 1200
    store.count, store.latest = 2, 2
    await published.all(within=0)
    assert len(published._of_versions) == 2
