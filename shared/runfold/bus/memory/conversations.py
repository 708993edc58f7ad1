"""What was said in all conversations, in a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from runfold.background import Background
from runfold.bus.memory.live import Clock
from runfold.bus.memory.queues import too_large
from runfold.bus.ports.conversations import Heard
from runfold.bus.ports.messages import Ack
from runfold.contracts.codec import decode_message, encode
from runfold.contracts.conversations import (
    AnyMessage,
    ConversationHead,
    Part,
    RecordedMessage,
    message_key,
    part_of,
)
from runfold.errors import Conflict


class MemoryConversations:
    """`runfold.bus.ports.conversations.ConversationLog` in a list."""

    def __init__(self, clock: Clock, max_payload: int) -> None:
        self._clock = clock
        self._max_payload = max_payload
        self._log: list[RecordedMessage] = []
        self._ids: dict[str, int] = {}
        self._last_seq = 0
        self._grown = asyncio.Condition()
        self._telling = Background()

    async def append(self, body: AnyMessage, *, after: int | None = None) -> Ack:
        """Store a message; one that came before answers `duplicate`."""
        written, key = encode(body), message_key(body)
        if len(written) > self._max_payload:
            raise too_large(len(written), self._max_payload)
        if key in self._ids:
            return Ack(self._ids[key], duplicate=True)
        if after is not None:
            newest = await self.newest(body.conversation_id, part_of(body))
            if (newest.seq if newest else 0) != after:
                message = f"conversation {body.conversation_id!r} was changed meanwhile"
                raise Conflict(message, code="conversation.contended", retryable=True)
        self._last_seq += 1
        self._log.append(RecordedMessage(self._last_seq, self._clock(), decode_message(written)))
        if key:
            self._ids[key] = self._last_seq
        self._telling.start(self._tell())
        return Ack(self._last_seq)

    async def newest(
        self, conversation_id: str, part: Part | None = None
    ) -> RecordedMessage | None:
        """The newest message of a conversation, or of a part of it."""
        ours = [
            record
            for record in self._log
            if record.body.conversation_id == conversation_id
            and part in (None, part_of(record.body))
        ]
        return ours[-1] if ours else None

    async def find(self, seq: int) -> RecordedMessage | None:
        """The message with a sequence."""
        return next((record for record in self._log if record.seq == seq), None)

    async def read(self, conversation_id: str, *, after: int = 0) -> AsyncIterator[RecordedMessage]:
        """A conversation's messages after a sequence, in order."""
        for record in list(self._log):
            if record.seq > after and record.body.conversation_id == conversation_id:
                yield record

    async def heads(self) -> AsyncIterator[RecordedMessage]:
        """The heads of all conversations, in order."""
        for record in list(self._log):
            if isinstance(record.body, ConversationHead):
                yield record

    async def follow(self, *, after: int = 0) -> AsyncIterator[Heard]:
        """All messages after a sequence, for ever, in batches as they come."""
        caught_up = False
        while True:
            batch = [record for record in self._log if record.seq > after]
            after = self._last_seq
            if batch:
                yield Heard(after, batch)
            if not caught_up:
                caught_up = True
                yield Heard(0, [])
            async with self._grown:
                await self._grown.wait_for(lambda: self._last_seq > after)  # noqa: B023 -- waited for here

    async def last_seq(self) -> int:
        """The sequence of the newest message there is, 0 when there is none."""
        return self._log[-1].seq if self._log else 0

    async def purge(self, conversation_id: str, *, before: int, heads: bool = False) -> None:
        """Remove what was said in a conversation before a sequence, for good."""
        self._log = [
            record
            for record in self._log
            if record.seq >= before
            or (isinstance(record.body, ConversationHead) and not heads)
            or record.body.conversation_id != conversation_id
        ]

    async def erase(self, *seqs: int) -> None:
        """Remove messages for good."""
        self._log = [record for record in self._log if record.seq not in seqs]

    async def _tell(self) -> None:
        async with self._grown:
            self._grown.notify_all()
