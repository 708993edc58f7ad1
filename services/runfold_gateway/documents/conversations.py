"""What clients send about conversations, and what they are answered beside the views."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from runfold.contracts.conversations import Role
from runfold.conversations.limits import MAX_CONTENT, MAX_FILES, MAX_ID, MAX_NAME

Id = Annotated[str, msgspec.Meta(max_length=MAX_ID)]
Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME)]
Content = Annotated[str, msgspec.Meta(max_length=MAX_CONTENT)]


class NewConversation(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A conversation that is to be begun."""

    user_id: Annotated[Id, msgspec.Meta(examples=["ann"])] = ""
    """Whose it is."""
    conversation_id: Id = ""
    """Any text; empty: one is made."""
    name: Annotated[Name, msgspec.Meta(examples=["Trip to Lisbon"])] = ""
    metadata: dict[str, Any] = {}
    """What is noted beside it."""


class ConversationChange(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """What is to be different; what is left out stays."""

    name: Name | None = None
    metadata: dict[str, Any] | None = None


class NewMessage(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """Something that is said."""

    content: Annotated[Content, msgspec.Meta(examples=["Hello"])] = ""
    role: Role = "user"
    files: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=MAX_FILES)] = []
    """File values that go with it."""
    metadata: dict[str, Any] = {}
    message_id: Id = ""
    """Chosen by the client: sent again it is said once; empty: one is made."""


class MessageChange(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """What a message is to say."""

    content: Content


class HistoryMessage(msgspec.Struct, frozen=True):
    """A message as a model reads it."""

    role: Role
    content: Any
    """Text; with files, a list of texts and file values."""


class HistoryDocument(msgspec.Struct, frozen=True):
    """What a model is shown of a conversation."""

    messages: list[HistoryMessage]
