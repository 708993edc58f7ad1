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
_SPACE = 4096
"""Characters of space that may come before a tag."""


class Piece(NamedTuple):
    """A run of text of one kind."""

    kind: Literal["text", "reasoning"]
    text: str


class ReasoningSplitter:
    """Divides a text that arrives in pieces. A tag may be cut anywhere.

    The result does not depend on where the text is cut. White space around the blocks is dropped;
    everything else is kept.
    """

    def __init__(self) -> None:
        self._pending = ""
        """Text of a kind not known yet: the possible beginning of a tag, or space before one."""
        self._close = ""
        """The end tag of the open block; empty outside."""
        self._leading = True
        """Whether only blocks and space have come so far."""
        self._blocks = 0

    def feed(self, text: str) -> Iterator[Piece]:
        """Add text, and return the pieces whose kind is now known."""
        self._pending += text
        while self._pending:
            before = (self._pending, self._close, self._leading)
            yield from self._step()
            if before == (self._pending, self._close, self._leading):
                return

    def finish(self) -> Iterator[Piece]:
        """Return what was held back, once no more text will come."""
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
        if self._blocks:
            self._pending = stripped
        elif len(self._pending) - len(stripped) > _SPACE:
            self._leading = False
            return
        for tag in TAGS:
            if stripped.startswith(f"<{tag}>"):
                self._close = f"</{tag}>"
                self._blocks += 1
                self._pending = stripped.removeprefix(f"<{tag}>")
                return
        if not any(f"<{tag}>".startswith(stripped) for tag in TAGS):
            self._leading = False

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
    """Divide a text at the last `</think>` that no tag opened: the thought, and the answer.

    Tags in quotation marks, backticks and code blocks do not count: the text speaks of them.
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
    """The text after its last `</think>`, for text of which a part is to be JSON."""
    ends = [found.end() for found in _TAG.finditer(text) if found[0].startswith("</")]
    return text[ends[-1] :] if ends else text


def _overlap(text: str, tag: str) -> int:
    """How many of the last characters of `text` may be the beginning of `tag`."""
    longest = min(len(text), len(tag) - 1)
    return next((n for n in range(longest, 0, -1) if tag.startswith(text[-n:])), 0)
