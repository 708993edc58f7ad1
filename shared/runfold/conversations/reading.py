"""Conversations folded from their streams, and kept: only what is new is read the next time."""

from __future__ import annotations

import asyncio

from runfold.bus.ports.bus import Bus
from runfold.conversations.fold import Conversation
from runfold.errors import NotFound
from runfold.lru import LruMap

KEPT = 200
"""Conversations that are kept folded."""
LARGE = 1024 * 1024
"""Characters of a conversation from which on few are kept."""
KEPT_LARGE = 4
LARGEST = 32 * 1024 * 1024
"""Characters of a conversation above which it is read anew each time."""


class _Place:
    def __init__(self) -> None:
        self.conversation = Conversation()
        self.turn = asyncio.Lock()


class Reading:
    """Reads conversations.

    Args:
        bus: Where they are.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._kept: LruMap[str, _Place] = LruMap(KEPT, may_drop=_is_free)
        self._large: LruMap[str, _Place] = LruMap(KEPT_LARGE, may_drop=_is_free)

    async def fold(self, conversation_id: str) -> Conversation:
        """A conversation as it is now; one that was never begun has no head.

        Raises:
            BusUnavailable: The broker does not answer.
        """
        place = self._kept.get(conversation_id) or self._large.get(conversation_id)
        if place is None:
            place = self._kept[conversation_id] = _Place()
        async with place.turn:
            conversation = place.conversation
            async for record in self._bus.messages.read(conversation_id, after=conversation.seq):
                conversation.apply(record)
        if conversation.size > LARGE:
            self._kept.discard(conversation_id)
            if conversation.size <= LARGEST:
                self._large[conversation_id] = place
            else:
                self._large.discard(conversation_id)
        return conversation

    async def of(self, conversation_id: str, user_id: str) -> Conversation:
        """A user's conversation as it is now.

        Raises:
            NotFound: `conversation.not_found`: there is none, or it is somebody else's.
        """
        conversation = await self.fold(conversation_id)
        head = conversation.head
        if head is None or not conversation.exists or head.user_id != user_id:
            raise unknown_conversation(conversation_id)
        return conversation


def _is_free(place: _Place) -> bool:
    return not place.turn.locked()


def unknown_conversation(conversation_id: str) -> NotFound:
    """What is said of one that is not there, and the same of one that is somebody else's."""
    message = f"no conversation {conversation_id!r} of this user"
    return NotFound(message, code="conversation.not_found")
