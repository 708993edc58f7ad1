"""`conversation_…` nodes."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts.conversations import ConversationHead
from runfold.conversations.store import Begun
from runfold.errors import NotFound
from runfold.executor.node import NodeContext, NodeExecutor
from runfold.graph.kinds import conversations as kinds
from runfold.ids import bucket_key
from runfold_executor_data.conversations.talk import Talk, is_again, open_talk, told


async def _create(ctx: NodeContext, config: kinds.CreateConfig) -> dict[str, Any]:
    talk: Talk = ctx.resource
    if config.name and not config.conversation_id:
        try:
            found = await talk.lists.named(config.name, ctx.user_id)
        except NotFound:
            begun = await talk.store.begin_named(
                config.name, ctx.user_id, metadata=config.metadata, source=ctx.run_id
            )
        else:
            return {"conversation_id": found, "name": config.name, "existed": True}
    else:
        begun = await talk.store.begin(
            config.conversation_id or _own_id(ctx),
            ctx.user_id,
            name=config.name,
            metadata=config.metadata,
            source=ctx.run_id,
        )
    return _begun(ctx, begun)


def _own_id(ctx: NodeContext) -> str:
    """The same for every attempt, so that a conversation is begun once."""
    return f"made-{bucket_key(f'{ctx.run_id}/{ctx.scope}/{ctx.node_id}')[:32]}"


def _begun(ctx: NodeContext, begun: Begun) -> dict[str, Any]:
    head = begun.head.body
    is_ours = isinstance(head, ConversationHead) and head.source == ctx.run_id
    return {
        "conversation_id": head.conversation_id,
        "name": head.name if isinstance(head, ConversationHead) else "",
        "existed": begun.existed and not (is_ours and is_again(ctx)),
    }


async def _list(ctx: NodeContext, config: kinds.ListConfig) -> dict[str, Any]:
    talk: Talk = ctx.resource
    page = await talk.lists.page(ctx.user_id, cursor=config.cursor, limit=config.limit)
    return {
        "conversations": [msgspec.to_builtins(one) for one in page.items],
        "next_cursor": page.next_cursor,
    }


async def _update(ctx: NodeContext, config: kinds.UpdateConfig) -> dict[str, Any]:
    talk: Talk = ctx.resource
    which = await talk.which(ctx, config)
    after = await talk.store.update(
        which, ctx.user_id, name=config.new_name, metadata=config.metadata
    )
    return {
        "conversation_id": after.conversation_id,
        "name": after.name,
        "metadata": after.metadata,
    }


async def _delete(ctx: NodeContext, config: kinds.DeleteConfig) -> dict[str, Any]:
    talk: Talk = ctx.resource
    which = config.conversation_id
    try:
        which = await talk.which(ctx, config)
        await talk.store.delete(which, ctx.user_id)
    except NotFound:
        if not is_again(ctx):
            raise
    return {"conversation_id": which, "deleted": True}


async def _history(ctx: NodeContext, config: kinds.HistoryConfig) -> dict[str, Any]:
    talk: Talk = ctx.resource
    which = await talk.which(ctx, config)
    told_so_far = await talk.messages.history(which, ctx.user_id)
    asked = [at for at, one in enumerate(told_so_far) if one["role"] == "user"]
    begin = asked[-config.rounds] if len(asked) > config.rounds else 0
    return {"messages": told_so_far[begin:], "count": len(told_so_far[begin:])}


async def _clear(ctx: NodeContext, config: kinds.ClearConfig) -> dict[str, Any]:
    talk: Talk = ctx.resource
    which = await talk.which(ctx, config)
    # The same for every attempt: one that is carried out again clears no more than it did.
    source = f"{ctx.run_id}/{ctx.scope}/{ctx.node_id}"
    await talk.store.clear(which, ctx.user_id, source=source)
    return {"conversation_id": which, "cleared": True}


NODES = (
    NodeExecutor(kinds.CREATE, told(_create), open_on_bus=open_talk),
    NodeExecutor(kinds.LIST, told(_list), open_on_bus=open_talk),
    NodeExecutor(kinds.UPDATE, told(_update), open_on_bus=open_talk),
    NodeExecutor(kinds.DELETE, told(_delete), open_on_bus=open_talk),
    NodeExecutor(kinds.HISTORY, told(_history), open_on_bus=open_talk),
    NodeExecutor(kinds.CLEAR, told(_clear), open_on_bus=open_talk),
)
