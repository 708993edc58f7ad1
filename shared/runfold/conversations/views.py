"""Conversations and their messages as clients read them. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts.conversations import Role
from runfold.conversations.fold import Conversation, Message


class ConversationView(msgspec.Struct, frozen=True):
    """A conversation without its messages. Times are Unix seconds."""

    conversation_id: str
    user_id: str
    name: str
    metadata: dict[str, Any]
    created_at: float
    updated_at: float
    """When it was changed, or something was said in it, last."""
    turns: int
    """How many times a user said something to a run in it."""


class MessageView(msgspec.Struct, frozen=True):
    """A message."""

    message_id: str
    role: Role
    content: str
    files: tuple[dict[str, Any], ...]
    metadata: dict[str, Any]
    created_at: float
    edited_at: float | None
    run_id: str
    """The run that it was said to or by; empty when no run did it."""
    reply_to: str
    """The message that it answers."""
    seq: int
    """Its place in the log."""


class MessagePage(msgspec.Struct, frozen=True):
    """Messages in the log's order, oldest first."""

    items: list[MessageView]
    first_id: str
    """The id of the first one here: `before` it is the page before this."""
    last_id: str
    """The id of the last one here: `after` it is the page after this."""
    has_more: bool
    """Whether there are more in the direction that was asked for."""


def shown(conversation: Conversation) -> ConversationView:
    """A conversation that exists."""
    head = conversation.head
    if head is None:
        message = "a conversation without a head cannot be shown"
        raise ValueError(message)
    return ConversationView(
        head.conversation_id,
        head.user_id,
        head.name,
        head.metadata,
        conversation.created_at,
        conversation.updated_at,
        conversation.turns,
    )


def shown_message(one: Message) -> MessageView:
    """A message."""
    return MessageView(
        one.message_id,
        one.role,
        one.content,
        one.files,
        one.metadata,
        one.created_at,
        one.edited_at,
        one.run_id,
        one.reply_to,
        one.seq,
    )
