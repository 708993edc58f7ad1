"""Cuts a document's text into chunks, with ids that are the same each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from runfold.contracts.chunking import MOST_WHOLE, Chunking, wrong_with
from runfold.contracts.knowledge import Chunk, chunk_id
from runfold.contracts.whole_text import whole_text
from runfold.errors import InvalidRequest
from runfold_executor_data.knowledge.chunking.pieces import (
    Piece,
    by_blocks,
    by_characters,
    by_sentences,
    by_separator,
    by_tokens,
    check_count,
)
from runfold_executor_data.knowledge.chunking.sections import Sections

VERSION = 2
"""Of how the same settings cut the same text: part of what a document's hash is made of."""


def chunks_of(document: str, text: str, chunking: Chunking) -> list[Chunk]:
    """The chunks of a document; none of a text without characters that can be seen.

    Takes a processor's time: not for the event loop.

    Args:
        document: Its id.
        text: Plain text or Markdown.
        chunking: How it is cut.

    Raises:
        InvalidRequest: `knowledge.chunking_invalid`.
    """
    if wrong := wrong_with(chunking):
        raise InvalidRequest(f"chunking: {'; '.join(wrong)}", code="knowledge.chunking_invalid")
    sized = chunking.sized()
    # The same length: offsets stay those of the text that was given.
    clean = whole_text(text).replace("\0", " ")
    if sized.mode == "whole" and len(clean) > MOST_WHOLE:
        message = (
            f"chunking: the document has {len(clean)} characters, and one chunk has at most "
            f"{MOST_WHOLE}: choose another mode than whole"
        )
        raise InvalidRequest(message, code="knowledge.chunking_invalid")
    sections = Sections(clean)
    if sized.mode == "parent_child":
        return list(_with_parents(document, sections, sized))
    pieces = _pieces(clean, sections, sized)
    check_count(len(pieces))
    return [_chunk(document, at, piece, sections) for at, piece in enumerate(pieces)]


def _pieces(text: str, sections: Sections, sized: Chunking) -> list[Piece]:
    whole, size, overlap = Piece(0, text), sized.size, sized.overlap or 0
    match sized.mode:
        case "tokens":
            return by_tokens(whole, size, overlap)
        case "sentences":
            return by_sentences(whole, size, overlap)
        case "separator":
            return by_separator(whole, sized.separator, size, overlap)
        case "whole":
            return [whole] if text.strip() else []
        case "headings" | "parent_child":
            return _sectioned(sections, size, overlap, by_blocks)


def _sectioned(
    sections: Sections, size: int, overlap: int, cut: Callable[[Piece, int, int], list[Piece]]
) -> list[Piece]:
    return [part for piece in sections.pieces() for part in cut(piece, size, overlap)]


def _with_parents(document: str, sections: Sections, sized: Chunking) -> Iterator[Chunk]:
    at = 0
    for piece in _sectioned(sections, sized.parent_size, 0, by_blocks):
        parent = _chunk(document, at, piece, sections, encloses=True)
        yield parent
        at += 1
        for child in by_characters(piece, sized.size, sized.overlap or 0):
            yield _chunk(document, at, child, sections, parent=parent.id)
            at += 1
        check_count(at)


def _chunk(
    document: str,
    at: int,
    piece: Piece,
    sections: Sections,
    *,
    parent: str = "",
    encloses: bool = False,
) -> Chunk:
    return Chunk(
        id=chunk_id(document, at, piece.text),
        index=at,
        text=piece.text,
        start=piece.start,
        end=piece.end,
        headings=sections.headings_at(piece.start),
        parent=parent,
        encloses=encloses,
    )
