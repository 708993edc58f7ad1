"""The text of a program as tokens; comments and blanks are left out."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Kind = Literal["name", "number", "string", "regex", "template", "open", "close", "sign"]
MOST = 100_000
"""Tokens of a program."""


class Unerasable(Exception):
    """A program whose types cannot be erased, and why."""


class Token(NamedTuple):
    """One token."""

    kind: Kind
    text: str
    start: int
    end: int
    after_line: bool
    """Whether a line ends between it and the token before."""


_BLANK = re.compile(r"\s+|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_NAME = re.compile(r"#?[^\W\d]\w*|#?[$_][\w$]*", re.UNICODE)
_NAME_REST = re.compile(r"[\w$]*")
_NUMBER = re.compile(r"0[xXbBoO][\da-fA-F_]+n?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?n?")
_STRING = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"", re.DOTALL)
_REGEX = re.compile(r"/(?![*/])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*")
_CHUNK = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*", re.DOTALL)
_SIGN = re.compile(
    r"=>|\.\.\.|===|!==|==|!=|<=|<<=?|\*\*=?|&&=?|\|\|=?|\?\?=?|\?\.(?!\d)|\+\+|--|[-+*/%&|^]="
    r"|[-+*/%&|^!~?:;,.<>=@]"
)
_HEADS = frozenset(("if", "while", "for", "with"))
_BEFORE_REGEX = frozenset(
    ("return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "do", "else")
)


def tokens_of(source: str) -> list[Token]:
    """The tokens of a program.

    Raises:
        Unerasable: Where no token begins, or there are too many of them.
    """
    return _Lexer(source).run()


class _Lexer:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._found: list[Token] = []
        self._brackets: list[str] = []
        self._heads: list[bool] = []
        """Of each bracket that is open, whether it is the head of a statement: `if (…)`."""
        self._after_head = False
        self._after_line = False

    def run(self) -> list[Token]:
        while self._skip_blank():
            if len(self._found) > MOST:
                message = f"a program of more than {MOST} tokens"
                raise Unerasable(message)
            self._next()
        return self._found

    def _skip_blank(self) -> bool:
        start = self._at
        while found := _BLANK.match(self._source, self._at):
            self._at = found.end()
        self._after_line = "\n" in self._source[start : self._at]
        return self._at < len(self._source)

    def _next(self) -> None:
        char = self._source[self._at]
        if char == "`":
            self._template(self._at + 1, self._at)
        elif char in "([{":
            self._brackets.append(char)
            before = self._found[-1].text if self._found else ""
            self._heads.append(char == "(" and before in _HEADS)
            self._add("open", self._at + 1)
        elif char in ")]}":
            self._close(char)
        elif char == "/" and self._may_be_regex() and (regex := self._match(_REGEX)):
            self._add("regex", regex)
        elif end := self._name():
            self._add("name", end)
        elif number := self._match(_NUMBER):
            self._add("number", number)
        elif string := self._match(_STRING):
            self._add("string", string)
        elif sign := self._match(_SIGN):
            self._add("sign", sign)
        else:
            line = self._source.count("\n", 0, self._at) + 1
            message = f"line {line}: nothing that begins with {char!r} is known"
            raise Unerasable(message)

    def _name(self) -> int:
        found = self._match(_NAME)
        if not found:
            return 0
        rest = _NAME_REST.match(self._source, found)
        return rest.end() if rest else found

    def _match(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._source, self._at)
        return found.end() if found else 0

    def _close(self, char: str) -> None:
        opened = self._brackets.pop() if self._brackets else ""
        if opened == "${" and char == "}":
            self._heads.pop()
            self._template(self._at + 1, self._at)
            return
        if opened + char not in ("()", "[]", "{}"):
            line = self._source.count("\n", 0, self._at) + 1
            message = f"line {line}: {char!r} closes nothing"
            raise Unerasable(message)
        self._add("close", self._at + 1)
        self._after_head = self._heads.pop()

    def _template(self, begin: int, start: int) -> None:
        """A piece of a template up to its end, or to an expression in it."""
        found = _CHUNK.match(self._source, begin)
        end = found.end() if found else begin
        closes = self._source[start] == "}"
        if self._source.startswith("`", end):
            self._at = start
            self._add("close" if closes else "template", end + 1)
        elif self._source.startswith("${", end):
            self._brackets.append("${")
            self._heads.append(False)
            self._at = start
            if closes:
                # One expression ends and the next begins: two tokens in one place.
                self._add("close", start + 1)
            self._add("open", end + 2)
        else:
            message = "a template literal does not end"
            raise Unerasable(message)

    def _may_be_regex(self) -> bool:
        if not self._found:
            return True
        before = self._found[-1]
        if before.kind == "name":
            return before.text in _BEFORE_REGEX
        if before.kind == "close":
            return before.text == "}" or (before.text == ")" and self._after_head)
        return before.kind in ("open", "sign") and before.text not in ("++", "--")

    def _add(self, kind: Kind, end: int) -> None:
        text = self._source[self._at : end]
        self._found.append(Token(kind, text, self._at, end, self._after_line))
        self._after_line = False
        self._at = end
