"""Runs `knowledge_delete` nodes."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from runfold.contracts.knowledge import Page
from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.knowledge_delete import KIND, KnowledgeDeleteConfig
from runfold.values.json_text import text_of
from runfold_executor_data.knowledge.resource import Knowledge, open_knowledge
from runfold_executor_data.knowledge.store import MOST_PAGE, KnowledgeStore


async def run(ctx: NodeContext, config: KnowledgeDeleteConfig, _inputs: dict[str, Any]) -> Outcome:
    """Remove documents."""
    knowledge: Knowledge = ctx.resource
    await (await knowledge.store()).base(
        config.base
    )  # an unknown one is told, whichever way it is asked
    if config.all:
        removed = await all_removed(await knowledge.store(), config.base)
    else:
        ids, wanted = _ids(config.ids), _filter(config.filter)
        if ids is None and wanted is None:
            message = "neither ids nor filter says which documents: with `all: true` it is all"
            raise NodeFailed(message, code="knowledge.input_invalid", kind="input")
        removed = await (await knowledge.store()).delete_documents(config.base, ids, wanted)
    return Outcome({"output": removed, "count": removed})


NODE = NodeExecutor(KIND, run, open_on_bus=open_knowledge)


async def all_removed(store: KnowledgeStore, base: str) -> int:
    """Remove every document of a base, a page at a time; returns how many there were."""
    removed = 0
    while items := (await store.documents(base, Page(limit=MOST_PAGE))).items:
        removed += await store.delete_documents(base, [one.id for one in items])
    return removed


def _ids(value: Any) -> list[str] | None:
    """The ids; None when none are written.

    Raises:
        NodeFailed: `knowledge.input_invalid`.
    """
    if value is UNSET:
        return None
    if value is None:
        raise _came_to_nothing("ids")
    listed = value if isinstance(value, list) else [value]
    for at, one in enumerate(listed):
        is_id = isinstance(one, str | int) and not isinstance(one, bool) and one != ""
        if not is_id:
            where = f"ids[{at}]" if isinstance(value, list) else "ids"
            message = f"{where} is to be the id of a document, not {str(one)[:80]!r}"
            raise NodeFailed(message, code="knowledge.input_invalid", kind="input")
    return [text_of(one) for one in listed]


def _filter(value: Any) -> Any:
    """The filter; None when none is written.

    Raises:
        NodeFailed: `knowledge.input_invalid`.
    """
    if value is UNSET:
        return None
    if value in (None, {}, []):
        raise _came_to_nothing("filter")
    return value


def _came_to_nothing(field: str) -> NodeFailed:
    """The failure for what was to say which documents, and says nothing: never is it more of them.

    Without it, what is left would choose documents that both together do not.
    """
    message = f"{field} is written, and came to nothing: it would not say which documents"
    return NodeFailed(message, code="knowledge.input_invalid", kind="input")
