"""Tells reasoning from the answer in a stream of text. Pure.

Models without a reasoning field put it before the answer in `<think>…</think>`. Only blocks the
text begins with are taken for reasoning: an answer may well speak of such tags later on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

TAGS = ("think", "thinking")


class Piece(NamedTuple):
    """A run of text of one kind."""

    kind: Literal["text", "reasoning"]
    text: str


class ReasoningSplitter:
    """Feed it the text as it arrives, in whatever pieces; a tag may be cut anywhere.

    What it gives back is the same for every way of cutting. White space around the blocks is
    dropped, and otherwise nothing is lost.
    """

    def __init__(self) -> None:
        self._pending = ""
        """Text that cannot be told yet: a possible beginning of a tag, or space before one."""
        self._close = ""
        """The end tag of the open block; empty outside."""
        self._leading = True
        """Whether only blocks and space have come so far."""
        self._blocks = 0

    def feed(self, text: str) -> Iterator[Piece]:
        """The pieces that are certain once `text` has come."""
        self._pending += text
        while self._pending:
            before = (self._pending, self._close, self._leading)
            yield from self._step()
            if before == (self._pending, self._close, self._leading):
                return

    def finish(self) -> Iterator[Piece]:
        """What was held back, once no more text will come."""
        rest, self._pending = self._pending, ""
        if self._leading and not self._close and self._blocks:
            rest = rest.lstrip()
        if rest:
            yield Piece("reasoning" if self._close else "text", rest)

    def _step(self) -> Iterator[Piece]:
        if self._close:
            yield from self._inside()
        elif self._leading:
            self._before()
        else:
            text, self._pending = self._pending, ""
            yield Piece("text", text)

    def _before(self) -> None:
        stripped = self._pending.lstrip()
        for tag in TAGS:
            if stripped.startswith(f"<{tag}>"):
                self._close = f"</{tag}>"
                self._blocks += 1
                self._pending = stripped.removeprefix(f"<{tag}>")
                return
        if not any(f"<{tag}>".startswith(stripped) for tag in TAGS):
            self._leading = False
            if self._blocks:
                self._pending = stripped

    def _inside(self) -> Iterator[Piece]:
        text, found, rest = self._pending.partition(self._close)
        if found:
            self._pending = rest
            self._close = ""
        else:
            held = _overlap(text, self._close)
            self._pending = text[len(text) - held :]
            text = text[: len(text) - held]
        if text:
            yield Piece("reasoning", text)


def _overlap(text: str, tag: str) -> int:
    """How many of the last characters of `text` may be the beginning of `tag`."""
    longest = min(len(text), len(tag) - 1)
    return next((n for n in range(longest, 0, -1) if tag.startswith(text[-n:])), 0)
