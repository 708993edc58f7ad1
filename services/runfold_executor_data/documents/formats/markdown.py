"""Tables and headings as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_LINES = re.compile(r"\s*\n\s*")


def table(rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; its first row is the head. Rows are as wide as the widest."""
    written = [[cell(text) for text in row] for row in rows]
    width = max(map(len, written), default=0)
    if not width:
        return ""
    lines = [_line(row, width) for row in written]
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)


def cell(text: str) -> str:
    """Text as it stands in a cell: on one line, its bars escaped."""
    if "|" in text:
        text = text.replace("|", "\\|")
    if "\n" in text or "\r" in text:
        text = _LINES.sub("<br>", text.replace("\r\n", "\n").replace("\r", "\n").strip())
    return text.strip()


def _line(row: list[str], width: int) -> str:
    padded = row + [""] * (width - len(row))
    return f"| {' | '.join(padded)} |"


def heading(level: int, text: str) -> str:
    """A heading on one line; empty for an empty one."""
    plain = " ".join(text.split())
    return f"{'#' * min(max(level, 1), 6)} {plain}" if plain else ""
