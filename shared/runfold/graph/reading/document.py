"""A workflow document from JSON, YAML or an object: a JSON value of bounded size, or findings.

What comes out can be walked by recursion, copied and written as JSON without surprises.
"""

from __future__ import annotations

import json
from typing import Any

import yaml

from runfold.graph.findings import Findings
from runfold.graph.reading.places import NOWHERE, JsonPlaces, Place, Places, YamlPlaces, place_of
from runfold.graph.reading.yaml_text import yaml_value

MAX_DOCUMENT = 4 * 1024 * 1024
"""Bytes of a document that is still read."""
MAX_VALUES = 200_000
"""Values in a document, aliases counted wherever they are used."""
MAX_DEPTH = 100
"""Objects and lists within each other."""

_RAISED = (RecursionError, ValueError, LookupError, TypeError, AttributeError)
"""What PyYAML raises beside its own errors, for `!!bool 7` and the like."""


class _Unsound(Exception):
    """A value that JSON cannot hold, or too many of them."""

    def __init__(self, code: str, path: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.finding = (code, path, message, hint)


def read_document(source: bytes | str | dict[str, Any], found: Findings) -> dict[str, Any] | None:
    """The document as a JSON object; None, and why in `found`, when it is none."""
    value = _parsed(source, found) if isinstance(source, bytes | str) else source
    if found.failed:
        return None
    if not isinstance(value, dict):
        found.error("document.not_object", "", "a workflow is an object with id and nodes")
        return None
    try:
        document: dict[str, Any] = _Copy().of(value)
    except _Unsound as error:
        found.error(*error.finding)
        return None
    return document


def places_in(source: bytes | str, *, is_json: bool) -> Places:
    """Where paths stand in a text that has been read, and as what."""
    text = _text_of(source)
    return JsonPlaces(text) if is_json else YamlPlaces(text)


def _parsed(source: bytes | str, found: Findings) -> Any:
    if len(source) > MAX_DOCUMENT:
        found.error("document.too_large", "", f"over {MAX_DOCUMENT} bytes")
        return None
    try:
        text = _text_of(source)
    except UnicodeDecodeError as error:
        message = f"not UTF-8: {error.reason} at byte {error.start}"
        found.error("document.unreadable", "", message, at=_place_of(error))
        return None
    places = found.places = JsonPlaces(text)
    try:
        return _json(text)
    except json.JSONDecodeError as error:
        not_json = error
    except (RecursionError, ValueError) as error:
        message = f"cannot be read: {error}"
        found.error("document.unreadable", "", message, at=places.of_second_key())
        return None
    try:
        value = yaml_value(text, max_depth=MAX_DEPTH, max_values=2 * MAX_VALUES)
    except (yaml.YAMLError, *_RAISED) as error:
        # What looks like JSON was meant as JSON, and YAML's complaint would mislead.
        is_json = text.lstrip().startswith(('{"', "{\n", "{\r", "["))
        why, place = _told(not_json if is_json else error)
        found.error("document.unreadable", "", f"the document is {why}", at=place)
        return None
    found.places = YamlPlaces(text)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, unless a key is written twice: one of the two would silently not count."""
    value: dict[str, Any] = {}
    for key, inner in pairs:
        if key in value:
            message = f"the key {key!r} is there twice"
            raise ValueError(message)
        value[key] = inner
    return value


_json = json.JSONDecoder(object_pairs_hook=_once).decode
"""Takes what JSON has not, such as NaN and half characters: `_Copy` refuses it, and tells where."""


def _told(error: Exception) -> tuple[str, Place]:
    """Why a text cannot be read, and where."""
    if isinstance(error, json.JSONDecodeError):
        place = Place(error.lineno, error.colno)
        return f"not JSON: {error.msg}{_at(place)}", place
    if isinstance(error, yaml.MarkedYAMLError):
        place = place_of(error.problem_mark) if error.problem_mark else NOWHERE
        return f"neither JSON nor YAML: {error.problem or error.context}{_at(place)}", place
    return f"neither JSON nor YAML: {' '.join(str(error).split())}", NOWHERE


def _at(place: Place) -> str:
    return f" at line {place.line}, column {place.column}" if place.line else ""


def _place_of(error: UnicodeDecodeError) -> Place:
    """The place of a byte that has no meaning; those before it have."""
    before = error.object[: error.start].decode()
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _text_of(source: bytes | str) -> str:
    text = source.decode() if isinstance(source, bytes) else source
    return _unescaped(text.removeprefix("\ufeff"))


def _unescaped(text: str) -> str:
    """The text with the braces restored that some web pages escape."""
    return text.replace("&#123;", "{").replace("&#125;", "}")


class _Copy:
    """Copies a value, counting as it goes; shared and circular parts end in an error, not in none.

    A document of a few hundred bytes of YAML aliases can stand for billions of values.
    """

    def __init__(self) -> None:
        self._values = self._characters = 0
        self._steps: list[str] = []

    def of(self, value: Any) -> Any:
        self._values += 1
        if self._values > MAX_VALUES:
            raise _Unsound("document.too_large", "", f"more than {MAX_VALUES} values")
        if len(self._steps) > MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} deep"
            raise _Unsound("document.too_deep", self._path(), message)
        match value:
            case None | bool():
                return value
            case str():
                return self._text(value)
            case int() | float():
                return self._number(value)
            case dict():
                return self._object(value)
            case list() | tuple():
                return self._list(value)
            case _:
                raise self._unsound(f"{type(value).__name__} is nothing that JSON can say")

    def _object(self, value: dict[Any, Any]) -> dict[str, Any]:
        copy: dict[str, Any] = {}
        for key, inner in value.items():
            if not isinstance(key, str):
                raise self._unsound(f"the key {key!r} is no text: put it in quotes")
            name = self._text(key)
            if name in copy:
                raise self._unsound(f"the key {name!r} is there twice")
            self._steps.append(f".{name}")
            copy[name] = self.of(inner)
            self._steps.pop()
        return copy

    def _list(self, value: list[Any] | tuple[Any, ...]) -> list[Any]:
        copy = []
        for index, inner in enumerate(value):
            self._steps.append(f"[{index}]")
            copy.append(self.of(inner))
            self._steps.pop()
        return copy

    def _text(self, text: str) -> str:
        self._characters += len(text)
        if self._characters > MAX_DOCUMENT:
            message = f"more than {MAX_DOCUMENT} characters"
            raise _Unsound("document.too_large", "", message)
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise self._unsound("half a character (a lone surrogate)")
        return _unescaped(text) if "&#12" in text else text

    def _number(self, number: float) -> float:
        whole = isinstance(number, int)
        sound = -(1 << 63) <= number < 1 << 63 if whole else number - number == 0
        if not sound:
            what = "a whole number must fit in 64 bits" if whole else _not_a_number(number)
            raise self._unsound(what)
        return number

    def _unsound(self, message: str) -> _Unsound:
        return _Unsound("document.value", self._path(), message, "write it as text, in quotes")

    def _path(self) -> str:
        return "".join(self._steps).removeprefix(".")


def _not_a_number(number: float) -> str:
    return f"{number} is not a number that JSON has: NaN, infinity, or out of range"
