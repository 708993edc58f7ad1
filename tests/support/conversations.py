"""What was said in a conversation, once it is there."""

from __future__ import annotations

import asyncio

from runfold.bus.ports.bus import Bus
from runfold.conversations.fold import Conversation, Message

WITHIN = 30.0


async def heard(bus: Bus, count: int, conversation_id: str = "c") -> list[Message]:
    """The messages of a conversation, as soon as there are so many."""
    conversation = Conversation()
    async with asyncio.timeout(WITHIN):
        async for news in bus.messages.follow():
            for record in news.records:
                if record.body.conversation_id == conversation_id:
                    conversation.apply(record)
            if len(conversation.messages) >= count:
                return list(conversation.messages.values())
    raise AssertionError


async def heard_texts(bus: Bus, count: int, conversation_id: str = "c") -> list[tuple[str, str]]:
    """The same as role and text."""
    return [(one.role, one.content) for one in await heard(bus, count, conversation_id)]
