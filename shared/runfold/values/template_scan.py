"""Where references stand inside template text, found by a small scanner.

Names that a template binds itself (loop targets, `set`, macro arguments) are no references. The
template engine is asked about syntax only: what it says of undeclared names misses some.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

import minijinja
import msgspec

from runfold.values.paths import PATH, Ref, parse_ref

_PLAIN = re.compile(rf"\{{\{{\s*({PATH})\s*\}}\}}")
_MARK = re.compile(r"\{[{%#]")
_BLOCK = re.compile(
    r"\{#.*?#\}"
    r"|\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}"
    r"|\{\{(?P<print>(?:[^'\"}]|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\}(?!\}))*)\}\}"
    r"|\{%(?P<statement>(?:[^'\"%]|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|%(?!\}))*)%\}",
    re.DOTALL,
)
_MOST_UNCLOSED = 20
"""Blocks without an end that are still passed over: there is a syntax error anyway."""
_TOKEN = re.compile(
    r"(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<number>\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>\*\*|//|==|!=|<=|>=|\S)",
    re.DOTALL,
)
CONSTANTS = frozenset(("true", "false", "none", "True", "False", "None"))
WORDS = CONSTANTS | {"and", "or", "not", "in", "is", "if", "else"}
"""Names inside an expression that are never a reference."""


class Token(msgspec.Struct, frozen=True):
    """A piece of an expression inside a template."""

    kind: str
    text: str
    start: int
    end: int


class Scan(msgspec.Struct, frozen=True):
    """What a template's text holds."""

    parts: tuple[str | Ref, ...] | None
    """Literal text and references in turn, when the template is nothing else."""
    refs: tuple[Ref, ...]
    guarded: frozenset[Ref]
    """References with a `default` filter right behind."""
    problem: str = ""
    """The syntax error, when there is one; `refs` is then what could be seen."""


_parser = minijinja.Environment(keep_trailing_newline=True)


def is_template(text: str) -> bool:
    """Whether a text has anything a renderer would touch."""
    return _MARK.search(text) is not None


@lru_cache(maxsize=8192)
def scan(text: str) -> Scan:
    """The references and the shape of a template."""
    parts = _plain_parts(text)
    if parts is not None:
        refs = tuple(dict.fromkeys(part for part in parts if isinstance(part, Ref)))
        return Scan(parts, refs, frozenset())
    problem = ""
    try:
        _parser.add_template("scanned", text)
    except minijinja.TemplateError as error:
        problem = f"line {error.line}: {error.detail or error.message}"
    free = _free_names(text)
    chains = [(ref, has_default) for ref, has_default in _chains(text) if free(ref.root)]
    return Scan(
        None,
        tuple(dict.fromkeys(ref for ref, _ in chains)),
        frozenset(ref for ref, has_default in chains if has_default),
        problem,
    )


def _free_names(text: str) -> Callable[[str], bool]:
    """Whether a name comes from outside: the engine says so, or the template never binds it."""
    bound = {name for statement, tokens in tokens_of(text) for name in _bound(statement, tokens)}
    if not bound:
        return lambda _name: True
    try:
        outside = _parser.undeclared_variables_in_str(text)
    except minijinja.TemplateError:
        outside = set()
    return lambda name: name in outside or name not in bound


def _bound(statement: str, tokens: tuple[Token, ...]) -> Iterator[str]:
    """The names a statement binds."""
    if statement == "for":
        yield "loop"
        for token in tokens:
            if token.text == "in":
                return
            if token.kind == "name":
                yield token.text
    elif statement in ("set", "with", "macro", "call"):
        for at, token in enumerate(tokens):
            if statement == "set" and _sign(tokens, at) == "=":
                return
            following = _sign(tokens, at + 1)
            argument = statement in ("macro", "call") and following in (",", ")", "=")
            if token.kind == "name" and (statement == "set" or argument or following == "="):
                yield token.text


def _plain_parts(text: str) -> tuple[str | Ref, ...] | None:
    parts: list[str | Ref] = []
    at = 0
    for match in _PLAIN.finditer(text):
        ref = parse_ref(match.group(1))
        before = text[at : match.start()]
        if ref.root in CONSTANTS or _MARK.search(before):
            return None
        parts += (before, ref)
        at = match.end()
    rest = text[at:]
    if _MARK.search(rest):
        return None
    return tuple(part for part in (*parts, rest) if part != "")


def tokens_of(text: str) -> Iterator[tuple[str, tuple[Token, ...]]]:
    """Tokens of each `{{ }}` and `{% %}` block, and the statement's keyword (`""` for prints)."""
    for block in _blocks(text):
        group = "print" if block.group("print") is not None else "statement"
        inner = block.group(group)
        if inner is None:
            continue
        offset = block.start(group)
        tokens = tuple(
            Token(
                match.lastgroup or "sign",
                match.group(),
                offset + match.start(),
                offset + match.end(),
            )
            for match in _TOKEN.finditer(inner)
        )
        if tokens and tokens[0].text in "-+":
            tokens = tokens[1:]
        if group == "statement" and tokens:
            yield tokens[0].text, tokens[1:]
        else:
            yield "", tokens


def _blocks(text: str) -> Iterator[re.Match[str]]:
    """The blocks of a template. Each that is never closed costs a look at all the rest."""
    at = unclosed = 0
    while unclosed < _MOST_UNCLOSED:
        mark = _MARK.search(text, at)
        if mark is None:
            return
        block = _BLOCK.match(text, mark.start())
        if block is not None:
            yield block
        unclosed += block is None
        at = block.end() if block else mark.start() + 1


def _chains(text: str) -> Iterator[tuple[Ref, bool]]:
    """Name chains of a template that stand for values, and whether `default` follows each."""
    for _, tokens in tokens_of(text):
        at = 0
        while at < len(tokens):
            if not _starts_chain(tokens, at):
                at += 1
                continue
            path, end = _chain(tokens, at)
            written = text[tokens[at].start : tokens[end - 1].end]
            guard = _sign(tokens, end) == "|" and _sign(tokens, end + 1) in (
                "default",
                "d",
            )
            yield Ref(tokens[at].text, path, written), guard
            at += 1


def _sign(tokens: tuple[Token, ...], at: int) -> str:
    """The token's text at a place, empty outside and for quoted text."""
    if not 0 <= at < len(tokens) or tokens[at].kind == "text":
        return ""
    return tokens[at].text


def _starts_chain(tokens: tuple[Token, ...], at: int) -> bool:
    token = tokens[at]
    if token.kind != "name" or token.text in WORDS:
        return False
    before, after = _sign(tokens, at - 1), _sign(tokens, at + 1)
    if before in (".", "|", "is") or (before == "not" and _sign(tokens, at - 2) == "is"):
        return False
    return after not in ("(", "=")


def _chain(tokens: tuple[Token, ...], at: int) -> tuple[tuple[str | int, ...], int]:
    """The constant path behind a name, and the place of the token after it."""
    path: list[str | int] = []
    end = at + 1
    while True:
        if _sign(tokens, end) == "." and end + 1 < len(tokens):
            following = tokens[end + 1]
            # `value.method(…)`: what is needed is the value itself.
            if following.kind not in ("name", "number") or _sign(tokens, end + 2) == "(":
                break
            path.append(int(following.text) if following.text.isdigit() else following.text)
            end += 2
            continue
        step = _subscript(tokens, end)
        if step is None:
            break
        path.append(step[0])
        end = step[1]
    return tuple(path), end


def _subscript(tokens: tuple[Token, ...], at: int) -> tuple[str | int, int] | None:
    if _sign(tokens, at) != "[" or at + 2 >= len(tokens):
        return None
    negative = _sign(tokens, at + 1) == "-"
    inner = tokens[at + 2 if negative else at + 1]
    close = at + (3 if negative else 2)
    if _sign(tokens, close) != "]":
        return None
    if inner.kind == "number" and inner.text.isdigit():
        return (-int(inner.text) if negative else int(inner.text)), close + 1
    if inner.kind == "text" and "\\" not in inner.text and not negative:
        return inner.text[1:-1], close + 1
    return None
