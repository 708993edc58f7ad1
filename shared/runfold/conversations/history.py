"""What a model is shown of a conversation: whole turns, oldest first, within limits. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runfold.conversations.fold import Message

MOST = 100
"""Messages of a history."""
LARGEST = 256 * 1024
"""Bytes of their texts, together."""


def history(messages: Iterable[Message], *, before: int = 0) -> list[dict[str, Any]]:
    """The newest messages as `{role, content}`, each answer behind the question it is for.

    What was said to a run that has given no answer is left out: a model would take it for a
    question that is still to be answered.

    Args:
        messages: In the log's order.
        before: Only those before this sequence; 0: all.
    """
    told = [one for one in messages if not before or one.seq < before]
    asked = {one.message_id for one in told}
    answers = {one.reply_to: one for one in told if one.reply_to in asked}
    lines: list[tuple[Message, ...]] = []
    for one in told:
        answer = answers.get(one.message_id)
        is_open = bool(one.number) and answer is None
        if one.reply_to in asked or is_open:
            continue  # shown behind its question, or not at all
        lines.append((one,) if answer is None else (one, answer))
    return _newest(lines)


def _newest(lines: list[tuple[Message, ...]]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    left = LARGEST
    for line in reversed(lines):
        left -= sum(len(one.content.encode()) for one in line)
        if left < 0 or len(kept) + len(line) > MOST:
            break
        kept[:0] = [_shown(one) for one in line]
    return kept


def _shown(one: Message) -> dict[str, Any]:
    if not one.files:
        return {"role": one.role, "content": one.content}
    words = [one.content] if one.content else []
    return {"role": one.role, "content": [*words, *one.files]}
