"""html: its blocks as Markdown, in their order; tables of data as tables.

Pages nest as deep as they like, so nothing here calls itself.
"""

from __future__ import annotations

import re
from typing import Any

from runfold_executor_data.documents.formats.markdown import heading, table
from runfold_executor_data.documents.formats.plain import clean, decoded, tidy
from runfold_executor_data.documents.reading import Document, Job, Text

_TEXT = "-text"
_SKIPPED = frozenset(
    (
        *("script", "style", "template", "noscript", "head", "svg", "math", "iframe", "object"),
        *("canvas", "audio", "video", "-comment", "rt", "rp"),
    )
)
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog"),
        *("div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hr"),
        *("html", "legend", "li", "main", "nav", "ol", "option", "p", "section", "summary"),
        *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption"),
        *("h1", "h2", "h3", "h4", "h5", "h6"),
    )
)
_LISTS = ("ul", "ol")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BREAK = "\x00"
"""Where a line ends, while the white space around is put together. Text has none of it."""
_SPACE = re.compile(r"[ \t\r\n\f]+")
_AROUND_BREAK = re.compile(f" *{_BREAK} *")
_MOST_DEPTH = 20
"""Of lists in lists, as they are indented."""
_MOST_SPAN = 1000


def read_html(body: bytes, job: Job) -> Document:
    """The text of a page."""
    text, warnings = decoded(body, job.charset, inside=True)
    written, metadata = rendered(text)
    counted = Text(job.most).room(written)
    return Document(kind="html", text=counted, metadata=metadata, warnings=warnings)


def rendered(html: str) -> tuple[str, dict[str, Any]]:
    """The text of a page as Markdown, and what its head says of it."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(html)
    metadata = {}
    title = tree.css_first("title")
    if title is not None and (said := " ".join(clean(title.text()).split())):
        metadata["title"] = said[:1000]
    root = tree.root
    if root is not None and (language := (root.attributes or {}).get("lang")):
        metadata["language"] = language[:100]
    start = tree.body or root
    return ("" if start is None else _Walk().text(start)), metadata


class _Walk:
    """Goes through a page, and puts together its blocks."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._inline: list[str] = []
        self._lists: list[int | None] = []
        """Of each list it is inside: the number of the last item, None for bullets."""
        self._mark = ""
        """What the next block begins with."""

    def text(self, start: Any) -> str:
        """The text of a node."""
        left: list[tuple[Any, bool]] = [(start, False)]
        while left:
            node, is_left = left.pop()
            if is_left:
                self._leave(node.tag)
            elif self._enter(node):
                left.append((node, True))
                inner = node.last_child
                while inner is not None:
                    left.append((inner, False))
                    inner = inner.prev
        self._flush()
        return tidy("".join(self._blocks))

    def _enter(self, node: Any) -> bool:
        """Whether to go on inside a node."""
        tag = node.tag
        if tag == _TEXT:
            self._inline.append(clean(node.text_content or ""))
        elif tag == "br":
            self._inline.append(_BREAK)
        elif tag == "pre":
            self._flush()
            self._put(f"```\n{clean(node.text()).strip(chr(10))}\n```")
        elif tag == "table" and (rows := _rows(node)) is not None:
            self._flush()
            self._put(table(rows))
        elif tag not in _SKIPPED:
            if tag in _BLOCKS:
                self._flush()
            self._begin(node, tag)
            return True
        return False

    def _begin(self, node: Any, tag: str) -> None:
        if tag in _LISTS:
            if not self._lists:
                self._blocks.append("\n")
            start = (node.attributes or {}).get("start") or "1"
            first = int(start) if start.isdecimal() and len(start) < 9 else 1  # noqa: PLR2004
            self._lists.append(first - 1 if tag == "ol" else None)
        elif tag == "li":
            last = self._lists[-1] if self._lists else None
            if last is not None:
                self._lists[-1] = last + 1
            mark = "-" if last is None else f"{last + 1}."
            self._mark = "  " * min(len(self._lists) - 1, _MOST_DEPTH) + mark + " "

    def _leave(self, tag: str) -> None:
        if tag in _HEADINGS:
            text = " ".join(self._taken().split())
            if text:
                self._put(heading(int(tag[1]), text))
        elif tag in _BLOCKS:
            self._flush()
        if tag in _LISTS:
            self._lists.pop()
            if not self._lists:
                self._mark = ""
                self._blocks.append("\n")

    def _taken(self) -> str:
        text = _AROUND_BREAK.sub("\n", _SPACE.sub(" ", "".join(self._inline)))
        self._inline.clear()
        return text.strip()

    def _flush(self) -> None:
        text = self._taken()
        if text:
            self._put(text)

    def _put(self, text: str) -> None:
        """Add a block; items of a list follow one another without an empty line."""
        if not text:
            return
        if self._lists:
            indent = "  " * min(len(self._lists), _MOST_DEPTH)
            begin = self._mark or indent
            self._blocks.append(begin + text.replace("\n", f"\n{indent}") + "\n")
        else:
            self._blocks.append(f"\n{text}\n")
        self._mark = ""


def _rows(node: Any) -> list[list[str]] | None:
    """The rows of a table of data; None for one that lays a page out."""
    if len(node.css("table")) > 1:
        return None
    rows: list[list[str]] = []
    below: dict[int, int] = {}
    for row in node.css("tr"):
        cells: list[str] = []
        for one in row.iter():
            if one.tag not in ("td", "th"):
                continue
            while _covered(below, len(cells)):
                cells.append("")
            span, down = _span(one, "colspan"), _span(one, "rowspan")
            if down > 1:
                below.update({len(cells) + at: down - 1 for at in range(span)})
            cells += [_cell(one), *[""] * (span - 1)]
        while _covered(below, len(cells)):
            cells.append("")
        if cells:
            rows.append(cells)
    if max(map(len, rows), default=0) < 2:  # noqa: PLR2004 -- one column is a frame
        return None
    return rows if any(map(any, rows)) else []


def _covered(below: dict[int, int], column: int) -> bool:
    """Whether a cell of a row above reaches down to a column; counts it."""
    left = below.pop(column, 0)
    if left > 1:
        below[column] = left - 1
    return left > 0


def _span(cell: Any, name: str) -> int:
    text = (cell.attributes or {}).get(name) or "1"
    return min(max(int(text), 1), _MOST_SPAN) if text.isdecimal() and len(text) < 9 else 1  # noqa: PLR2004


def _cell(node: Any) -> str:
    return _Walk().text(node)
