"""Where references stand inside template text.

Names that a template binds itself (loop targets, `set`, macro arguments) are no references. The
template engine is asked about syntax only: what it says of undeclared names misses some.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

import minijinja
import msgspec

from runfold.values.paths import BY_NAME, PATH, Ref, by_name, is_path, parse_ref
from runfold.values.template_bounds import SMALL, Shape, shape_of
from runfold.values.template_lexer import Block, Token, is_template

__all__ = ["CONSTANTS", "WORDS", "Scan", "is_plain", "is_template", "scan"]

_PLAIN = re.compile(rf"\{{\{{\s*({PATH})\s*\}}\}}")
CONSTANTS = frozenset(("true", "false", "none", "True", "False", "None"))
WORDS = CONSTANTS | {"and", "or", "not", "in", "is", "if", "else"}
"""Names inside an expression that are never a reference."""


class Scan(msgspec.Struct, frozen=True):
    """What a template's text holds."""

    parts: tuple[str | Ref, ...] | None
    """Literal text and references in turn, when the template is nothing else."""
    refs: tuple[Ref, ...]
    guarded: frozenset[Ref]
    """References with a `default` filter right behind."""
    problem: str = ""
    """The syntax error, when there is one; `refs` is then what could be seen."""
    reads: tuple[Ref, ...] = ()
    """Every place that reads one of them, for what the template engine renders."""
    named: frozenset[str] = frozenset()
    """Roots that are read as `_['name']`."""


def _parser() -> minijinja.Environment:
    """A parser of its own for each template: checks run in threads."""
    return minijinja.Environment(keep_trailing_newline=True)


def scan(text: str) -> Scan:
    """The references and the shape of a template."""
    return _small(text) if len(text) <= SMALL else _large(text)


def is_plain(text: str) -> bool:
    """Whether a text is nothing but literal text and references: no engine has to read it."""
    return not is_template(text) or _plain_parts(text) is not None


def _scan(text: str) -> Scan:
    parts = _plain_parts(text)
    if parts is not None:
        refs = tuple(dict.fromkeys(part for part in parts if isinstance(part, Ref)))
        return Scan(parts, refs, frozenset())
    shape = shape_of(text)
    problem = shape.problem or _syntax_error(text)
    free = _free_names(text, shape)
    chains, named = [], set()
    for ref, has_default in _chains(text, shape):
        if not free(ref.root):
            continue
        of_name = by_name(ref.path) if ref.root == BY_NAME else None
        if of_name is not None:
            named.add(of_name.root)
        chains.append((of_name or ref, has_default))
    return Scan(
        None,
        tuple(dict.fromkeys(ref for ref, _ in chains)),
        frozenset(ref for ref, has_default in chains if has_default),
        problem,
        reads=tuple(ref for ref, _ in chains),
        named=frozenset(named),
    )


_small = lru_cache(maxsize=4096)(_scan)
_large = lru_cache(maxsize=64)(_scan)


def _syntax_error(text: str) -> str:
    """What the engine says is wrong with a template that is within the bounds."""
    try:
        _parser().add_template("scanned", text)
    except minijinja.TemplateError as error:
        return f"line {error.line}: {error.detail or error.message}"
    return ""


def _free_names(text: str, shape: Shape) -> Callable[[str], bool]:
    """Whether a name comes from outside: the engine says so, or the template never binds it."""
    bound = {name for block in shape.blocks for name in _bound(block.statement, block.tokens)}
    if not bound:
        return lambda _name: True
    outside: set[str] = set()
    if not shape.problem:
        try:
            outside = _parser().undeclared_variables_in_str(text)
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
        before = text[at : match.start()]
        if not is_path(match.group(1)) or is_template(before):
            return None
        ref = parse_ref(match.group(1))
        if ref.root in CONSTANTS and not ref.path:
            return None
        parts += (before, ref)
        at = match.end()
    rest = text[at:]
    if is_template(rest):
        return None
    return tuple(part for part in (*parts, rest) if part != "")


def _chains(text: str, shape: Shape) -> Iterator[tuple[Ref, bool]]:
    """Name chains of a template that stand for values, and whether `default` follows each."""
    for block in shape.blocks:
        tokens = _values_in(block)
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


def _values_in(block: Block) -> tuple[Token, ...]:
    """The tokens of a block that may be values: no name of a filter, no `recursive`."""
    tokens = block.tokens
    if block.statement.startswith("end"):
        return ()
    if block.statement == "filter":
        return tokens[1:]
    if block.statement == "for" and tokens and tokens[-1].text == "recursive":
        return tokens[:-1]
    return tokens


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
