"""How large and how deep Python text may be before a parser is given it.

Measured over tokens, in one pass: the parsers of Python and of the sandbox follow the structure by
recursion.
"""

from __future__ import annotations

import re
from functools import lru_cache

from runfold.values.depth import Depth

MAX_EXPRESSION = 20_000
"""Characters of an expression that is read."""
MAX_PROGRAM = 200_000
"""Characters of a program that is read."""
MAX_OPERATORS = 500
"""Operators and brackets that one value may pass through."""
MAX_NESTING = 50
"""Brackets within each other."""

_TOKEN = re.compile(
    r"(?P<text>(?P<prefix>[a-zA-Z]{0,2})(?P<body>"
    r"'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+'''|\"\"\"[^\"\\]*+(?:(?:\\.|\"(?!\"\"))[^\"\\]*+)*+\"\"\""
    r"|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'|\"[^\"\\\n]*+(?:\\.[^\"\\\n]*+)*+\"))"
    r"|(?P<comment>\#[^\n]*)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<number>\d[\w.]*)"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])"
    r"|(?P<end>\n|;)|(?P<separator>[,:=](?!=))"
    r"|(?P<sign>\*\*=?|//=?|>>=?|<<=?|[-+*/%@&|^~<>!=.:]=?)",
    re.DOTALL,
)
_WORDS = frozenset(("not", "and", "or", "in", "is", "if", "else", "lambda", "await", "for"))


def expression_problem(text: str) -> str:
    """Why an expression may not be parsed; empty when it may."""
    if len(text) > MAX_EXPRESSION:
        return f"the expression has {len(text)} characters, the limit is {MAX_EXPRESSION}"
    return _problem(text, "the expression")


def program_problem(text: str) -> str:
    """Why a program may not be parsed; empty when it may."""
    return size_problem(text) or _problem(text, "the program")


def size_problem(text: str) -> str:
    """Why a program of any language is too long; empty when it is not."""
    if len(text) > MAX_PROGRAM:
        return f"the program has {len(text)} characters, the limit is {MAX_PROGRAM}"
    return ""


@lru_cache(maxsize=256)
def _problem(text: str, what: str) -> str:
    nesting, depth = _deepest(text)
    if nesting > MAX_NESTING:
        return f"{what} has brackets more than {MAX_NESTING} deep in each other"
    if depth > MAX_OPERATORS:
        return f"{what} has a value that passes through more than {MAX_OPERATORS} operators"
    return ""


def _deepest(text: str) -> tuple[int, int]:
    """The deepest nesting of brackets, and of values, of any statement."""
    statement = _Statement()
    nesting = total = 0
    for found in _TOKEN.finditer(text):
        if found.lastgroup == "end" and not statement.depth.is_open:
            nesting = max(nesting, statement.depth.nesting)
            total = max(total, statement.depth.total())
            statement = _Statement()
        else:
            statement.take(found)
    return max(nesting, statement.depth.nesting), max(total, statement.depth.total())


class _Statement:
    """One statement as it is read, token by token."""

    def __init__(self) -> None:
        self.depth = Depth()
        self._lambdas = 0
        self._after_value = False

    def take(self, found: re.Match[str]) -> None:
        """Count the next token."""
        kind = found.lastgroup
        if kind in ("open", "close"):
            self._bracket(opens=kind == "open")
        elif kind == "separator":
            self._separator(found[0])
        elif kind == "sign" or (kind == "name" and found[0] in _WORDS):
            self.depth.operator()
            self._lambdas += found[0] == "lambda"
        elif kind == "text" and "f" in found["prefix"].lower():
            self.depth.inside(_in_braces(found["body"]))
        self._after_value = kind in ("name", "text", "number", "close")

    def _bracket(self, *, opens: bool) -> None:
        if not opens:
            self.depth.closed()
            return
        # Behind a value they are one more step from it: a call, or a subscript.
        if self._after_value:
            self.depth.operator()
        self.depth.opened()

    def _separator(self, sign: str) -> None:
        if self._lambdas and sign == ":":
            # What follows is the lambda's own.
            self._lambdas -= 1
        else:
            self.depth.separator()


def _in_braces(body: str) -> int:
    """The depth of the values inside a text's braces."""
    deepest = opened = start = 0
    for at, character in enumerate(body.replace("{{", "  ").replace("}}", "  ")):
        if character == "{":
            if opened == 0:
                start = at + 1
            opened += 1
        elif character == "}" and opened:
            opened -= 1
            if opened == 0:
                deepest = max(deepest, 1 + _deepest(body[start:at])[1])
    return deepest
