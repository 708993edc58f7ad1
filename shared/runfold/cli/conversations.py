"""`runfold conversations`: what users and runs said."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, cast, get_args

from runfold.cli.outcome import OK
from runfold.cli.output import print_json, print_table
from runfold.cli.stack import open_stack, settings_for
from runfold.contracts.conversations import Role
from runfold.conversations.all import Conversations
from runfold.conversations.views import ConversationView, MessageView
from runfold.errors import InvalidRequest

LINE = 100
"""Characters of a message that a table shows."""


class At(NamedTuple):
    """Whose conversations, where they are, and how they are shown."""

    user: str
    server: str
    data_dir: Path | None
    as_json: bool


@asynccontextmanager
async def _open(at: At, *, asked: tuple[str, ...] = ()) -> AsyncIterator[Conversations]:
    async with open_stack(settings_for(at.server, at.data_dir), (), asked=asked) as stack:
        yield Conversations(stack.bus)


async def create(at: At, conversation_id: str, name: str) -> int:
    """Begin a conversation.

    Raises:
        NotFound: It is somebody else's.
        InvalidRequest: Something of it cannot be.
    """
    async with _open(at) as talk:
        begun = await talk.store.begin(conversation_id or uuid.uuid4().hex, at.user, name=name)
        found = await talk.store.get(begun.head.body.conversation_id, at.user)
    return _print_one(at, found)


async def listed(at: At, name: str, limit: int, cursor: str) -> int:
    """Print a page of a user's conversations.

    Raises:
        InvalidRequest: The cursor is none.
        BusUnavailable: No projection answers.
    """
    async with _open(at, asked=("projection",)) as talk:
        page = await talk.lists.page(at.user, cursor=cursor, limit=limit, name=name)
    if at.as_json:
        print_json(page)
        return OK
    rows = [(one.conversation_id, one.name, one.turns, _when(one.updated_at)) for one in page.items]
    print_table(("CONVERSATION", "NAME", "TURNS", "USED"), rows)
    if page.next_cursor:
        print(f"\nmore: --cursor {page.next_cursor}")
    return OK


async def shown(at: At, conversation_id: str, limit: int, before: str, after: str) -> int:
    """Print a page of messages.

    Raises:
        NotFound: The user has no such conversation, or it has no such message.
        InvalidRequest: Both `before` and `after` are given.
    """
    async with _open(at) as talk:
        page = await talk.messages.page(
            conversation_id, at.user, limit=limit, before=before, after=after
        )
    if at.as_json:
        print_json(page)
        return OK
    _print_messages(page.items)
    if page.has_more:
        print(f"\nmore: {'--after' if after else '--before'} ", end="")
        print(page.last_id if after else page.first_id)
    return OK


async def renamed(at: At, conversation_id: str, name: str) -> int:
    """Rename a conversation. Raises `NotFound`."""
    async with _open(at) as talk:
        found = await talk.store.update(conversation_id, at.user, name=name)
    return _print_one(at, found)


async def cleared(at: At, conversation_id: str) -> int:
    """Remove all that was said. Raises `NotFound`."""
    async with _open(at) as talk:
        found = await talk.store.clear(conversation_id, at.user)
    return _print_one(at, found)


async def deleted(at: At, conversation_id: str) -> int:
    """Delete a conversation. Raises `NotFound`."""
    async with _open(at) as talk:
        await talk.store.delete(conversation_id, at.user)
    return _print_done(at, {"conversation_id": conversation_id, "deleted": True})


async def said(at: At, conversation_id: str, role: str, text: str) -> int:
    """Say something.

    Raises:
        NotFound: The user has no such conversation.
        InvalidRequest: The role is none, or the text cannot be.
    """
    if role not in get_args(Role):
        message = f"--role {role!r}: it is {', '.join(get_args(Role))}"
        raise InvalidRequest(message, code="conversation.invalid")
    async with _open(at) as talk:
        one = await talk.messages.add(
            conversation_id, at.user, cast("Role", role), text, message_id=uuid.uuid4().hex
        )
    return _print_message(at, one)


async def edited(at: At, conversation_id: str, message_id: str, text: str) -> int:
    """Let a message say something else. Raises `NotFound` and `InvalidRequest`."""
    async with _open(at) as talk:
        one = await talk.messages.edit(conversation_id, at.user, message_id, text)
    return _print_message(at, one)


async def removed(at: At, conversation_id: str, message_id: str) -> int:
    """Remove a message. Raises `NotFound`."""
    async with _open(at) as talk:
        await talk.messages.delete(conversation_id, at.user, message_id)
    return _print_done(at, {"message_id": message_id, "deleted": True})


def _print_one(at: At, one: ConversationView) -> int:
    if at.as_json:
        print_json(one)
    else:
        print(f"{one.conversation_id}  {one.name}".rstrip())
    return OK


def _print_message(at: At, one: MessageView) -> int:
    if at.as_json:
        print_json(one)
    else:
        _print_messages([one])
    return OK


def _print_messages(messages: list[MessageView]) -> None:
    rows = [
        (one.message_id, one.role, _when(one.created_at), " ".join(one.content.split())[:LINE])
        for one in messages
    ]
    print_table(("MESSAGE", "ROLE", "AT", "SAID"), rows)


def _print_done(at: At, done: dict[str, object]) -> int:
    if at.as_json:
        print_json(done)
    else:
        print(f"{next(iter(done.values()))}: deleted")
    return OK


def _when(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
