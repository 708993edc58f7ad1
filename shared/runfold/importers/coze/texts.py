"""Values and templates of Coze, written as native ones.

While it is being made, a value is a JSON value in which a `Place` stands for a reference. `native`
writes it: references in braces, and all other text so that nothing in it is read as a template.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from runfold.values.paths import is_path, spelled

Path = tuple[str | int, ...]


class Place(NamedTuple):
    """A reference: a name, and a way into its value."""

    root: str
    path: Path = ()
    filters: str = ""
    """What is done to the value: `|join(',')`."""

    def or_else(self, constant: Any) -> Place:
        """The value, and a constant where that is null or not there."""
        written = json.dumps(constant, ensure_ascii=False)
        return self._replace(filters=f"{self.filters}|default({written}, true)")


class Either(NamedTuple):
    """Two ways into the outputs of a node, or of it and another: the first that is not empty."""

    first: Path
    second: Path | str
    """The other way, or text that stands for what is empty."""
    other: str = ""
    """Id of the node that the second way leads into, where that is another."""
    is_swapped: bool = False
    """Whether it is the first way that leads into the other node."""


class Parts(NamedTuple):
    """An object that is put together: ways into the outputs of a node by name, or constants."""

    ways: dict[str, Path | str]


def place_in(root: str, way: Path | Either, rest: Path = ()) -> Place:
    """The place in the outputs of a node that a way leads to."""
    if not isinstance(way, Either):
        return Place(root, (*way, *rest))
    if isinstance(way.second, str):
        return Place(root, way.first).or_else(way.second)
    other = way.other or root
    one, two = (other, root) if way.is_swapped else (root, other)
    return Place(one, way.first, f"|default({spelled('_', (two, *way.second))}, true)")


class Text(NamedTuple):
    """A native template, finished."""

    written: str


_BRACES = re.compile(r"\{\{([^{}]*)\}\}")
_OPENER = re.compile(r"\{(?=[{%#])")
_STEP = re.compile(r"\.?([^.\[\]\s\"']+)|\[\s*(\d+)\s*\]|\[\s*[\"']([^\"']*)[\"']\s*\]")


def native(value: Any) -> Any:
    """A value with its references in braces."""
    match value:
        case Text():
            return value.written
        case Place():
            return "{{" + _spelled(value, by_name=bool(value.filters)) + "}}"
        case str():
            return joined([value])
        case dict():
            return {key: native(one) for key, one in value.items()}
        case list():
            return [native(one) for one in value]
        case _:
            return value


def joined(pieces: list[str | Place]) -> str:
    """Text and references in turn as one template."""
    needs_engine = any(
        _OPENER.search(piece) if isinstance(piece, str) else piece.filters for piece in pieces
    )
    written: list[str] = []
    for piece in pieces:
        if isinstance(piece, Place):
            if written and written[-1].endswith("{"):
                written[-1] = f"{written[-1][:-1]}{{{{ '{{' }}}}"
                needs_engine = True
            written.append("{{" + _spelled(piece, by_name=True) + "}}")
        else:
            written.append(_OPENER.sub("{{ '{' }}", piece))
    if needs_engine:
        return "".join(written)
    return "".join(
        piece if isinstance(piece, str) else "{{" + _spelled(piece, by_name=False) + "}}"
        for piece in pieces
    )


def filled(template: str, fill: Callable[[str], Any]) -> list[str | Place]:
    """A template of Coze as text and references.

    Args:
        template: Text with `{{a.b[0].c}}`.
        fill: What stands in a pair of braces: a value; raises `LookupError` when nothing does, and
            the braces stay.
    """
    pieces: list[str | Place] = []
    end = 0
    for found in _BRACES.finditer(template):
        try:
            value = fill(found[1].strip())
        except LookupError:
            continue
        pieces.append(template[end : found.start()])
        pieces.append(value if isinstance(value, Place) else as_text(value))
        end = found.end()
    pieces.append(template[end:])
    return [piece for piece in pieces if piece != ""]


def as_text(value: Any) -> str:
    """A value that is known, in text: compact JSON with its keys in order; null is nothing."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def steps_of(expression: str) -> Path:
    """The steps of `a.b[0].c`.

    Raises:
        LookupError: When it is no path.
    """
    steps: list[str | int] = []
    at = 0
    while at < len(expression):
        found = _STEP.match(expression, at)
        if found is None:
            raise LookupError(expression)
        steps.append(int(found[2]) if found[2] is not None else found[1] or found[3] or "")
        at = found.end()
    if not steps:
        raise LookupError(expression)
    return tuple(steps)


def entered(value: Any, path: Path) -> Any:
    """What is some steps down in a value; null when nothing is."""
    for at, step in enumerate(path):
        if isinstance(value, Place):
            return Place(value.root, (*value.path, *path[at:]))
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


_ELSE = re.compile(r"""\|default\((?:0|false|""), true\)(?=\}\})""")
_BY_NAME = re.compile(r"\{\{_\['([^'\\]*)'\]([^|}]*)\}\}")


def loosely(value: Any) -> Any:
    """A native value with its references as authors write them: without what stands for null."""
    match value:
        case str():
            return _BY_NAME.sub(r"{{\1\2}}", _ELSE.sub("", value))
        case dict():
            return {key: loosely(one) for key, one in value.items()}
        case list():
            return [loosely(one) for one in value]
        case _:
            return value


def has_place(value: Any) -> bool:
    """Whether a value is known only while the workflow runs."""
    if isinstance(value, Place | Text):
        return True
    if isinstance(value, dict):
        return any(map(has_place, value.values()))
    return isinstance(value, list) and any(map(has_place, value))


def _spelled(place: Place, *, by_name: bool) -> str:
    path = spelled(place.root, place.path)
    if by_name or not is_path(path):
        path = spelled("_", (place.root, *place.path))
    return path + place.filters
