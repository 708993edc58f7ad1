"""What nodes about conversations share: the store, and which conversation a node means."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from runfold.bus.ports.bus import Bus
from runfold.conversations.all import Conversations
from runfold.errors import Conflict, InvalidFile, InvalidRequest, NodeFailed, NotFound
from runfold.executor.node import NodeContext, Outcome, Run
from runfold.graph.kinds.conversations import WhichConversation
from runfold.settings import Settings


class Talk(Conversations):
    """Conversations, as nodes see them."""

    async def which(self, ctx: NodeContext, config: WhichConversation) -> str:
        """The id of the conversation that a node means.

        Raises:
            NodeFailed: It names none, and the run is a part of none.
            NotFound: The user has none of that name.
        """
        if config.conversation_id:
            return config.conversation_id
        if config.name:
            return await self.lists.named(config.name, ctx.user_id)
        if ctx.conversation_id:
            return ctx.conversation_id
        message = (
            "which conversation: give `conversation_id` or `name`, or start the run in a "
            "conversation"
        )
        raise NodeFailed(message, code="conversation.missing", kind="input")


@asynccontextmanager
async def open_talk(_settings: Settings, bus: Bus) -> AsyncIterator[Talk]:
    """The conversations of a bus."""
    yield Talk(bus)


def told(work: Callable[[NodeContext, Any], Awaitable[dict[str, Any]]]) -> Run:
    """A node's work, whose errors become the node's: what was asked for cannot be, or not now."""

    async def run(ctx: NodeContext, config: Any, _inputs: dict[str, Any]) -> Outcome:
        try:
            return Outcome(await work(ctx, config))
        except (NotFound, InvalidRequest, InvalidFile) as error:
            raise _failed(error, retryable=False) from error
        except Conflict as error:
            raise _failed(error, retryable=error.retryable) from error

    return run


def is_again(ctx: NodeContext) -> bool:
    """Whether an earlier attempt may have done all of it, and was lost before it said so."""
    return ctx.deliveries > 1 or ctx.attempt > 1


def _failed(
    error: NotFound | InvalidRequest | InvalidFile | Conflict, *, retryable: bool
) -> NodeFailed:
    return NodeFailed(
        error.message,
        code=error.code,
        kind="server" if retryable else "input",
        retryable=retryable,
        details=error.details,
    )
