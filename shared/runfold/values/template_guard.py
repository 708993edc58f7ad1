"""What a template may call and state, and the number check on both sides of every `*`.

- `*` multiplies numbers and never repeats text: both sides go through a filter that insists.
- Methods and functions are those listed here; values are never changed by a template.

What a template that makes values of its own can still do, by doubling a variable in a loop, is
bounded by where it is rendered: such templates run in a process apart (`runfold.isolated`), and
the scheduler renders none of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from runfold.values.template_bounds import BUILDERS, SIMPLE, shape_of
from runfold.values.template_filters import NUMBER_FILTER
from runfold.values.template_lexer import CLOSING, OPENING, Token

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

_NO_STATEMENTS = frozenset(("include", "import", "from", "extends", "block"))


def guarded(source: str) -> str:
    """The template with a number check on both sides of every `*`, lines unchanged."""
    marks: list[int] = []
    for block in shape_of(source).blocks:
        tokens = block.tokens
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
    return token.kind == "sign" and token.text in OPENING


def _closing(tokens: tuple[Token, ...], at: int) -> int:
    """The place of the bracket that closes the one at `at`."""
    depth = 0
    for place in range(at, len(tokens)):
        token = tokens[place]
        if _opens(token):
            depth += 1
        elif token.kind == "sign" and token.text in CLOSING:
            depth -= 1
            if depth == 0:
                return place
    return len(tokens) - 1


def call_findings(source: str, further: frozenset[str] = frozenset()) -> Iterator[str]:
    """Calls and statements that a template may not have.

    Args:
        source: The template.
        further: Methods that it may call beside those of every template.
    """
    blocks = shape_of(source).blocks
    macros = {one.tokens[0].text for one in blocks if one.statement == "macro" and one.tokens}
    for block in blocks:
        if block.statement in _NO_STATEMENTS:
            yield f"there are no other templates to {block.statement!r} here"
        for at, token in enumerate(block.tokens):
            if token.kind != "sign" or token.text != "(" or at == 0:
                continue
            problem = _call_problem(block.tokens, at, macros, METHODS | further)
            if problem:
                yield problem


def _call_problem(
    tokens: tuple[Token, ...], at: int, macros: set[str], methods: frozenset[str]
) -> str:
    """What is wrong with calling what stands before the bracket at `at`; empty when nothing is."""
    called = tokens[at - 1]
    before = [token.text for token in tokens[max(at - 3, 0) : at - 1] if token.kind != "text"]
    if called.kind == "text" or called.text in (")", "]"):
        return "only functions and methods can be called"
    is_filter_or_test = before[-1:] in (["|"], ["is"]) or before == ["is", "not"]
    if called.kind != "name" or is_filter_or_test:
        return ""
    if before[-1:] == ["."]:
        known = methods
        what = f"method {called.text!r} cannot be called"
    else:
        known = FUNCTIONS
        what = f"there is no function {called.text!r}"
        if called.text in _OPERATORS or called.text in macros:
            return ""
    return "" if called.text in known else f"{what}: known are {', '.join(sorted(known))}"


def calls_any(source: str, methods: frozenset[str]) -> bool:
    """Whether a template calls one of some methods."""
    for block in shape_of(source).blocks if methods else ():
        texts = [token.text if token.kind != "text" else "" for token in block.tokens]
        for at in range(2, len(texts)):
            if texts[at] == "(" and texts[at - 1] in methods and texts[at - 2] == ".":
                return True
    return False


def computes(source: str) -> bool:
    """Whether a template calculates or compares: then numbers have to be numbers."""
    for block in shape_of(source).blocks:
        # `in` of a loop compares nothing.
        tested = {"in"} if block.statement == "for" else set()
        for token in block.tokens:
            names = _OF_NUMBERS - tested if token.kind == "name" else _CALCULATING
            if token.kind != "text" and token.text in names:
                return True
    return False


_CALCULATING = frozenset("+-*/%<>") | {"//", "**", "<=", ">=", "==", "!="}
_OF_NUMBERS = frozenset(
    (
        *("abs", "dictsort", "divisibleby", "even", "float", "format", "groupby", "in", "int"),
        *("is", "max", "min", "odd", "range", "round", "select", "selectattr", "reject"),
        *("rejectattr", "sort", "sum", "unique"),
    )
)
"""Operators, filters and tests that look at numbers."""


def shown(source: str) -> str:
    """The template with nothing printed for what is undefined, which is not null."""
    marks: list[tuple[int, str]] = []
    for block in shape_of(source).blocks:
        if not block.statement and block.tokens:
            marks += [(block.tokens[0].start, "("), (block.tokens[-1].end, ")|default('')")]
    pieces: list[str] = []
    start = 0
    for at, mark in marks:
        pieces += (source[start:at], mark)
        start = at
    return "".join([*pieces, source[start:]])


_OPERATORS = frozenset(("and", "or", "not", "in", "is", "if", "else", "call", "filter", "with"))


_NOT_INLINE = BUILDERS | {"range"}


def _is_method(tokens: tuple[Token, ...], at: int) -> bool:
    return at > 0 and tokens[at - 1].text in (".", "|")


def inline_findings(source: str) -> Iterator[str]:
    """What keeps the scheduler from rendering the template itself."""
    for block in shape_of(source).blocks:
        statement, tokens = block.statement, block.tokens
        if statement and statement not in SIMPLE:
            yield f"{{% {statement} %}} is not possible here: use a template node"
        for at, token in enumerate(tokens):
            if token.kind == "sign" and token.text in ("*", "**"):
                yield f"{token.text!r} is not possible here: use a template node"
            called = at + 1 < len(tokens) and tokens[at + 1].text == "("
            if called and token.text in _NOT_INLINE and not _is_method(tokens, at):
                yield f"{token.text}() is not possible here: use a template node"
