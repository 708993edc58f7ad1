"""What keeps a template from growing without bound, since the engine's fuel counts steps only.

- `*` multiplies numbers and never repeats text: both sides go through a filter that insists.
- Methods and functions are those listed here; values are never changed by a template.
- `replace` and `join` know the size of their result beforehand.
- What is printed is counted as it is printed.

An author can still build a large text on purpose, by doubling a variable in a loop. That costs the
executor's process, which is what redelivery limits are for, and it is why a template that the
scheduler renders itself may have neither arithmetic repetition nor variables of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from runfold.errors import ExpressionFailed
from runfold.values.json_text import text_of, to_json
from runfold.values.template_scan import Token, tokens_of

NUMBER_FILTER = "factor_"
"""Name of the filter put on both sides of `*`."""

MAX_LENGTH = 400_000
"""Characters a rendered text may have unless the caller says otherwise."""

METHODS = frozenset(
    [
        "capitalize",
        "count",
        "endswith",
        "find",
        "get",
        "isalnum",
        "isalpha",
        "isascii",
        "isdigit",
        "islower",
        "isnumeric",
        "isspace",
        "isupper",
        "items",
        "keys",
        "lower",
        "lstrip",
        "removeprefix",
        "removesuffix",
        "rfind",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "upper",
        "values",
    ]
)
"""Methods a template may call."""

FUNCTIONS = frozenset(("range", "dict", "namespace", "cycler", "joiner", "loop", "caller"))
"""Functions a template may call, beside its own macros."""

_INLINE_STATEMENTS = frozenset(
    (
        "if",
        "elif",
        "else",
        "endif",
        "for",
        "endfor",
        "raw",
        "endraw",
        "break",
        "continue",
    )
)
_NO_STATEMENTS = frozenset(("include", "import", "from", "extends", "block"))


def guarded(source: str) -> str:
    """The template with a number check on both sides of every `*`, lines unchanged."""
    marks: list[int] = []
    for _, tokens in tokens_of(source):
        for at, token in enumerate(tokens):
            if token.kind == "sign" and token.text == "*" and at > 0:
                marks += (tokens[at - 1].end, _operand_end(tokens, at + 1))
    pieces: list[str] = []
    start = 0
    for mark in sorted(marks):
        pieces += (source[start:mark], f"|{NUMBER_FILTER}")
        start = mark
    return "".join([*pieces, source[start:]])


def _operand_end(tokens: tuple[Token, ...], at: int) -> int:
    """Where in the text the operand that begins at token `at` ends: `-name.key[0]|filter(x)`."""
    while at < len(tokens) and tokens[at].text in ("-", "+") and tokens[at].kind == "sign":
        at += 1
    if at >= len(tokens):
        return tokens[-1].end
    at = _closing(tokens, at) if _opens(tokens[at]) else at
    while at + 1 < len(tokens):
        following = tokens[at + 1]
        if following.kind != "sign":
            break
        if following.text in (".", "|") and at + 2 < len(tokens):
            at += 2
        elif following.text in ("(", "["):
            at = _closing(tokens, at + 1)
        else:
            break
    return tokens[at].end


def _opens(token: Token) -> bool:
    return token.kind == "sign" and token.text in ("(", "[", "{")


def _closing(tokens: tuple[Token, ...], at: int) -> int:
    """The place of the bracket that closes the one at `at`."""
    depth = 0
    for place in range(at, len(tokens)):
        token = tokens[place]
        if _opens(token):
            depth += 1
        elif token.kind == "sign" and token.text in (")", "]", "}"):
            depth -= 1
            if depth == 0:
                return place
    return len(tokens) - 1


def call_findings(source: str) -> Iterator[str]:
    """Calls and statements that a template may not have."""
    blocks = list(tokens_of(source))
    macros = {tokens[0].text for statement, tokens in blocks if statement == "macro" and tokens}
    for statement, tokens in blocks:
        if statement in _NO_STATEMENTS:
            yield f"there are no other templates to {statement!r} here"
        for at, token in enumerate(tokens):
            if token.kind != "sign" or token.text != "(" or at == 0:
                continue
            problem = _call_problem(tokens, at, macros)
            if problem:
                yield problem


def _call_problem(tokens: tuple[Token, ...], at: int, macros: set[str]) -> str:
    """What is wrong with calling what stands before the bracket at `at`; empty when nothing is."""
    called = tokens[at - 1]
    before = [token.text for token in tokens[max(at - 3, 0) : at - 1] if token.kind != "text"]
    if called.kind == "text" or called.text in (")", "]"):
        return "only functions and methods can be called"
    is_filter_or_test = before[-1:] in (["|"], ["is"]) or before == ["is", "not"]
    if called.kind != "name" or is_filter_or_test:
        return ""
    if before[-1:] == ["."]:
        known = METHODS
        what = f"method {called.text!r} cannot be called"
    else:
        known = FUNCTIONS
        what = f"there is no function {called.text!r}"
        if called.text in _OPERATORS or called.text in macros:
            return ""
    return "" if called.text in known else f"{what}: known are {', '.join(sorted(known))}"


_OPERATORS = frozenset(("and", "or", "not", "in", "is", "if", "else", "call", "filter", "with"))


def inline_findings(source: str) -> Iterator[str]:
    """What keeps the scheduler from rendering the template itself."""
    for statement, tokens in tokens_of(source):
        if statement and statement not in _INLINE_STATEMENTS:
            yield f"{{% {statement} %}} is not possible here: use a template node"
        for at, token in enumerate(tokens):
            if token.kind == "sign" and token.text in ("*", "**"):
                yield f"{token.text!r} is not possible here: use a template node"
            called = at + 1 < len(tokens) and tokens[at + 1].text == "("
            if called and token.text in ("range", "namespace"):
                yield f"{token.text}() is not possible here: use a template node"


class Budget:
    """Characters that one rendering may still print."""

    __slots__ = ("left", "limit")

    def __init__(self, limit: int) -> None:
        """Start with `limit` characters."""
        self.limit = limit
        self.left = limit

    def spend(self, size: int) -> None:
        """Count printed characters.

        Raises:
            ExpressionFailed: `template.too_long`, when there were too many.
        """
        self.left -= size
        if self.left < 0:
            raise too_long(self.limit)


def too_long(limit: int) -> ExpressionFailed:
    """The error of a text over the limit."""
    return ExpressionFailed(
        f"the rendered text is longer than {limit} characters",
        code="template.too_long",
        kind="limit",
        details={"limit": limit},
    )


# --- filters ------------------------------------------------------------------------------------


def factor(value: Any) -> Any:
    """Insist on a number, for `*`."""
    if isinstance(value, int | float):
        return value
    message = f"'*' multiplies numbers, and {_kind(value)} is not one"
    raise ExpressionFailed(message)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names: dict[type, str] = {str: "text", list: "a list", dict: "an object"}
    return names.get(type(value), "this value")


def replace(value: Any, old: Any, new: Any) -> str:
    """`text|replace(old, new)`."""
    text, before, after = text_of(value), text_of(old), text_of(new)
    size = len(text) + text.count(before) * max(len(after) - len(before), 0)
    if size > MAX_LENGTH:
        raise too_long(MAX_LENGTH)
    return text.replace(before, after)


def join(value: Any, separator: Any = "", attribute: Any = None) -> str:
    """`list|join(", ")`; with `attribute`, of that key of each item."""
    items = list(value)
    if attribute is not None:
        items = [item.get(attribute) if isinstance(item, dict) else None for item in items]
    between = text_of(separator)
    texts = [text_of(item) for item in items]
    if sum(map(len, texts)) + len(between) * len(texts) > MAX_LENGTH:
        raise too_long(MAX_LENGTH)
    return between.join(texts)


FILTERS: dict[str, Callable[..., Any]] = {
    NUMBER_FILTER: factor,
    "replace": replace,
    "join": join,
    "string": text_of,
    "tojson": to_json,
}
"""Filters of ours, over the engine's."""
