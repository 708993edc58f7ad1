"""Heads that a process keeps, when it has not heard of a change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from runfold.bus.memory.bus import MemoryBus
from runfold.client.workflows import WorkflowClient
from runfold.definitions.layouts import layout_of
from runfold.definitions.sources import source_of
from runfold.definitions.store import DefinitionStore
from runfold.errors import NotFound
from runfold.graph.layouts import Layout, NodePlace
from runfold.settings import Settings

TEXT = b"id: w\nnodes: [{id: n, type: noop}]\n"


async def _published_again(workflows: WorkflowClient) -> str:
    return (await workflows.save(source_of(TEXT), draft=False)).version


async def _unarchived(workflows: WorkflowClient) -> str:
    await workflows.unarchive("w")
    return "1"


async def _made_again(workflows: WorkflowClient) -> str:
    return await _published_again(workflows)


async def _nothing(_: WorkflowClient) -> None:
    return None


async def _archive(workflows: WorkflowClient) -> None:
    await workflows.archive("w")


async def _delete(workflows: WorkflowClient) -> None:
    await workflows.delete("w")


async def test_a_layout_that_was_replaced_is_read_by_the_newest_head() -> None:
    store = MemoryBus(Settings()).definitions
    writer, reader = DefinitionStore(store), DefinitionStore(store)
    await WorkflowClient(writer).save(source_of(TEXT), draft=True)
    await writer.save_layout("w", layout_of({"nodes": {"n": {"x": 1, "y": 1}}}))
    await (await reader.keep_heads())()
    await reader.heads.trace("w")
    revision = await writer.save_layout("w", layout_of({"nodes": {"n": {"x": 2, "y": 2}}}))
    assert await reader.layout("w") == (Layout({"n": NodePlace(2, 2)}), revision)


@pytest.mark.parametrize(
    ("before", "missed"),
    [(_nothing, _published_again), (_archive, _unarchived), (_delete, _made_again)],
)
async def test_a_run_is_not_refused_for_a_change_that_was_missed(
    before: Callable[[WorkflowClient], Awaitable[None]],
    missed: Callable[[WorkflowClient], Awaitable[str]],
) -> None:
    bus = MemoryBus(Settings())
    workflows = WorkflowClient(DefinitionStore(bus.definitions))
    await workflows.save(source_of(TEXT), draft=False)
    await before(workflows)
    scheduler = DefinitionStore(bus.definitions)
    await (await scheduler.keep_heads())()
    await scheduler.heads.trace("w")
    version = await missed(workflows)
    assert (await scheduler.runnable("w", version)).version == version
    with pytest.raises(NotFound):
        await scheduler.runnable("w", "9")
