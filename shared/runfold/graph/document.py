"""A workflow document from JSON, YAML or an object: a plain JSON value of bounded size, or findings.

What comes out can be walked by recursion, copied and written as JSON without surprises.
"""

from __future__ import annotations

from typing import Any

import msgspec
import yaml

from runfold.graph.findings import Findings
from runfold.graph.yaml_text import yaml_value

MAX_DOCUMENT = 4 * 1024 * 1024
"""Bytes of a document that is still read."""
MAX_VALUES = 200_000
"""Values in a document, aliases counted wherever they are used."""
MAX_DEPTH = 100
"""Objects and lists within each other."""


class _Unsound(Exception):
    """A value that JSON cannot hold, or too many of them."""

    def __init__(self, code: str, path: str, message: str) -> None:
        super().__init__(message)
        self.code, self.path, self.message = code, path, message


def read_document(source: bytes | str | dict[str, Any], found: Findings) -> dict[str, Any] | None:
    """The document as a JSON object; None, and why in `found`, when it is none."""
    value = _parsed(source, found) if isinstance(source, bytes | str) else source
    if found.failed:
        return None
    if not isinstance(value, dict):
        found.error("document.not_object", "", "a workflow is an object with id and nodes")
        return None
    try:
        document: dict[str, Any] = _Copy().of(value, "", 0)
    except _Unsound as error:
        found.error(error.code, error.path, error.message)
        return None
    return document


def _parsed(source: bytes | str, found: Findings) -> Any:
    if len(source) > MAX_DOCUMENT:
        found.error("document.too_large", "", f"over {MAX_DOCUMENT} bytes")
        return None
    try:
        text = _unescaped(source.decode() if isinstance(source, bytes) else source)
    except UnicodeDecodeError as error:
        found.error("document.unreadable", "", f"not UTF-8: {error.reason} at byte {error.start}")
        return None
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        said = str(error)
    except (RecursionError, UnicodeEncodeError) as error:
        found.error("document.unreadable", "", f"cannot be read: {error}")
        return None
    try:
        return yaml_value(text, max_depth=MAX_DEPTH, max_values=2 * MAX_VALUES)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        # What looks like JSON was meant as JSON, and YAML's complaint would mislead.
        is_json = text.lstrip().startswith(('{"', "{\n", "{\r", "["))
        why = f"no JSON: {said}" if is_json else _told(error)
        found.error("document.unreadable", "", f"the document is {why}")
        return None


def _told(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        return f"neither JSON nor YAML: {error.problem or error.context}{where}"
    return f"neither JSON nor YAML: {' '.join(str(error).split())}"


def _unescaped(text: str) -> str:
    """The text with the braces restored that some web pages escape."""
    return text.replace("&#123;", "{").replace("&#125;", "}")


class _Copy:
    """Copies a value, counting as it goes; shared and circular parts end in an error, not in none.

    A document of a few hundred bytes of YAML aliases can stand for billions of values.
    """

    def __init__(self) -> None:
        self._values = 0

    def of(self, value: Any, path: str, depth: int) -> Any:
        self._values += 1
        if self._values > MAX_VALUES:
            raise _Unsound("document.too_large", "", f"more than {MAX_VALUES} values")
        if depth > MAX_DEPTH:
            raise _Unsound("document.too_deep", path[:200], f"nested more than {MAX_DEPTH} deep")
        match value:
            case None | bool():
                return value
            case str():
                return self._text(value, path)
            case int() | float():
                return self._number(value, path)
            case dict():
                return {
                    self._key(key, path): self.of(inner, f"{path}.{key}" if path else key, depth + 1)
                    for key, inner in value.items()
                }
            case list() | tuple():
                return [
                    self.of(inner, f"{path}[{index}]", depth + 1)
                    for index, inner in enumerate(value)
                ]
            case _:
                message = f"{type(value).__name__} is nothing that JSON can say: write text"
                raise _Unsound("document.value", path, message)

    def _key(self, key: Any, path: str) -> str:
        if not isinstance(key, str):
            raise _Unsound("document.value", path, f"the key {key!r} is no text: put it in quotes")
        return self._text(key, path)

    def _text(self, text: str, path: str) -> str:
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise _Unsound("document.value", path, "half a character (a lone surrogate)")
        return _unescaped(text) if "&#12" in text else text

    def _number(self, number: float, path: str) -> float:
        whole = isinstance(number, int)
        sound = abs(number) < 1 << 63 if whole else number - number == 0
        if not sound:
            message = "a whole number must fit in 64 bits" if whole else f"{number} is no number"
            raise _Unsound("document.value", path, message)
        return number
