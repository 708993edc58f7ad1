"""The tokens of an expression in JavaScript, with their places and which bracket closes which.

There is no parser of JavaScript here: this knows where texts, templates and regular expressions
begin and end, which is what rewriting a call needs.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<space>\s+|//[^\n\r\u2028\u2029]*|/\*(?:.*?\*/|.*))"
    r"|(?P<text>'[^'\\]*+(?:\\.[^'\\]*+)*+'|\"[^\"\\]*+(?:\\.[^\"\\]*+)*+\")"
    r"|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\w*|\.\d+\w*)"
    r"|(?P<name>[#$\w]+)"
    r"|(?P<sign>\.\.\.|\?\.(?!\d)|=>|\+\+|--|\?\?|[^\s])",
    re.DOTALL,
)
_REGEX = re.compile(r"/(?![*/])(?:[^\\/\[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,1000}+\]){1,5000}+/\w*")
_PIECE = re.compile(r"[^`\\$]*+(?:(?:\\.|\$(?!\{))[^`\\$]*+)*+(?P<end>`|\$\{)", re.DOTALL)
_WORDS = "return typeof case in of delete void throw new do else await instanceof yield"
KEYWORDS = frozenset(_WORDS.split())
"""Words that no operand ends with: a slash after them begins a regular expression."""
_OPENS, _CLOSES = "([{", ")]}"


class Token(NamedTuple):
    """One token. Its kind: name, text, number, regex, sign; open, middle, close of a template."""

    kind: str
    text: str
    start: int
    end: int


class Unreadable(Exception):
    """Text that is not JavaScript as far as its brackets and quotes go."""


def tokens_of(text: str) -> list[Token]:
    """The tokens that count, in order.

    Raises:
        Unreadable: When a text or a template does not end.
    """
    found: list[Token] = []
    braces: list[str] = []
    at = 0
    while at < len(text):
        token = _next(text, at, found, braces)
        if token.kind != "space":
            found.append(token)
        at = token.end
    return found


def _next(text: str, at: int, before: list[Token], braces: list[str]) -> Token:
    one = text[at]
    if one == "`" or (one == "}" and braces and braces[-1] == "`"):
        return _piece(text, at, braces)
    if one == "/" and _may_be_regex(before) and (found := _REGEX.match(text, at)):
        return Token("regex", found.group(), at, found.end())
    match = _TOKEN.match(text, at)
    if match is None or match.lastgroup is None:
        raise Unreadable
    if one in "'\"" and match.lastgroup != "text":
        raise Unreadable
    if one == "{":
        braces.append(one)
    elif one == "}" and braces:
        braces.pop()
    return Token(match.lastgroup, match.group(), at, match.end())


def _piece(text: str, at: int, braces: list[str]) -> Token:
    piece = _PIECE.match(text, at + 1)
    if piece is None:
        raise Unreadable
    begins = text[at] == "`"
    if not begins:
        braces.pop()
    goes_on = piece["end"] == "${"
    if goes_on:
        braces.append("`")
    kinds = ("text", "open") if begins else ("close", "middle")
    return Token(kinds[goes_on], text[at : piece.end()], at, piece.end())


def _may_be_regex(before: list[Token]) -> bool:
    return not before or not ends_operand(before[-1])


def ends_operand(token: Token) -> bool:
    """Whether a value may end with this token, so that `(`, `[` or `/` after it goes on with it."""
    if token.kind == "name":
        return token.text not in KEYWORDS
    return token.kind in ("text", "number", "regex", "close") or token.text in (")", "]", "}")


def partners_of(tokens: list[Token]) -> dict[int, int]:
    """Of each bracket the place of the one that closes it, and the other way round.

    Raises:
        Unreadable: When they do not fit together.
    """
    partners: dict[int, int] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind == "open" or (token.kind == "sign" and token.text in _OPENS):
            opened.append(at)
        elif token.kind == "close" or (token.kind == "sign" and token.text in _CLOSES):
            if not opened:
                raise Unreadable
            start = opened.pop()
            partners[start], partners[at] = at, start
    if opened:
        raise Unreadable
    return partners
