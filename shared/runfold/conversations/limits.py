"""What may stand in a conversation, checked before anything of it is written. Pure."""

from __future__ import annotations

from typing import Any

from runfold.contracts.json_writer import write_json
from runfold.errors import InvalidRequest, RunfoldError

MAX_ID = 512
"""Characters of a conversation's, a user's or a message's id."""
MAX_NAME = 256
"""Characters of a conversation's name."""
MAX_CONTENT = 1024 * 1024
"""Bytes of a message's text."""
MAX_METADATA = 16 * 1024
"""Bytes of the metadata of a conversation or message, as JSON."""
MAX_FILES = 20
"""Files of a message."""


def checked_conversation_id(value: str) -> str:
    """An id that a conversation can have: any text.

    Raises:
        InvalidRequest: `conversation.invalid`.
    """
    return _text(value, "conversation id", MAX_ID, needed=True)


def checked_message_id(value: str) -> str:
    """An id that a message can have. Raises `InvalidRequest`."""
    return _text(value, "message id", MAX_ID, needed=True)


def checked_user_id(value: str) -> str:
    """An id that a user can have; empty for who gives none. Raises `InvalidRequest`."""
    return _text(value, "user id", MAX_ID)


def checked_name(value: str) -> str:
    """A name that a conversation can have. Raises `InvalidRequest`."""
    return _text(value, "name", MAX_NAME)


def checked_content(value: str) -> str:
    """The text of a message. Raises `InvalidRequest`."""
    return _text(value, "content", MAX_CONTENT)


def checked_metadata(value: dict[str, Any]) -> dict[str, Any]:
    """What a client notes beside a conversation or message. Raises `InvalidRequest`."""
    try:
        size = len(write_json(value))
    except RunfoldError as error:
        raise _invalid(f"the metadata cannot be written as JSON: {error.message}") from error
    if size > MAX_METADATA:
        raise _invalid(f"the metadata take {size} bytes, over the limit of {MAX_METADATA}")
    return value


def _text(value: str, what: str, limit: int, *, needed: bool = False) -> str:
    try:
        size = len(value.encode()) if limit == MAX_CONTENT else len(value)
        value.encode()
    except UnicodeEncodeError as error:
        raise _invalid(f"the {what} is not Unicode text") from error
    if needed and not value:
        raise _invalid(f"the {what} is empty")
    if size > limit:
        unit = "bytes" if limit == MAX_CONTENT else "characters"
        raise _invalid(f"the {what} has {size} {unit}, over the limit of {limit}")
    if limit != MAX_CONTENT and "\0" in value:
        raise _invalid(f"the {what} has a character with the code 0")
    return value


def _invalid(message: str) -> InvalidRequest:
    return InvalidRequest(message, code="conversation.invalid")
