"""What is said in a conversation by hand or by nodes: pages of it, more of it, and less of it."""

from __future__ import annotations

from typing import Any

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.messages import Ack
from runfold.bus.uploads import checked_files
from runfold.contracts.conversations import MessageCreated, MessageDeleted, MessageEdited, Role
from runfold.conversations.fold import Conversation, Message
from runfold.conversations.history import history
from runfold.conversations.limits import (
    MAX_FILES,
    checked_content,
    checked_conversation_id,
    checked_message_id,
    checked_metadata,
)
from runfold.conversations.reading import Reading
from runfold.conversations.views import MessagePage, MessageView, shown_message
from runfold.errors import Conflict, InvalidRequest, NotFound
from runfold.ids import bucket_key

MAX_LIMIT = 100
"""Messages of a page."""
PAGE_BYTES = 4 * 1024 * 1024
"""Bytes of a page's texts, unless its first message alone has more."""


class Messages:
    """The messages of conversations.

    Args:
        bus: Where they are.
        reading: Folds conversations.
    """

    def __init__(self, bus: Bus, reading: Reading) -> None:
        self._bus = bus
        self._reading = reading

    async def page(
        self,
        conversation_id: str,
        user_id: str,
        *,
        limit: int = 20,
        before: str = "",
        after: str = "",
    ) -> MessagePage:
        """A page of messages: the newest, those before one, or those after one.

        Raises:
            NotFound: The user has no such conversation, or it has no such message.
            InvalidRequest: Both `before` and `after` are given.
        """
        conversation = await self._of(conversation_id, user_id)
        if before and after:
            message = "give `before` or `after`, not both"
            raise InvalidRequest(message, code="conversation.invalid")
        found = list(conversation.messages.values())
        limit = max(1, min(limit, MAX_LIMIT))
        if after:
            seq = _known(conversation, after).seq
            found = [one for one in found if one.seq > seq]
            page = _fitting(found[:limit])
        else:
            seq = _known(conversation, before).seq if before else 0
            found = [one for one in found if not seq or one.seq < seq]
            page = _fitting(found[-limit:][::-1])[::-1]
        return MessagePage(
            [shown_message(one) for one in page],
            page[0].message_id if page else "",
            page[-1].message_id if page else "",
            len(found) > len(page),
        )

    async def history(
        self, conversation_id: str, user_id: str, *, before: int = 0
    ) -> list[dict[str, Any]]:
        """What a model is shown of it. Raises `NotFound`."""
        conversation = await self._of(conversation_id, user_id)
        return history(conversation.messages.values(), before=before)

    async def add(
        self,
        conversation_id: str,
        user_id: str,
        role: Role,
        content: str,
        *,
        message_id: str,
        files: tuple[dict[str, Any], ...] = (),
        metadata: dict[str, Any] | None = None,
        run_id: str = "",
    ) -> MessageView:
        """Say something; a message of an id that is there already stays as it is.

        Raises:
            NotFound: The user has no such conversation.
            InvalidRequest: Something of it cannot be.
            InvalidFile: A file whose bytes are not there.
            Conflict: The id was a message's that is deleted.
        """
        conversation = await self._of(conversation_id, user_id)
        if len(files) > MAX_FILES:
            message = f"a message has up to {MAX_FILES} files, this one {len(files)}"
            raise InvalidRequest(message, code="conversation.invalid")
        checked = await checked_files(self._bus.files, list(files), "files")
        said = MessageCreated(
            conversation_id=conversation_id,
            message_id=checked_message_id(message_id),
            role=role,
            content=checked_content(content),
            files=tuple(checked),
            metadata=checked_metadata(metadata or {}),
            run_id=run_id,
            joined=conversation.since,
        )
        if message_id not in conversation.messages:
            if conversation.knows(message_id):
                message = f"message {message_id!r} was deleted: take another id"
                raise Conflict(message, code="conversation.message_deleted")
            ack = await self._bus.messages.append(said)
            return await self._kept(conversation_id, user_id, message_id, ack)
        return shown_message(conversation.messages[message_id])

    async def edit(
        self, conversation_id: str, user_id: str, message_id: str, content: str
    ) -> MessageView:
        """Let a message say something else; the log keeps what it said before until it is deleted.

        Raises:
            NotFound: The user has no such conversation, or it has no such message.
            InvalidRequest: The text cannot be.
        """
        _known(await self._of(conversation_id, user_id), message_id)
        edit = MessageEdited(
            conversation_id=conversation_id,
            message_id=message_id,
            content=checked_content(content),
        )
        ack = await self._bus.messages.append(edit)
        return await self._kept(conversation_id, user_id, message_id, ack)

    async def delete(self, conversation_id: str, user_id: str, message_id: str) -> None:
        """Remove a message for good.

        Raises:
            NotFound: The user has no such conversation, or it has no such message.
        """
        conversation = await self._of(conversation_id, user_id)
        if left := conversation.leftovers(message_id):
            # An earlier deletion was stopped before it had removed the bytes.
            await self._bus.messages.erase(*left)
        gone = _known(conversation, message_id)
        removal = MessageDeleted(conversation_id=conversation_id, message_id=message_id)
        await self._bus.messages.append(removal)
        await self._bus.messages.erase(*gone.stored)

    async def _kept(
        self, conversation_id: str, user_id: str, message_id: str, ack: Ack
    ) -> MessageView:
        """A message after a change of it, which is removed where it came too late."""
        try:
            conversation = await self._of(conversation_id, user_id)
            return shown_message(_known(conversation, message_id))
        except NotFound:
            await self._bus.messages.erase(ack.seq)
            raise

    async def _of(self, conversation_id: str, user_id: str) -> Conversation:
        return await self._reading.of(checked_conversation_id(conversation_id), user_id)


def message_id_for(key: str) -> str:
    """The id of the message that an idempotency key stands for."""
    return f"m-{bucket_key(key)[:32]}"


def _known(conversation: Conversation, message_id: str) -> Message:
    found = conversation.messages.get(message_id)
    if found is None:
        message = f"the conversation has no message {message_id!r}"
        raise NotFound(message, code="conversation.message_not_found")
    return found


def _fitting(messages: list[Message]) -> list[Message]:
    """The first ones, as far as their texts fit one page."""
    size = 0
    for count, one in enumerate(messages):
        size += len(one.content.encode())
        if count and size > PAGE_BYTES:
            return messages[:count]
    return messages
