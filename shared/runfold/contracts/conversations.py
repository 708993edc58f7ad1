"""What a conversation consists of, as messages of the stream MESSAGES.

    runfold.messages.<digest of its id>.head   its life: begun, renamed, cleared, deleted
    runfold.messages.<digest of its id>.turn   what a user said to a run
    runfold.messages.<digest of its id>.said   everything else: answers, edits, removals

`seq` and `time` are not in the body: the stream gives them. Every `head` says all that the ones
before it said, so that the newest alone tells whose conversation it is and since when it counts.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from runfold.contracts.envelope import tag_of

Role = Literal["user", "assistant", "system"]
Change = Literal["created", "updated", "cleared", "deleted"]
Part = Literal["head", "turn", "said"]


class ConversationHead(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="conversation"
):
    """A conversation was begun, renamed, cleared or deleted."""

    conversation_id: str
    """Any text, chosen by who begins the conversation."""
    change: Change
    user_id: str = ""
    """Whose it is."""
    name: str = ""
    metadata: dict[str, Any] = {}
    created_at: float = 0.0
    """Unix seconds; 0 in the first one, whose own time it is."""
    since: int = 0
    """Sequence of the newest of those before it that begins or clears it: what is older is gone."""
    source: str = ""
    """The run that did it, or the node of one; empty: neither."""


class _Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=tag_of):
    conversation_id: str
    message_id: str


class MessageCreated(_Said, frozen=True, kw_only=True):
    """A message of a conversation. Of one id the first counts."""

    role: Role
    content: str = ""
    files: tuple[dict[str, Any], ...] = ()
    """File values."""
    metadata: dict[str, Any] = {}
    run_id: str = ""
    """The run that it was said to or by."""
    reply_to: str = ""
    """The message that it answers; another answer to the same takes the place of this one."""
    joined: int = 0
    """Sequence of MESSAGES at which its run joined: void when it was cleared since then."""
    number: int = 0
    """Of a turn: how many there were since the conversation began, this one included."""


class MessageEdited(_Said, frozen=True, kw_only=True):
    """A message says something else from now on."""

    content: str


class MessageDeleted(_Said, frozen=True, kw_only=True):
    """A message is gone."""


AnySaid = MessageCreated | MessageEdited | MessageDeleted
AnyMessage = ConversationHead | AnySaid


class RecordedMessage(msgspec.Struct, frozen=True):
    """One of them as the stream holds it."""

    seq: int
    time: float
    body: AnyMessage


def part_of(body: AnyMessage) -> Part:
    """The last token of its subject."""
    if isinstance(body, ConversationHead):
        return "head"
    return "turn" if isinstance(body, MessageCreated) and body.number else "said"


def message_key(body: AnyMessage) -> str:
    """The id under which the broker keeps one of it for a while; empty: it may come twice."""
    if isinstance(body, MessageCreated):
        # Not of one that was said before the conversation was cleared, or begun anew.
        return f"{body.conversation_id}\0{body.message_id}\0{body.joined}"
    return ""
