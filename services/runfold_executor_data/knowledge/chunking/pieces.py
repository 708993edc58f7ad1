"""Parts of a text with their places, cut by rule or at the best place near a size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from semantic_text_splitter import MarkdownSplitter, TextSplitter

from runfold.errors import InvalidRequest

_SENTENCE = re.compile(
    r"[^.!?。！？…；\n]*(?:[.!?…]{1,20}(?=[\s\"'”’)\]]|$)[\"'”’)\]]*|[。！？；]+[”’」』）]*|[.!?…]|\n)?\s*"  # noqa: RUF001
)
"""Up to a mark that ends a sentence, or a line's end, and the space behind. Of many marks only some
are taken together: a long row of dots would be gone through again from each of them."""
_WIDE = 0x2E80
"""The first character of scripts of which each counts a token."""
_CHARACTERS = 4
"""Of a token, in other scripts."""
MOST_PIECES: Final = 200_000
"""Parts of one text."""
_WINDOW: Final = 100_000
"""Characters that a splitter is given at a time, more than any part has: what it takes for a text
without line ends grows with the square of its length."""


class Piece(NamedTuple):
    """A part of a text."""

    start: int
    """Offset in characters."""
    text: str

    @property
    def end(self) -> int:
        """Offset behind it."""
        return self.start + len(self.text)


def tokens_in(text: str) -> int:
    """About how many tokens a text has."""
    if text.isascii():
        return -(-len(text) // _CHARACTERS)
    wide = sum(ord(one) >= _WIDE for one in text)
    return wide - (wide - len(text)) // _CHARACTERS


def by_tokens(piece: Piece, size: int, overlap: int) -> list[Piece]:
    """Parts of at most so many tokens."""
    splitter = TextSplitter.from_callback(tokens_in, size, overlap)
    return _split(piece, splitter)


def by_characters(piece: Piece, size: int, overlap: int) -> list[Piece]:
    """Parts of at most so many characters."""
    return _split(piece, TextSplitter(size, overlap))


def by_blocks(piece: Piece, size: int, overlap: int) -> list[Piece]:
    """Parts of Markdown of at most so many characters, with blocks kept whole where they fit."""
    return _split(piece, MarkdownSplitter(size, overlap))


def by_sentences(piece: Piece, size: int, overlap: int) -> list[Piece]:
    """Whole sentences together, of at most so many characters.

    A part begins with the last sentences of the one before it, as far as they fit the overlap. A
    sentence that is too long for a part is cut.
    """
    parts: list[Piece] = []
    held: list[Piece] = []
    for sentence in _sentences(piece, size):
        if held and sentence.end - held[0].start > size:
            parts.append(_joined(piece, held))
            room = min(overlap, size - len(sentence.text))
            held = [one for one in held if held[-1].end - one.start <= room]
        held.append(sentence)
    if held:
        parts.append(_joined(piece, held))
    return [trimmed for one in parts if (trimmed := _trimmed(one)).text]


def by_separator(piece: Piece, separator: str, size: int, overlap: int) -> list[Piece]:
    """The parts between a separator; those that are too large are cut further."""
    plain = separator.replace("\\n", "\n").replace("\\t", "\t")
    check_count(piece.text.count(plain))
    found: list[Piece] = []
    start = 0
    for text in piece.text.split(plain):
        part = _trimmed(Piece(piece.start + start, text))
        start += len(text) + len(plain)
        if len(part.text) <= size:
            found += [part] if part.text else []
        else:
            found += by_characters(part, size, overlap)
    return found


def _sentences(piece: Piece, size: int) -> Iterator[Piece]:
    for match in _SENTENCE.finditer(piece.text):
        one = Piece(piece.start + match.start(), match[0])
        if len(one.text) > size:
            yield from by_characters(one, size, 0)
        elif one.text:
            yield one


def _joined(piece: Piece, held: list[Piece]) -> Piece:
    start, end = held[0].start, held[-1].end
    return Piece(start, piece.text[start - piece.start : end - piece.start])


def _trimmed(piece: Piece) -> Piece:
    bare = piece.text.strip()
    return Piece(piece.start + piece.text.index(bare), bare)


def _split(piece: Piece, splitter: TextSplitter | MarkdownSplitter) -> list[Piece]:
    """The parts that a splitter makes of a text, a window of it at a time.

    The last part of a window ends where the window does, and not where it should: the next window
    begins with it.
    """
    found: list[Piece] = []
    at = 0
    while True:
        window = piece.text[at : at + _WINDOW]
        parts = splitter.chunk_indices(window)
        goes_on = at + _WINDOW < len(piece.text)
        step = parts.pop()[0] if goes_on and len(parts) > 1 and parts[-1][0] else len(window)
        found += [Piece(piece.start + at + start, text) for start, text in parts if text.strip()]
        check_count(len(found))
        if not goes_on:
            return found
        at += step


def check_count(count: int) -> None:
    """Refuse a text of which too many parts are made: all of them are held at once.

    Raises:
        InvalidRequest: `knowledge.chunking_invalid`.
    """
    if count > MOST_PIECES:
        message = (
            f"chunking: it cuts the document into over {MOST_PIECES} chunks: choose larger ones, "
            "or take the document apart"
        )
        raise InvalidRequest(message, code="knowledge.chunking_invalid")
