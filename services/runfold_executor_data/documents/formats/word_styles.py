"""What the paragraphs of a Word document are by their styles: headings and items of lists."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any, NamedTuple

from runfold_executor_data.documents.formats.archives import Archive, attribute, child, local

_HEADING = re.compile(r"heading\s*([1-9])", re.IGNORECASE)
_BODY = 9
"""Outline level of text that is not a heading."""
_MOST_DEPTH = 9
_MOST_BASES = 20
"""Styles that one style may go back to."""


class Form(NamedTuple):
    """What a paragraph is."""

    level: int = 0
    """Of a heading, from 1; 0: not one."""
    mark: str = ""
    """Of an item of a list: `-` or its number."""
    depth: int = 0
    """Of an item."""


class _Style(NamedTuple):
    level: int
    number: str
    depth: int


class Styles:
    """Tells what paragraphs are. Items of numbered lists are counted as they come.

    Args:
        styles: By id.
        formats: (numbering, depth) → the format of its numbers.
        starts: (numbering, depth) → the first number.
    """

    def __init__(
        self,
        styles: dict[str, _Style],
        formats: dict[tuple[str, int], str],
        starts: dict[tuple[str, int], int],
    ) -> None:
        self._styles = styles
        self._formats = formats
        self._starts = starts
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)

    def of(self, paragraph: Any) -> Form:
        """What a paragraph is."""
        properties = child(paragraph, "pPr")
        own = _style(properties)
        named = None if properties is None else child(properties, "pStyle")
        style = self._styles.get("" if named is None else attribute(named, "val"), _NOTHING)
        level = own.level or style.level
        if 0 < level <= _BODY:
            return Form(level)
        number = own.number or style.number
        if number in ("", "0"):
            return Form()
        depth = own.depth if own.number else style.depth
        return Form(0, self._mark(number, depth), depth)

    def _mark(self, number: str, depth: int) -> str:
        sort = self._formats.get((number, depth), "bullet")
        if sort in ("bullet", "none"):
            return "-"
        counts = self._counts[number]
        for deeper in [one for one in counts if one > depth]:
            del counts[deeper]
        first = self._starts.get((number, depth), 1)
        counts[depth] = counts[depth] + 1 if depth in counts else first
        return f"{counts[depth]}."


_NOTHING = _Style(0, "", 0)


def _style(properties: Any, name: str = "") -> _Style:
    """What the properties of a paragraph or a style say."""
    found = _HEADING.fullmatch(name.strip())
    level = int(found[1]) if found else int(name.strip().lower() == "title")
    number, depth = "", 0
    for one in () if properties is None else properties:
        if local(one) == "outlineLvl" and not level:
            outline = _int(attribute(one, "val"), _BODY)
            level = outline + 1 if 0 <= outline < _BODY else 0
        elif local(one) == "numPr":
            for part in one:
                if local(part) == "numId":
                    number = attribute(part, "val")
                elif local(part) == "ilvl":
                    depth = min(max(_int(attribute(part, "val"), 0), 0), _MOST_DEPTH)
    return _Style(level, number, depth)


def read_styles(archive: Archive, main: str) -> Styles:
    """The styles and numberings of a document."""
    name = archive.part(main, "styles")
    own: dict[str, _Style] = {}
    bases: dict[str, str] = {}
    for one in archive.xml(name) if name else ():
        if local(one) != "style":
            continue
        style_id = attribute(one, "styleId")
        called, base = child(one, "name"), child(one, "basedOn")
        title = "" if called is None else attribute(called, "val")
        own[style_id] = _style(child(one, "pPr"), title)
        bases[style_id] = "" if base is None else attribute(base, "val")
    styles = {style_id: _inherited(style_id, own, bases) for style_id in own}
    return Styles(styles, *_numberings(archive, main))


def _inherited(style_id: str, own: dict[str, _Style], bases: dict[str, str]) -> _Style:
    level, number, depth = own[style_id]
    for _ in range(_MOST_BASES):
        style_id = bases.get(style_id, "")
        if style_id not in own:
            break
        base = own[style_id]
        level = level or base.level
        if not number:
            number, depth = base.number, base.depth
    return _Style(level, number, depth)


def _numberings(
    archive: Archive, main: str
) -> tuple[dict[tuple[str, int], str], dict[tuple[str, int], int]]:
    name = archive.part(main, "numbering")
    abstract: dict[str, list[tuple[int, str, int]]] = {}
    formats: dict[tuple[str, int], str] = {}
    starts: dict[tuple[str, int], int] = {}
    for one in archive.xml(name) if name else ():
        if local(one) == "abstractNum":
            levels = [_level(level) for level in one if local(level) == "lvl"]
            abstract[attribute(one, "abstractNumId")] = levels
        elif local(one) == "num":
            refers = child(one, "abstractNumId")
            number = attribute(one, "numId")
            for depth, sort, first in abstract.get(
                "" if refers is None else attribute(refers, "val"), ()
            ):
                formats[number, depth] = sort
                starts[number, depth] = first
    return formats, starts


def _level(level: Any) -> tuple[int, str, int]:
    sort, start = child(level, "numFmt"), child(level, "start")
    return (
        _int(attribute(level, "ilvl"), 0),
        "bullet" if sort is None else attribute(sort, "val"),
        1 if start is None else _int(attribute(start, "val"), 1),
    )


def _int(text: str, default: int) -> int:
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 10 else default  # noqa: PLR2004
