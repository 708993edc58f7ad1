"""What was said in all conversations, on the stream MESSAGES."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import structlog
from nats.js import JetStreamContext

from runfold.bus.jetstream.client.claim_check import ClaimCheck
from runfold.bus.jetstream.client.connection import Connection
from runfold.bus.jetstream.client.direct_get import read_last, read_one, read_stored
from runfold.bus.jetstream.client.follower import Follower
from runfold.bus.jetstream.client.leader import Stored, delete, purge, read_newest
from runfold.bus.jetstream.client.publish_acks import SequenceMismatch
from runfold.bus.jetstream.client.publisher import Publisher
from runfold.bus.ports.conversations import Heard
from runfold.bus.ports.messages import Ack
from runfold.contracts import subjects
from runfold.contracts.codec import decode_message, encode
from runfold.contracts.conversations import (
    AnyMessage,
    Part,
    RecordedMessage,
    message_key,
    part_of,
)
from runfold.errors import BusUnavailable, Conflict, NotFound, Undecodable
from runfold.ids import bucket_key

log = structlog.get_logger("bus")

PAYLOAD_RETRY = 0.5
"""Seconds until a payload that could not be fetched is asked for again."""


class JetStreamConversations:
    """`runfold.bus.ports.conversations.ConversationLog` on MESSAGES."""

    def __init__(
        self, nc: Connection, js: JetStreamContext, publisher: Publisher, claims: ClaimCheck
    ) -> None:
        self._nc = nc
        self._js = js
        self._publisher = publisher
        self._claims = claims
        self._followers: list[Follower] = []

    async def append(self, body: AnyMessage, *, after: int | None = None) -> Ack:
        """Store a message; one that came before within two minutes answers `duplicate`."""
        key = message_key(body)
        headers = {}
        if after is not None:
            headers["Nats-Expected-Last-Subject-Sequence"] = str(after)
        try:
            return await self._publisher.send(
                subjects.message(body.conversation_id, part_of(body)),
                encode(body),
                msg_id=bucket_key(key) if key else "",
                headers=headers,
            )
        except SequenceMismatch:
            message = f"conversation {body.conversation_id!r} was changed meanwhile"
            raise Conflict(message, code="conversation.contended", retryable=True) from None

    async def newest(
        self, conversation_id: str, part: Part | None = None
    ) -> RecordedMessage | None:
        """The newest message of a conversation, or of a part of it."""
        subject = subjects.message(conversation_id, part or "*")
        stored = await read_last(self._nc, subjects.MESSAGES, subject)
        return None if stored is None else await self._decoded(stored)

    async def find(self, seq: int) -> RecordedMessage | None:
        """The message with a sequence."""
        stored = await read_one(self._nc, subjects.MESSAGES, seq)
        return None if stored is None else await self._decoded(stored)

    async def read(self, conversation_id: str, *, after: int = 0) -> AsyncIterator[RecordedMessage]:
        """A conversation's messages after a sequence, in order."""
        subject = subjects.message(conversation_id, "*")
        async for record in self._stored(subject, after):
            yield record

    async def heads(self) -> AsyncIterator[RecordedMessage]:
        """The heads of all conversations, in order."""
        async for record in self._stored(subjects.HEADS_ALL, 0):
            yield record

    async def _stored(self, subject: str, after: int) -> AsyncIterator[RecordedMessage]:
        async for stored in read_stored(self._nc, subjects.MESSAGES, subject, after=after):
            record = await self._decoded(stored)
            if record is not None:
                yield record

    async def follow(self, *, after: int = 0) -> AsyncIterator[Heard]:
        """All messages after a sequence, for ever, in batches as they come."""
        filters = [subjects.MESSAGES_ALL]
        follower = Follower(self._nc, self._js, subjects.MESSAGES, after, filters)
        self._followers.append(follower)
        try:
            async for batch in follower.batches():
                records = [await self._decoded_in_time(stored) for stored in batch]
                found = [record for record in records if record is not None]
                yield Heard(batch[-1].seq if batch else 0, found)
        finally:
            self._followers.remove(follower)

    def reconnected(self) -> None:
        """The connection is back."""
        for follower in self._followers:
            follower.reconnected()

    async def last_seq(self) -> int:
        """The sequence of the newest message there is, 0 when there is none."""
        newest = await read_newest(self._nc, subjects.MESSAGES, subjects.MESSAGES_ALL)
        return newest.seq if newest is not None else 0

    async def purge(self, conversation_id: str, *, before: int, heads: bool = False) -> None:
        """Remove what was said in a conversation before a sequence, for good."""
        parts: tuple[Part, ...] = ("turn", "said", "head") if heads else ("turn", "said")
        for part in parts:
            subject = subjects.message(conversation_id, part)
            await purge(self._nc, subjects.MESSAGES, subject, before=before)

    async def erase(self, *seqs: int) -> None:
        """Remove messages for good."""
        for seq in seqs:
            await delete(self._nc, subjects.MESSAGES, seq)

    async def _decoded_in_time(self, stored: Stored) -> RecordedMessage | None:
        while True:
            try:
                return await self._decoded(stored)
            except BusUnavailable as error:
                log.warning("waiting for a payload", seq=stored.seq, reason=str(error))
                await asyncio.sleep(PAYLOAD_RETRY)

    async def _decoded(self, stored: Stored) -> RecordedMessage | None:
        """A message, or None for bytes that nothing can read: others must not miss theirs."""
        body = stored.body
        try:
            if self._claims.is_claim(body):
                body = await self._claims.fetch(body)
            message = decode_message(body)
        except (Undecodable, NotFound) as error:
            log.warning("message cannot be read", seq=stored.seq, reason=str(error))
            return None
        if stored.subject != subjects.message(message.conversation_id, part_of(message)):
            log.warning("message of another conversation passed over", seq=stored.seq)
            return None
        return RecordedMessage(stored.seq, stored.time, message)
