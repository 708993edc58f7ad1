"""The window of a conversation's history that is sent. Pure.

A call of tools and its results are one unit: a window never cuts between them, for a server refuses
a result without its call, and a call without its result.
"""

from __future__ import annotations

from typing import Any

from runfold.values.json_text import text_of

BYTES_A_TOKEN = 4
EACH_MESSAGE = 4
"""Tokens of a message beside its text: its role and what separates it."""
EACH_PART = 1000
"""Tokens of an image or another part that is not text."""


def window(
    messages: list[dict[str, Any]],
    most: int | None,
    most_tokens: int | None,
    *,
    is_answered: bool = False,
) -> list[dict[str, Any]]:
    """The last messages of a history.

    Args:
        messages: All of it.
        most: How many; None: all.
        most_tokens: Of how many tokens together, as `tokens_of` estimates them; None: any.
        is_answered: Whether the results of its last calls follow it.
    """
    kept: list[dict[str, Any]] = []
    tokens = 0
    units = _units(messages)
    for at, found in reversed(list(enumerate(units, start=1))):
        unit = found if is_answered and at == len(units) else _whole(found)
        tokens += sum(map(tokens_of, unit))
        is_over = most is not None and len(kept) + len(unit) > most
        if is_over or (most_tokens is not None and tokens > most_tokens):
            break
        kept[:0] = unit
    return kept


def _whole(unit: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A unit that servers take: without results of no call, and calls of which a result is missing.

    A history that was cut by something else, or whose run ended between the two, has such.
    """
    first = unit[0]
    if first["role"] == "tool":
        return []
    calls = {call["id"] for call in first.get("tool_calls") or ()}
    answered = [one for one in unit[1:] if one["tool_call_id"] in calls]
    if calls == {one["tool_call_id"] for one in answered}:
        return [first, *answered]
    said = {key: value for key, value in first.items() if key != "tool_calls"}
    return [said] if said.get("content") else []


def tokens_of(message: dict[str, Any]) -> int:
    """An estimate of the tokens of a message: each model counts by its own vocabulary.

    A quarter of the UTF-8 bytes of its text, rounded up, fits English well and is about right for
    Chinese, whose characters take three bytes each.
    """
    content = message.get("content")
    parts = content if isinstance(content, list) else [content]
    texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
    calls = message.get("tool_calls") or ()
    said = [text_of(text) for text in texts if text is not None]
    said += [f"{call['function']['name']}{call['function']['arguments']}" for call in calls]
    size = sum(len(text.encode()) for text in said)
    others = sum(isinstance(part, dict) and part.get("text") is None for part in parts)
    return EACH_MESSAGE + -(-size // BYTES_A_TOKEN) + others * EACH_PART


def _units(messages: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The messages, each call with its results."""
    units: list[list[dict[str, Any]]] = []
    open_calls = False
    for message in messages:
        if open_calls and message["role"] == "tool":
            units[-1].append(message)
            continue
        units.append([message])
        open_calls = bool(message.get("tool_calls"))
    return units
