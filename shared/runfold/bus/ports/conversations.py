"""The stream of conversations: append and read, in one order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

import msgspec

from runfold.bus.ports.messages import Ack
from runfold.contracts.conversations import AnyMessage, Part, RecordedMessage


class Heard(msgspec.Struct, frozen=True):
    """What came while following."""

    seq: int
    """The newest, which may be one that cannot be read; 0 says: caught up."""
    records: list[RecordedMessage]


class ConversationLog(Protocol):
    """What was said in all conversations.

    What cannot be read in it is passed over and stays where it is.
    """

    async def append(self, body: AnyMessage, *, after: int | None = None) -> Ack:
        """Store a message; one that came before within two minutes answers `duplicate`.

        Args:
            body: What is to be stored.
            after: Sequence of the newest message of the same part of the conversation, 0 for none.

        Raises:
            Conflict: `conversation.contended`: there is a newer one than `after`.
            PayloadTooLarge: It is over the limit.
            BusUnavailable: The broker does not answer.
        """

    async def newest(
        self, conversation_id: str, part: Part | None = None
    ) -> RecordedMessage | None:
        """The newest message of a conversation, or of a part of it."""

    async def find(self, seq: int) -> RecordedMessage | None:
        """The message with a sequence."""

    def read(self, conversation_id: str, *, after: int = 0) -> AsyncIterator[RecordedMessage]:
        """A conversation's messages after a sequence, in order; ends at the newest."""

    def heads(self) -> AsyncIterator[RecordedMessage]:
        """The heads of all conversations, in order; ends at the newest."""

    def follow(self, *, after: int = 0) -> AsyncIterator[Heard]:
        """All messages after a sequence, for ever, in batches as they come.

        After the stored ones were delivered, one of sequence 0 says once: caught up.
        """

    async def last_seq(self) -> int:
        """The sequence of the newest message there is, 0 when there is none."""

    async def purge(self, conversation_id: str, *, before: int, heads: bool = False) -> None:
        """Remove what was said in a conversation before a sequence, for good.

        Args:
            conversation_id: The conversation.
            before: What has this sequence stays.
            heads: Whether its heads before that go too.
        """

    async def erase(self, *seqs: int) -> None:
        """Remove messages for good."""
