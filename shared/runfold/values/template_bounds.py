"""How large and how deep a template may be before the template engine is given it.

The engine is native code that follows a template's structure by recursion: what is too deep ends
the process. So depth is measured here first, over tokens, in one pass. The largest template among
our examples has 36 tokens.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from runfold.values.depth import Depth
from runfold.values.template_lexer import CLOSING, OPENING, Block, Token, Unclosed, blocks_of

MAX_TEMPLATE = 400_000
"""Characters of a template: as many as a rendered text may have."""
MAX_TOKENS = 20_000
"""Names, numbers, texts and signs in all blocks of a template."""
MAX_OPERATORS = 200
"""Operators, filters and brackets that one value may pass through."""
MAX_NESTING = 50
"""Brackets within each other."""
MAX_STATEMENTS = 100
"""Statements within each other; an `elif` is one within its `if`."""
SMALL = 8_192
"""Characters up to which many templates are remembered, and above which few are."""

SIMPLE = frozenset(
    ("if", "elif", "else", "endif", "for", "endfor", "raw", "endraw", "break", "continue")
)
"""Statements that build no value."""
BUILDERS = frozenset(("namespace", "dict", "cycler", "joiner", "loop", "caller"))
"""Functions that make values, or call a part of the template again."""
_OPENING_STATEMENTS = frozenset(
    ("if", "for", "with", "filter", "macro", "call", "autoescape", "block")
)
_WORDS = frozenset(("not", "and", "or", "in", "is", "if", "else"))
_SEPARATORS = frozenset((",", ":", "="))


class Shape(msgspec.Struct, frozen=True):
    """A template as its tokens show it."""

    blocks: tuple[Block, ...]
    problem: str = ""
    """Why the engine may not be given it; empty when it may."""
    is_excessive: bool = False
    """Whether the problem is its size or depth, not its syntax."""
    loops: bool = False
    """Whether parts of it may be rendered many times."""
    builds: bool = False
    """Whether it makes values of its own that it can read again: these can grow without bound."""


def shape_of(text: str) -> Shape:
    """The blocks of a template, and whether it is within the bounds."""
    return _small(text) if len(text) <= SMALL else _large(text)


def _shape(text: str) -> Shape:
    if len(text) > MAX_TEMPLATE:
        return _excess((), f"the template has {len(text)} characters, the limit is {MAX_TEMPLATE}")
    blocks: list[Block] = []
    try:
        blocks.extend(blocks_of(text, MAX_TOKENS))
    except Unclosed:
        return Shape(
            tuple(blocks), "unexpected end of input: a block, a comment or a text does not end"
        )
    except OverflowError:
        message = f"the template has more than {MAX_TOKENS} names, numbers, texts and signs"
        return _excess((), message)
    found = tuple(blocks)
    problem = _nested_statements(found) or _nested_values(found)
    if problem:
        return _excess(found, problem)
    return Shape(
        found,
        loops=any(block.statement == "for" for block in found),
        builds=any(_builds(block) for block in found),
    )


_small = lru_cache(maxsize=4096)(_shape)
_large = lru_cache(maxsize=64)(_shape)


def _excess(blocks: tuple[Block, ...], problem: str) -> Shape:
    return Shape(blocks, problem, is_excessive=True)


def _nested_statements(blocks: tuple[Block, ...]) -> str:
    """What is wrong with how deep statements stand in each other."""
    opened: list[int] = []
    depth = 0
    for block in blocks:
        name = block.statement
        is_open = name in _OPENING_STATEMENTS or (name == "set" and not _assigns(block))
        if is_open:
            opened.append(1)
            depth += 1
        elif name in ("elif", "else") and opened:
            opened[-1] += 1
            depth += 1
        elif name.startswith("end") and opened:
            depth -= opened.pop()
        if depth > MAX_STATEMENTS:
            return f"statements stand more than {MAX_STATEMENTS} deep in each other"
    return ""


def _assigns(block: Block) -> bool:
    """Whether a `set` is one of a value, and not one of the text up to `endset`."""
    return any(token.kind == "sign" and token.text == "=" for token in block.tokens)


def _nested_values(blocks: tuple[Block, ...]) -> str:
    """What is wrong with how deep values stand in each other."""
    for block in blocks:
        nesting, depth = _depth(block.tokens)
        if nesting > MAX_NESTING:
            return f"brackets stand more than {MAX_NESTING} deep in each other"
        if depth > MAX_OPERATORS:
            return f"a value passes through more than {MAX_OPERATORS} operators and filters"
    return ""


def _depth(tokens: tuple[Token, ...]) -> tuple[int, int]:
    """How deep brackets stand in each other, and values in operators and brackets."""
    depth = Depth()
    before: Token | None = None
    for token in tokens:
        if token.kind == "name":
            if token.text in _WORDS:
                depth.operator()
        elif token.kind == "sign":
            if token.text in OPENING:
                # Behind a value they are one more step from it: a call, or a subscript.
                if before is not None and _ends_value(before):
                    depth.operator()
                depth.opened()
            elif token.text in CLOSING:
                depth.closed()
            elif token.text in _SEPARATORS:
                depth.separator()
            else:
                depth.operator()
        before = token
    return depth.nesting, depth.total()


def _ends_value(token: Token) -> bool:
    return token.kind != "sign" or token.text in CLOSING


def _builds(block: Block) -> bool:
    if block.statement and block.statement not in SIMPLE:
        return True
    calls = zip(block.tokens, block.tokens[1:], strict=False)
    return any(
        token.kind == "name" and token.text in BUILDERS and following.text == "("
        for token, following in calls
    )
