"""A chunk, or a whole completion, as the parts of an answer that an `llm` node knows. Pure.

Servers leave members out, send null for them, name them in their own way and send text as lists of
parts. What cannot be understood is a failure, for the answer would miss it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from runfold.contracts.whole_text import whole_text
from runfold_executor_llm.call_pieces import CallPiece, call_pieces
from runfold_executor_llm.finish import plain

Channel = Literal["text", "reasoning", "refusal"]

_REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking")
"""DeepSeek's name, OpenRouter's and newer vLLM's, and some gateways'."""
_CHANNELS: dict[str, Channel | None] = {
    "text": "text",
    "output_text": "text",
    "input_text": "text",
    "thinking": "reasoning",
    "reasoning": "reasoning",
    "reasoning_text": "reasoning",
    "summary_text": "reasoning",
    "refusal": "refusal",
    "redacted_thinking": None,
    "reference": None,  # Mistral: numbers of sources, beside the text
    "annotations": None,
    "tool_use": None,
    "tool_call": None,
}
"""Types of parts; None for those that hold nothing of the answer's text."""
_INNER = ("text", "thinking", "reasoning", "content", "summary", "refusal", "value")
"""Members of a part that hold its text, or further parts."""
_DEEPEST = 8


class NotUnderstood(Exception):
    """A part of the answer that has no place in an `llm` node's outputs."""


class Span(NamedTuple):
    """A run of text of one kind; it may begin and end with half a character."""

    channel: Channel
    text: str


class Delta(msgspec.Struct, frozen=True):
    """What one message adds to the answer."""

    spans: tuple[Span, ...] = ()
    finish_reason: str = ""
    """As `finish.plain` gives it."""
    model: str = ""
    usage: dict[str, Any] | None = None
    calls: tuple[CallPiece, ...] = ()
    """What it has of calls of tools."""


def index_of(choice: dict[str, Any]) -> int:
    """Which of several answers a choice belongs to."""
    index = choice.get("index")
    return index if isinstance(index, int) else 0


def delta_of(body: dict[str, Any], choice: dict[str, Any] | None) -> Delta:
    """What a message adds to the answer that `choice` belongs to.

    Args:
        body: The chunk or completion.
        choice: One of its choices; None when it has none, as the one with the usage.

    Raises:
        NotUnderstood: When the content has a part that is not known.
    """
    usage, model = body.get("usage"), body.get("model")
    about: dict[str, Any] = {
        "model": whole_text(model) if isinstance(model, str) else "",
        "usage": usage if isinstance(usage, dict) else None,
    }
    if choice is None:
        return Delta(**about)
    found = choice.get("delta")
    is_whole = not isinstance(found, dict)
    if is_whole:
        found = choice.get("message")
    message = found if isinstance(found, dict) else {}
    content = message.get("content")
    if content is None:
        content = choice.get("text")  # as completions that are no chat have it
    thought = next((value for name in _REASONING_FIELDS if (value := message.get(name))), None)
    return Delta(
        spans=(
            *_spans(thought, "reasoning"),
            *_spans(content, "text"),
            *_spans(message.get("refusal"), "refusal"),
        ),
        finish_reason=whole_text(plain(choice.get("finish_reason"))),
        calls=tuple(call_pieces(message, is_whole=is_whole)),
        **about,
    )


def _spans(value: Any, channel: Channel, depth: int = 0) -> Iterator[Span]:
    """The text of a content: a string, a part, or a list of parts."""
    match value:
        case None | "":
            return
        case str():
            yield Span(channel, value)
        case list() if depth < _DEEPEST:
            for part in value:
                yield from _spans(part, channel, depth + 1)
        case dict() if depth < _DEEPEST:
            yield from _part(value, channel, depth)
        case _:
            # Other members are beside the answer, and servers put flags into them.
            if channel == "text":
                message = f"a content of type {type(value).__name__}"
                raise NotUnderstood(message)


def _part(part: dict[str, Any], channel: Channel, depth: int) -> Iterator[Span]:
    kind = part.get("type")
    is_known = kind is None or (isinstance(kind, str) and kind in _CHANNELS)
    named = _CHANNELS[kind] if is_known and kind is not None else "text"
    if named is None:
        return
    members = _INNER if is_known else _INNER[:1]
    found = [part[name] for name in members if part.get(name) is not None]
    if not found and channel == "text" and (kind is None or not is_known):
        message = f"a part of type {kind!r}"
        raise NotUnderstood(message)
    # What is inside a thought is thought too, although its parts are of type text.
    for inner in found[:1]:
        yield from _spans(inner, channel if channel != "text" else named, depth + 1)
