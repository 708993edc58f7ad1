"""Finds what a message of a server says of tool calls, in the forms that servers have. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from runfold.contracts.json_writer import write_json
from runfold.contracts.whole_text import whole_text

_KEPT = frozenset(("extra_content", "thought_signature", "provider_specific_fields"))
"""Members that are sent back with the call: Gemini refuses a call whose thought is not signed."""
_LEGACY = -1
"""The index of a `function_call`, of which an answer has one."""


class CallPiece(msgspec.Struct, frozen=True, kw_only=True):
    """What one message says of one call."""

    index: int | None = None
    id: str = ""
    name: str = ""
    arguments: str = ""
    """JSON text, or a piece of it that may begin and end with half a character."""
    extra: dict[str, Any] = {}
    """Members to be sent back as they are."""
    is_whole: bool = False
    """Whether it is all of a call: of an answer that does not stream."""


def call_pieces(message: dict[str, Any], *, is_whole: bool) -> Iterator[CallPiece]:
    """The pieces in a delta or a message.

    Args:
        message: Of a choice.
        is_whole: Whether it is the whole answer.
    """
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else [calls]:
        if isinstance(call, dict):
            yield _piece(call, is_whole=is_whole)
    legacy = message.get("function_call")
    if isinstance(legacy, dict) and not calls:
        yield _piece({"function": legacy, "index": _LEGACY}, is_whole=is_whole)


def _piece(call: dict[str, Any], *, is_whole: bool) -> CallPiece:
    inner = call.get("function")
    function = inner if isinstance(inner, dict) else call
    index, call_id, name = call.get("index"), call.get("id"), function.get("name")
    return CallPiece(
        index=index if type(index) is int else None,
        id=whole_text(call_id).strip() if isinstance(call_id, str) else "",
        name=whole_text(name).strip() if isinstance(name, str) else "",
        arguments=_text(function.get("arguments")),
        extra={name: value for name, value in call.items() if name in _KEPT and value},
        is_whole=is_whole,
    )


def _text(arguments: Any) -> str:
    """Arguments as JSON text: some servers send the object itself."""
    if arguments is None:
        return ""
    return arguments if isinstance(arguments, str) else write_json(arguments).decode()
