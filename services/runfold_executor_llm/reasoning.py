"""Tells reasoning from the answer in a stream of text. Pure.

Models without a reasoning field put it before the answer in `<think>…</think>`. Only blocks the
text begins with are taken for reasoning: an answer may well speak of such tags later on.

The chat templates of DeepSeek-R1, QwQ and Qwen3 put `<think>` at the end of the prompt. A server
without a parser for it then sends `thought</think>answer`. That is known only once the tag has
come, after the thought was shown as text: `without_unopened` divides the whole text, and what
viewers have seen is replaced when the node's result is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

TAGS = ("think", "thinking")
_TAG = re.compile("|".join(f"</?{tag}>" for tag in TAGS))
_FENCE = "```"
_QUOTES = frozenset("`'\"")


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


def without_unopened(text: str) -> tuple[str, str]:
    """The thought that ends with a tag that no tag opened, and the answer behind it.

    Tags in quotation marks, backticks and code blocks are what the text speaks of.
    """
    depth = thought_end = answer = fences = searched = 0
    for found in _TAG.finditer(text):
        fences += text.count(_FENCE, searched, found.start())
        searched = found.start()
        if fences % 2 or text[found.start() - 1 : found.start()] in _QUOTES:
            continue
        if not found[0].startswith("</"):
            depth += 1
        elif depth:
            depth -= 1
        else:
            thought_end, answer = found.start(), found.end()
    if not answer:
        return "", text
    return text[:thought_end], text[answer:].lstrip()


def behind_thoughts(text: str) -> str:
    """What comes after the last end of a thought, for text of which a part is to be JSON."""
    ends = [found.end() for found in _TAG.finditer(text) if found[0].startswith("</")]
    return text[ends[-1] :] if ends else text


def _overlap(text: str, tag: str) -> int:
    """How many of the last characters of `text` may be the beginning of `tag`."""
    longest = min(len(text), len(tag) - 1)
    return next((n for n in range(longest, 0, -1) if tag.startswith(text[-n:])), 0)
