"""Conversations of users: begun, renamed, cleared, deleted, and what is said in them.

Whose a conversation is stands in its newest head; every change of it is written over the one that
was read, so that of two at once the stream's order decides and the other looks again.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from msgspec.structs import replace

from runfold.bus.ports.bus import Bus
from runfold.contracts.conversations import (
    Change,
    ConversationHead,
    RecordedMessage,
)
from runfold.conversations.limits import (
    checked_conversation_id,
    checked_metadata,
    checked_name,
    checked_user_id,
)
from runfold.conversations.reading import Reading, unknown_conversation
from runfold.conversations.views import ConversationView, shown
from runfold.errors import Conflict, NotFound
from runfold.ids import bucket_key

TRIES = 10
SAME_NAME = 20
"""Ids that are tried for a name, whose first ones other conversations may have."""


class Begun(msgspec.Struct, frozen=True):
    """A conversation that was asked for."""

    head: RecordedMessage
    existed: bool


class ConversationStore:
    """Keeps conversations.

    Args:
        bus: Where they are.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.reading = Reading(bus)

    async def begin(
        self,
        conversation_id: str,
        user_id: str,
        *,
        name: str = "",
        metadata: dict[str, Any] | None = None,
        source: str = "",
    ) -> Begun:
        """The user's conversation with an id, begun unless it is there.

        Raises:
            NotFound: It is somebody else's.
            InvalidRequest: Something of it cannot be.
            Conflict: It is being changed all the time. Retryable.
        """
        checked_conversation_id(conversation_id)
        first = ConversationHead(
            conversation_id=conversation_id,
            change="created",
            user_id=checked_user_id(user_id),
            name=checked_name(name),
            metadata=checked_metadata(metadata or {}),
            source=source,
        )
        for _ in range(TRIES):
            newest = await self._bus.messages.newest(conversation_id, "head")
            held = _head_in(newest)
            if newest is not None and held is not None and held.change != "deleted":
                if held.user_id != user_id:
                    raise unknown_conversation(conversation_id)
                return Begun(newest, existed=True)
            if newest is not None:
                await self._forget(conversation_id, newest.seq)
            try:
                ack = await self._bus.messages.append(first, after=newest.seq if newest else 0)
            except Conflict:
                continue
            now = await self._bus.messages.find(ack.seq)
            if now is not None:
                return Begun(now, existed=False)
        raise _busy(conversation_id)

    async def begin_named(
        self, name: str, user_id: str, *, metadata: dict[str, Any] | None = None, source: str = ""
    ) -> Begun:
        """The user's conversation with a name, begun unless there is one. Raises as `begin`."""
        for place in range(SAME_NAME):
            try:
                begun = await self.begin(
                    id_for_name(name, user_id, place),
                    user_id,
                    name=name,
                    metadata=metadata,
                    source=source,
                )
            except NotFound:
                continue  # another user has taken that id
            held = _head_in(begun.head)
            if held is not None and held.name == name:
                return begun
        raise _busy(name)

    async def check_owner(self, conversation_id: str, user_id: str) -> None:
        """Check that a user may go on with a conversation, which need not be there yet.

        Raises:
            NotFound: It is somebody else's.
            InvalidRequest: An id that cannot be.
        """
        checked_user_id(user_id)
        newest = await self._bus.messages.newest(checked_conversation_id(conversation_id), "head")
        held = _head_in(newest)
        if held is not None and held.change != "deleted" and held.user_id != user_id:
            raise unknown_conversation(conversation_id)

    async def get(self, conversation_id: str, user_id: str) -> ConversationView:
        """A user's conversation. Raises `NotFound`."""
        return shown(await self.reading.of(checked_conversation_id(conversation_id), user_id))

    async def update(
        self,
        conversation_id: str,
        user_id: str,
        *,
        name: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> ConversationView:
        """Rename a conversation, or note something else beside it.

        Raises:
            NotFound: The user has no such conversation.
            InvalidRequest: Something of it cannot be.
            Conflict: It is being changed all the time. Retryable.
        """
        changes: dict[str, Any] = {}
        if name is not None:
            changes["name"] = checked_name(name)
        if metadata is not None:
            changes["metadata"] = checked_metadata(metadata)
        await self._change(conversation_id, user_id, "updated", **changes)
        return await self.get(conversation_id, user_id)

    async def clear(
        self, conversation_id: str, user_id: str, *, source: str = ""
    ) -> ConversationView:
        """Remove all that was said, for good; runs that are under way add nothing to it any more.

        Args:
            conversation_id: The conversation.
            user_id: Whose it is.
            source: What clears it, once: what was said after that stays when it is asked for again.

        Raises:
            NotFound: The user has no such conversation.
            Conflict: It is being changed all the time. Retryable.
        """
        newest = await self._bus.messages.newest(conversation_id, "head")
        held = _head_in(newest)
        if source and newest and held and (held.change, held.source) == ("cleared", source):
            seq = newest.seq
        else:
            seq = await self._change(conversation_id, user_id, "cleared", source=source)
        await self._bus.messages.purge(conversation_id, before=seq)
        return await self.get(conversation_id, user_id)

    async def delete(self, conversation_id: str, user_id: str) -> None:
        """Remove a conversation with its messages and variables, for good.

        Raises:
            NotFound: The user has no such conversation.
            Conflict: It is being changed all the time. Retryable.
        """
        try:
            seq = await self._change(conversation_id, user_id, "deleted", name="", metadata={})
        except NotFound:
            await self._forget_deleted(conversation_id, user_id)
            raise
        await self._forget(conversation_id, seq)

    async def _forget_deleted(self, conversation_id: str, user_id: str) -> None:
        """Remove what a deletion has left that was stopped before its end."""
        newest = await self._bus.messages.newest(conversation_id, "head")
        held = _head_in(newest)
        if newest is None or held is None:
            return
        if held.change == "deleted" and held.user_id == user_id:
            await self._forget(conversation_id, newest.seq)

    async def _forget(self, conversation_id: str, deleted: int) -> None:
        """Remove what a conversation has left that was deleted at a place in the log."""
        await self._bus.messages.purge(conversation_id, before=deleted, heads=True)
        key = bucket_key(conversation_id)
        variables = await self._bus.conversations.get(key)
        newest = await self._bus.messages.newest(conversation_id, "head")
        if variables is None or newest is None or newest.seq != deleted:
            return
        try:
            # Over what was read: it may have been begun again, and have a run in it.
            await self._bus.conversations.update(key, b"{}", variables[1])
        except Conflict:
            return

    async def _change(
        self, conversation_id: str, user_id: str, change: Change, **changes: Any
    ) -> int:
        """Write the next head over the one that was read; returns its place in the log."""
        checked_conversation_id(conversation_id)
        for _ in range(TRIES):
            newest = await self._bus.messages.newest(conversation_id, "head")
            held = _head_in(newest)
            if newest is None or held is None or held.change == "deleted":
                raise unknown_conversation(conversation_id)
            if held.user_id != user_id:
                raise unknown_conversation(conversation_id)
            after = replace(
                held,
                change=change,
                created_at=held.created_at or newest.time,
                since=since(newest),
                **{"source": "", **changes},
            )
            try:
                return (await self._bus.messages.append(after, after=newest.seq)).seq
            except Conflict:
                continue
        raise _busy(conversation_id)


def since(newest: RecordedMessage) -> int:
    """Where in the log a conversation with that newest head was begun, or cleared last."""
    held = _head_in(newest)
    return newest.seq if held is None or held.change != "updated" else held.since


def id_for_name(name: str, user_id: str, place: int = 0) -> str:
    """The id of a user's conversation that was begun by its name alone."""
    digest = hashlib.sha256(f"{user_id}\0{name}\0{place}".encode()).hexdigest()
    return f"named-{digest[:32]}"


def _head_in(record: RecordedMessage | None) -> ConversationHead | None:
    body = record.body if record is not None else None
    return body if isinstance(body, ConversationHead) else None


def _busy(conversation_id: str) -> Conflict:
    message = f"conversation {conversation_id!r} is being changed by others all the time"
    return Conflict(message, code="conversation.busy", retryable=True)
