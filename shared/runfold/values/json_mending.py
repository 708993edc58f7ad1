"""JSON text that values were put into and broke, read as it was meant.

A quote or a line break inside a text, a comma too many or too few, a bracket that is not closed,
names without quotes, Python's `True` and `None`. Sound JSON is read by `json_reader`.
"""

from __future__ import annotations

import re
from typing import Any

from runfold.contracts.json_reader import read_json
from runfold.errors import Undecodable

_SPACE = re.compile(r"[\s,]*")
_ENDS = re.compile(r"\s*(?:[,}\]:]|$)")
_NOTHING = re.compile(r"\s*[,}]")
_BARE = re.compile(r"[^\s,:{}\[\]\"]+")
_NAMES: dict[str, Any] = {"true": True, "false": False, "null": None, "none": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_HEX = 4
_DEEPEST = 90


def mended(text: str) -> Any:
    """The value that text was meant as; the text itself when it is neither object nor list."""
    try:
        return read_json(text)
    except Undecodable:
        pass
    reading = _Reading(text)
    return reading.value(0) if text.lstrip()[:1] in ("{", "[") else text


class _Reading:
    """A text, and how far it is read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def value(self, depth: int) -> Any:
        """The value that begins here."""
        sign = self._next()
        if depth < _DEEPEST and sign in ("{", "["):
            self._at += 1
            return self._object(depth + 1) if sign == "{" else self._list(depth + 1)
        if sign in ('"', "'"):
            return self._quoted(sign)
        return self._bare()

    def _next(self) -> str:
        """The next sign that is neither white space nor a comma, unread."""
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while (sign := self._next()) not in ("", "}"):
            begun = self._at
            name = self._quoted(sign) if sign in ('"', "'") else str(self._bare())
            if self._next() == ":":
                self._at += 1
                found[name] = "" if _NOTHING.match(self._text, self._at) else self.value(depth)
            self._at = max(self._at, begun + 1)
        self._at += 1
        return found

    def _list(self, depth: int) -> list[Any]:
        found: list[Any] = []
        while self._next() not in ("", "]"):
            begun = self._at
            found.append(self.value(depth))
            self._at = max(self._at, begun + 1)
        self._at += 1
        return found

    def _quoted(self, quote: str) -> str:
        """A text in quotes; a quote that nothing of JSON follows is a part of it."""
        pieces: list[str] = []
        self._at += 1
        while self._at < len(self._text):
            sign = self._text[self._at]
            self._at += 1
            if sign == "\\":
                pieces.append(self._escaped())
            elif sign == quote and _ENDS.match(self._text, self._at):
                break
            else:
                pieces.append(sign)
        return "".join(pieces)

    def _escaped(self) -> str:
        sign = self._text[self._at : self._at + 1]
        self._at += 1
        digits = self._text[self._at : self._at + _HEX]
        if sign == "u" and len(digits) == _HEX and re.fullmatch("[0-9a-fA-F]+", digits):
            self._at += _HEX
            return chr(int(digits, 16))
        return _ESCAPES.get(sign, sign)

    def _bare(self) -> Any:
        """A number, a truth value, null, or a word without quotes."""
        found = _BARE.match(self._text, self._at)
        word = found[0] if found else self._text[self._at : self._at + 1]
        self._at += max(1, len(word))
        if word.lower() in _NAMES:
            return _NAMES[word.lower()]
        try:
            return read_json(word)
        except Undecodable:
            return word
