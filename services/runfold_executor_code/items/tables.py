"""Rows of tables in texts: CSV and HTML, read and written."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser
from typing import Any

from runfold_executor_code.items.javascript_values import is_nan, json_text, number, text

MOST_ROWS = 200_000
"""Rows of one table."""
_FIELD = 10_000_000
_CORNER = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def csv_rows(written: str, delimiter: str) -> list[list[str]]:
    """The rows of a text of CSV. Quotes inside a field that has none are part of it.

    Raises:
        ValueError: When it is not CSV, or has too many rows.
    """
    csv.field_size_limit(_FIELD)
    rows = []
    try:
        for row in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter or ","):
            if row:
                rows.append(row)
            if len(rows) > MOST_ROWS:
                message = f"a table of more than {MOST_ROWS} rows"
                raise ValueError(message)
    except (csv.Error, TypeError) as error:
        raise ValueError(str(error)) from error
    return rows


def csv_text(rows: list[list[Any]], delimiter: str) -> str:
    """Rows as a text of CSV."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=(delimiter or ",")[:1], lineterminator="\n")
    writer.writerows([[cell_text(cell) for cell in row] for row in rows])
    return made.getvalue().removesuffix("\n")


def cell_text(value: Any) -> str:
    """A value as a cell has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return json_text(value) if isinstance(value, list | dict) else text(value)


def html_text(rows: list[list[Any]]) -> str:
    """Rows as a page with one table."""
    lines = "".join(
        "<tr>"
        + "".join(f"<td>{escape(cell_text(cell), quote=False)}</td>" for cell in row)
        + "</tr>"
        for row in rows
    )
    head = '<html><head><meta charset="utf-8"/><title>Sheet</title></head>'
    return f"{head}<body><table>{lines}</table></body></html>"


class _Tables(HTMLParser):
    """Reads the rows of the first table."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._cell: list[str] | None = None
        self._is_over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a row or a cell."""
        del attrs
        if self._is_over:
            return
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._end_cell()
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a row, a cell or the table."""
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()
        if tag == "table" and self.rows:
            self._is_over = True

    def handle_data(self, data: str) -> None:
        """Take the text of a cell."""
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        if not self.rows:
            self.rows.append([])
        self.rows[-1].append("".join(self._cell).strip())
        self._cell = None


def html_rows(written: str) -> list[list[Any]]:
    """The rows of the first table of a page; numbers are numbers."""
    reader = _Tables()
    reader.feed(written)
    reader.close()
    return [[_typed(cell) for cell in row] for row in reader.rows if row]


def _typed(cell: str) -> Any:
    if cell in ("TRUE", "FALSE"):
        return cell == "TRUE"
    read = number(cell) if cell and not cell.lower().startswith("0x") else number("x")
    return cell if is_nan(read) else read


def flat(value: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """An object as one row: fields inside objects are called by their paths."""
    made: dict[str, Any] = {}
    for key, one in value.items():
        name = f"{before}.{key}" if before else str(key)
        if isinstance(one, Mapping) and one:
            made |= flat(one, name)
        else:
            made[name] = one
    return made


def rows_of(items: list[Mapping[str, Any]], *, header: bool) -> list[list[Any]]:
    """Objects as rows, with their names as the first one."""
    flats = [flat(one) for one in items]
    names = list(dict.fromkeys(name for one in flats for name in one))
    rows = [[one.get(name) for name in names] for one in flats]
    return [list(names), *rows] if header else rows


def sheet_objects(
    rows: list[list[Any]], *, header: bool, keeps_empty: bool
) -> list[dict[str, Any]]:
    """Rows of a workbook's sheet as objects; a name that is there twice is counted.

    Args:
        rows: Of values; None where a cell has nothing.
        header: Whether the first row has the names; else a row is a list.
        keeps_empty: Whether a cell that has nothing is an empty text, and not left out.
    """
    if not header:
        return [{"row": list(row)} for row in rows]
    width = max(map(len, rows), default=0)
    names = _distinct([*rows[0], *[None] * (width - len(rows[0]))]) if rows else []
    found = []
    for row in rows[1:]:
        if all(cell is None for cell in row):
            continue
        cells = zip(names, [*row, *[None] * (width - len(row))], strict=True)
        filled = {name: cell for name, cell in cells if keeps_empty or cell is not None}
        found.append({name: "" if cell is None else cell for name, cell in filled.items()})
    return found


def _distinct(cells: list[Any]) -> list[str]:
    counts: dict[str, int] = {}
    names = []
    for cell in cells:
        name = made = "__EMPTY" if cell is None else cell_text(cell)
        while made in counts:
            made = f"{name}_{counts[name]}"
            counts[name] += 1
        counts.setdefault(name, 1)
        counts[made] = counts.get(made, 1)
        names.append(made)
    return names


def part_of(rows: list[list[Any]], asked: str) -> list[list[Any]]:
    """The rows of a part of a sheet: `A2:D9`, or from a row on that is counted from 0.

    Raises:
        ValueError: When it is neither.
    """
    if not asked:
        return rows
    if asked.isdigit():
        return rows[int(asked) :]
    corners = [_corner(one) for one in asked.split(":")]
    first, last = corners[0], corners[-1]
    if first is None or last is None or len(corners) > 2:  # noqa: PLR2004 -- corners of a part
        message = f"there is no part {asked!r} of a sheet: write A2:D9"
        raise ValueError(message)
    return [row[first[0] : last[0] + 1] for row in rows[first[1] - 1 : last[1]]]


def _corner(written: str) -> tuple[int, int] | None:
    """The column of a cell from 0, and its row from 1."""
    found = _CORNER.fullmatch(written.strip().upper())
    return (column_of(found[1]), int(found[2])) if found else None


def column_of(letters: str) -> int:
    """The place of a column that letters name, from 0."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def objects_of(rows: list[list[Any]], *, header: bool, keeps_empty: bool) -> list[dict[str, Any]]:
    """Rows as objects, by the names in the first one; by their places, where there are none."""
    if not header:
        return [
            {"row": {str(at): cell for at, cell in enumerate(row) if keeps_empty or cell != ""}}
            for row in rows
        ]
    names = [text(one) for one in rows[0]] if rows else []
    return [
        {
            name: cell
            for name, cell in zip(names, row, strict=False)
            if name and (keeps_empty or cell != "")
        }
        for row in rows[1:]
    ]
