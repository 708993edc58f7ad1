"""What a command prints to be read: one JSON document, or a table. Both go to standard output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TextIO

import msgspec

GAP = "  "


def print_json(document: Any) -> None:
    """Print a document, structs included, as one line of JSON."""
    print(msgspec.json.encode(document).decode())


def print_table(
    titles: Sequence[str], rows: Iterable[Sequence[object]], *, to: TextIO | None = None
) -> None:
    """Print rows under titles, each column as wide as it must be; the last one as it is."""
    texts = [[_cell(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(titles, *texts, strict=True)]
    for row in ([*titles], *texts):
        padded = [f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)]
        print(GAP.join((*padded[:-1], row[-1])).rstrip(), file=to)


def _cell(value: object) -> str:
    """A value on one line, without what a terminal would carry out."""
    if value is None or value == "":
        return "-"
    return "".join(one if one.isprintable() else " " for one in str(value))
