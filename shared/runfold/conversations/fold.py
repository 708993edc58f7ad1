"""The fold of a conversation: total, and the stream's order is the only arbiter. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts.conversations import (
    ConversationHead,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    RecordedMessage,
    Role,
)

AROUND = 500
"""Bytes of a message beside its text, about."""


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message as it stands in its conversation."""

    message_id: str
    seq: int
    """Its place in the log: what comes later was said later."""
    created_at: float
    """Unix seconds."""
    role: Role
    content: str
    files: tuple[dict[str, Any], ...] = ()
    metadata: dict[str, Any] = {}
    run_id: str = ""
    reply_to: str = ""
    edited_at: float | None = None
    number: int = 0
    """Of what a user said to a run: how many such there were, this one included."""
    stored: tuple[int, ...] = ()
    """Where in the log its bytes are."""


class Conversation:
    """A conversation folded so far."""

    def __init__(self) -> None:
        self.seq = 0
        """The newest that was folded."""
        self.head: ConversationHead | None = None
        self.since = 0
        """Where in the log it was begun, or cleared last."""
        self.created_at = 0.0
        self.updated_at = 0.0
        self.messages: dict[str, Message] = {}
        """By id, in the log's order."""
        self._answers: dict[str, str] = {}
        self._gone: dict[str, tuple[int, ...]] = {}
        """Messages that were deleted, and where in the log bytes of them were seen."""

    @property
    def exists(self) -> bool:
        """Whether it was begun, and not deleted since."""
        return self.head is not None and self.head.change != "deleted"

    @property
    def turns(self) -> int:
        """How many messages users said to runs in it."""
        return max((message.number for message in self.messages.values()), default=0)

    @property
    def size(self) -> int:
        """Characters of all that was said, and some for what stands around it."""
        return sum(len(one.content) + AROUND for one in self.messages.values())

    @property
    def unanswered(self) -> list[Message]:
        """What users said to runs that have given no answer, oldest first."""
        return [
            one
            for one in self.messages.values()
            if one.number and one.message_id not in self._answers
        ]

    def knows(self, message_id: str) -> bool:
        """Whether a message was said in it since it was begun or cleared, deleted or not."""
        return message_id in self.messages or message_id in self._gone

    def leftovers(self, message_id: str) -> tuple[int, ...]:
        """Where in the log bytes of a deleted message may still be."""
        return self._gone.get(message_id, ())

    def apply(self, record: RecordedMessage) -> None:
        """Fold the next message; what does not fit changes nothing."""
        if record.seq <= self.seq:
            return
        self.seq = record.seq
        body = record.body
        match body:
            case ConversationHead():
                self._apply_head(record, body)
            case MessageCreated() if self.exists and body.message_id not in self._gone:
                self._add(record, body)
            case MessageEdited() if body.message_id in self.messages:
                self._edit(record, body)
            case MessageDeleted() if self.exists:
                self._remove(body.message_id)
            case MessageCreated() | MessageEdited() if body.message_id in self._gone:
                self._gone[body.message_id] += (record.seq,)
            case _:
                pass

    def _apply_head(self, record: RecordedMessage, head: ConversationHead) -> None:
        self.head = head
        self.updated_at = record.time
        if head.change == "updated":
            self.since = self.since or head.since
        else:
            self.since = record.seq
            self.messages, self._answers = {}, {}
            self._gone = {}
        self.created_at = head.created_at or record.time

    def _add(self, record: RecordedMessage, said: MessageCreated) -> None:
        if self.knows(said.message_id) or (said.joined and said.joined < self.since):
            return
        if said.reply_to:
            earlier = self._answers.get(said.reply_to)
            if earlier is not None:
                self._remove(earlier)
            self._answers[said.reply_to] = said.message_id
        self.updated_at = record.time
        self.messages[said.message_id] = Message(
            said.message_id,
            record.seq,
            record.time,
            said.role,
            said.content,
            said.files,
            said.metadata,
            said.run_id,
            said.reply_to,
            number=said.number,
            stored=(record.seq,),
        )

    def _edit(self, record: RecordedMessage, edit: MessageEdited) -> None:
        before = self.messages[edit.message_id]
        self.updated_at = record.time
        self.messages[edit.message_id] = msgspec.structs.replace(
            before,
            content=edit.content,
            edited_at=record.time,
            stored=(*before.stored, record.seq),
        )

    def _remove(self, message_id: str) -> None:
        gone = self.messages.pop(message_id, None)
        self._gone[message_id] = self.leftovers(message_id) + (gone.stored if gone else ())
        if gone is not None and self._answers.get(gone.reply_to) == message_id:
            del self._answers[gone.reply_to]
