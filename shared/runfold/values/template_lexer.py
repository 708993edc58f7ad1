"""Templates cut into tokens, the way the template engine cuts them.

One pass, linear in the text. The guard of templates and the search for references both read what
comes out, so it must agree with the engine on every template that the engine accepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

_MARK = re.compile(r"\{[{%#]")
_SPACE = "[ \\t\\n\\r\\f]"
_RAW = re.compile(rf"{_SPACE}*raw{_SPACE}*[-+]?%\}}")
_END_RAW = re.compile(rf"\{{%[-+]?{_SPACE}*endraw{_SPACE}*[-+]?%\}}")
_END = {"": re.compile(r"[-+]?\}\}"), "%": re.compile(r"[-+]?%\}")}
_TOKEN = re.compile(
    rf"{_SPACE}*(?:"
    r"(?P<text>'[^'\\]*+(?:\\.[^'\\]*+)*+'|\"[^\"\\]*+(?:\\.[^\"\\]*+)*+\")"
    r"|(?P<number>0[xXbBoO][0-9a-fA-F_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)"
    r"|(?P<name>(?:[A-Za-z_]|[^\x00-\x7f\s])(?:\w|[^\x00-\x7f\s])*)"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])"
    r"|(?P<sign>\*\*|//|==|!=|<=|>=|[^\s'\"]))",
    re.DOTALL,
)
OPENING, CLOSING = frozenset("([{"), frozenset(")]}")


class Token(msgspec.Struct, frozen=True):
    """A piece of an expression inside a template."""

    kind: str
    """`text`, `number`, `name` or `sign`."""
    text: str
    start: int
    end: int


class Block(msgspec.Struct, frozen=True):
    """A `{{ }}` or `{% %}` block."""

    statement: str
    """The keyword of a statement; empty for a print."""
    tokens: tuple[Token, ...]
    """What follows the keyword."""


class Unclosed(Exception):
    """A block, comment or text without an end: the engine takes no such template."""


def is_template(text: str) -> bool:
    """Whether a text has anything a renderer would touch."""
    return _MARK.search(text) is not None


def blocks_of(text: str, most: int) -> Iterator[Block]:
    """The blocks of a template in turn, comments and raw text left out.

    Args:
        text: The template.
        most: Tokens after which to stop with `OverflowError`.

    Raises:
        Unclosed: At a block that does not end; those before it were given.
        OverflowError: The template has more tokens.
    """
    at, left = 0, most
    while (mark := _MARK.search(text, at)) is not None:
        at = mark.end()
        kind = text[at - 1]
        if kind == "#":
            end = text.find("#}", at)
            if end < 0:
                raise Unclosed
            at = end + 2
            continue
        if text[at : at + 1] in ("-", "+"):
            at += 1
        if kind == "%" and (raw := _RAW.match(text, at)) is not None:
            closing = _END_RAW.search(text, raw.end())
            if closing is None:
                raise Unclosed
            at = closing.end()
            continue
        tokens, at = _tokens(text, at, _END["%" if kind == "%" else ""], left)
        left -= len(tokens)
        if kind == "%" and tokens:
            yield Block(tokens[0].text, tuple(tokens[1:]))
        else:
            yield Block("", tuple(tokens))


def _tokens(text: str, at: int, ending: re.Pattern[str], most: int) -> tuple[list[Token], int]:
    """The tokens from `at` to the end of the block, and where that end is."""
    tokens: list[Token] = []
    depth = 0
    while True:
        found = _TOKEN.match(text, at)
        if found is None:
            raise Unclosed
        kind = found.lastgroup or "sign"
        start, end = found.span(kind)
        # Inside brackets `}}` closes two of them.
        if depth == 0 and (closing := ending.match(text, start)) is not None:
            return tokens, closing.end()
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(depth - 1, 0)
        tokens.append(
            Token("sign" if kind in ("open", "close") else kind, text[start:end], start, end)
        )
        if len(tokens) > most:
            raise OverflowError
        at = end
