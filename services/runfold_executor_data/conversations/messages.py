"""`message_…` nodes."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.conversations.messages import message_id_for
from runfold.errors import NotFound
from runfold.executor.node import NodeContext, NodeExecutor
from runfold.graph.kinds import messages as kinds
from runfold.values.json_text import text_of
from runfold_executor_data.conversations.talk import Talk, is_again, open_talk, told


async def _create(ctx: NodeContext, config: kinds.CreateConfig) -> dict[str, Any]:
    talk: Talk = ctx.resource
    which = await talk.which(ctx, config)
    given = config.files if isinstance(config.files, list) else [config.files]
    said = await talk.messages.add(
        which,
        ctx.user_id,
        config.role,
        text_of(config.content),
        # The same for every attempt: what an earlier one said is not said again.
        message_id=message_id_for(f"{ctx.run_id}/{ctx.scope}/{ctx.node_id}"),
        files=tuple(one for one in given if one),
        metadata=config.metadata,
        run_id=ctx.run_id,
    )
    return {"message_id": said.message_id, "message": msgspec.to_builtins(said)}


async def _list(ctx: NodeContext, config: kinds.ListConfig) -> dict[str, Any]:
    talk: Talk = ctx.resource
    which = await talk.which(ctx, config)
    page = await talk.messages.page(
        which, ctx.user_id, limit=config.limit, before=config.before, after=config.after
    )
    return {
        "messages": [msgspec.to_builtins(one) for one in page.items],
        "first_id": page.first_id,
        "last_id": page.last_id,
        "has_more": page.has_more,
    }


async def _edit(ctx: NodeContext, config: kinds.EditConfig) -> dict[str, Any]:
    talk: Talk = ctx.resource
    which = await talk.which(ctx, config)
    after = await talk.messages.edit(which, ctx.user_id, config.message_id, text_of(config.content))
    return {"message_id": after.message_id, "message": msgspec.to_builtins(after)}


async def _delete(ctx: NodeContext, config: kinds.DeleteConfig) -> dict[str, Any]:
    talk: Talk = ctx.resource
    which = await talk.which(ctx, config)
    try:
        await talk.messages.delete(which, ctx.user_id, config.message_id)
    except NotFound:
        if not is_again(ctx):
            raise
    return {"message_id": config.message_id, "deleted": True}


NODES = (
    NodeExecutor(kinds.CREATE, told(_create), open_on_bus=open_talk),
    NodeExecutor(kinds.LIST, told(_list), open_on_bus=open_talk),
    NodeExecutor(kinds.EDIT, told(_edit), open_on_bus=open_talk),
    NodeExecutor(kinds.DELETE, told(_delete), open_on_bus=open_talk),
)
