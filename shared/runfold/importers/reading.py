"""The bytes of a foreign document as plain JSON values of bounded size.

More lenient than what is read of runfold's own documents: other systems take a key that is there
twice, dates, and characters that UTF-8 has not.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import yaml

from runfold.errors import InvalidInputs
from runfold.graph.reading.yaml_text import yaml_value

MAX_BYTES = 10 * 1024 * 1024
"""Bytes of a document that is still read."""
MAX_VALUES = 1_000_000
"""Values in a document, aliases counted wherever they are used."""
MAX_YAML_VALUES = 300_000
"""The same for YAML, which takes some ten times as long to read."""
MAX_DEPTH = 90
"""Objects and lists within each other."""
_LARGEST = 2**63

_BETWEEN = re.compile(r"^---(?=\s)", re.MULTILINE)
"""What YAML documents in one file are parted by."""

_SPACE = re.compile(r"\s*")

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RAISED = (yaml.YAMLError, RecursionError, ValueError, LookupError, TypeError, AttributeError)


class _Unsound(Exception):
    """A value that is nested too deep, or too many of them."""


def read_value(body: bytes) -> Any:
    """The JSON value that JSON or YAML text spells.

    Raises:
        InvalidInputs: `import.unreadable`, for what is neither, too large or too deep.
    """
    if len(body) > MAX_BYTES:
        raise _unreadable(f"{len(body)} bytes, and at most {MAX_BYTES} are read")
    text = text_of(body)
    if not text.strip():
        raise _unreadable("it is empty")
    try:
        return _Plain().of(_parsed(text), 0)
    except _Unsound as error:
        raise _unreadable(str(error)) from error


def text_of(body: bytes) -> str:
    """The text of a document: UTF-8, UTF-16, UTF-32, or else what Windows writes."""
    encoding = json.detect_encoding(body)
    if not encoding.startswith("utf-8"):
        return body.decode(encoding, "replace").removeprefix("\ufeff")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _parsed(text: str) -> Any:
    """The value of a text; of one that a web page has escaped the braces of, without that."""
    try:
        return _value(text)
    except InvalidInputs:
        plain = text.replace("&#123;", "{").replace("&#125;", "}")
        if plain == text:
            raise
        return _value(plain)


def _value(text: str) -> Any:
    looks_like_json = text.lstrip().startswith(("{", "["))
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if looks_like_json and (several := _in_a_row(text)):
            return several
        not_json = f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
    except (RecursionError, ValueError) as error:
        raise _unreadable(str(error)) from error
    try:
        return _yaml(text)
    except _RAISED as error:
        why = " ".join(str(error).split()).replace(' in "<unicode string>", line', ", line")[:300]
        raise _unreadable(
            not_json if looks_like_json else f"neither JSON nor YAML: {why}"
        ) from error


def _in_a_row(text: str) -> list[Any]:
    """The values of JSON documents one after the other, as of a file with one a line."""
    decoder, found, at = json.JSONDecoder(), list[Any](), 0
    text = text.strip()
    try:
        while at < len(text):
            value, at = decoder.raw_decode(text, at)
            found.append(value)
            between = _SPACE.match(text, at)
            at = between.end() if between else at
    except (RecursionError, ValueError):
        return []
    return found


def _yaml(text: str) -> Any:
    parts = [part for part in _BETWEEN.split(text) if part.strip()]
    if len(parts) > 1:
        return [_yaml_of_one(part, MAX_YAML_VALUES // len(parts)) for part in parts]
    return _yaml_of_one(text, MAX_YAML_VALUES)


def _yaml_of_one(text: str, max_values: int) -> Any:
    try:
        return yaml_value(text, max_depth=MAX_DEPTH, max_values=max_values)
    except yaml.constructor.ConstructorError as error:
        # Bounds are told with a place in the text, and so is a key that is there twice: that one
        # other systems take.
        if "is there twice" not in str(error):
            raise
    return yaml.load(text, Loader=_Base)  # noqa: S506 -- the safe loader


class _Plain:
    """A value with nothing in it that JSON has not."""

    def __init__(self) -> None:
        self._left = MAX_VALUES

    def of(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if self._left < 0:
            message = f"more than {MAX_VALUES} keys and values"
            raise _Unsound(message)
        if depth > MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} deep"
            raise _Unsound(message)
        match value:
            case None | bool():
                return value
            case str():
                return _sound(value)
            case int():
                return value if -_LARGEST <= value < _LARGEST else float_of(value)
            case float():
                return value if math.isfinite(value) else None
            case dict():
                return {_sound(str(key)): self.of(one, depth + 1) for key, one in value.items()}
            case list() | tuple() | set():
                return [self.of(one, depth + 1) for one in value]
            case bytes():
                return value.decode("utf-8", "replace")
            case _:
                return str(value)


def _sound(text: str) -> str:
    """Text without halves of characters, which no message can carry."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def float_of(value: int) -> float | str:
    """A whole number that is too large to be one; text, when it is too large for any number."""
    try:
        return float(value)
    except OverflowError:
        return str(value)


def _unreadable(why: str) -> InvalidInputs:
    return InvalidInputs(f"the document cannot be read: {why}", code="import.unreadable")
