"""The sections of a Markdown text: which headings stand above each place."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final, NamedTuple

from runfold_executor_data.knowledge.chunking.pieces import Piece, check_count

_LINE = re.compile(
    r"^ {0,3}(?:(?P<fence>`{3,}|~{3,})|(?P<marks>#{1,6})(?:[ \t]+(?P<title>[^\n]*))?$)",
    re.MULTILINE,
)
_CLOSING = re.compile(r"[ \t]+#+[ \t]*$|[ \t]+$")
MOST_HEADING: Final = 200
"""Characters of a heading that a chunk carries."""
_LOOKED_AT: Final = 2 * MOST_HEADING
"""Characters of a heading that its closing marks are looked for in: the search goes back and forth
in long white space."""
_LEVELS: Final = 6


class Section(NamedTuple):
    """A part of a text under one heading, without the sections within it."""

    start: int
    headings: tuple[str, ...]


class Sections:
    """Where a text's sections begin.

    Args:
        text: Markdown; in text without headings all is one section.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._found = _sections(text)
        self._starts = [one.start for one in self._found]

    def headings_at(self, place: int) -> tuple[str, ...]:
        """The headings above a place, outermost first."""
        return self._found[bisect_right(self._starts, place) - 1].headings

    def pieces(self) -> list[Piece]:
        """The sections, each with its heading."""
        ends = [*self._starts[1:], len(self._text)]
        parts = (
            (start, self._text[start:end]) for start, end in zip(self._starts, ends, strict=True)
        )
        return [Piece(start, text) for start, text in parts if text.strip()]


def _sections(text: str) -> list[Section]:
    found = [Section(0, ())]
    path: list[str] = [""] * _LEVELS
    fence = ""
    for match in _LINE.finditer(text):
        if match["fence"]:
            # A fence ends with at least as many of the same marks.
            if not fence:
                fence = match["fence"]
            elif match["fence"].startswith(fence):
                fence = ""
        elif not fence:
            level = len(match["marks"])
            title = _CLOSING.sub("", (match["title"] or "")[:_LOOKED_AT]).strip()[:MOST_HEADING]
            path[level - 1 :] = [title, *[""] * (_LEVELS - level)]
            headings = tuple(one for one in path if one)
            # The heading's line belongs to its section.
            if match.start() == 0:
                found.clear()
            found.append(Section(match.start(), headings))
            check_count(len(found))
    return found
