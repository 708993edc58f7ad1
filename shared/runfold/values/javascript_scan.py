"""Where references stand inside JavaScript programs of `code` nodes.

Read token by token, never run: `context.fetch.output` and `context['fetch']`. There is no parser of
JavaScript here, so what is not plainly of that form counts as reading all values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from runfold.values.paths import EVERYTHING, Ref
from runfold.values.python_bounds import size_problem
from runfold.values.python_scan import CONTEXT

_TOKEN = re.compile(
    r"(?P<space>\s+|//[^\n\r\u2028\u2029]*|/\*(?:.*?\*/|.*))"
    r"|(?P<text>'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'|\"[^\"\\\n]*+(?:\\.[^\"\\\n]*+)*+\")"
    r"|(?P<number>\.?\d[\w.]*)"
    r"|(?P<name>[#$\w]+)"
    r"|(?P<sign>\.\.\.|\?\.(?!\d)|=>|\+\+|--|[^\s])",
    re.DOTALL,
)
_REGEX = re.compile(r"/(?![*/])(?:[^\\/\[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,100}+\]){1,2000}+/\w*")
"""Of a bounded length: the search begins anew at each slash."""
_PIECE = re.compile(r"[^`\\$]*+(?:(?:\\.|\$(?!\{))[^`\\$]*+)*+(?P<end>`|\$\{)", re.DOTALL)
_BEFORE_REGEX = frozenset(
    (
        "return",
        "typeof",
        "case",
        "in",
        "of",
        "delete",
        "void",
        "throw",
        "new",
        "do",
        "else",
        "await",
    )
)
"""Words after which a slash begins a regular expression; after other words it divides."""
_KEY = re.compile(r"[A-Za-z_$][\w$]*")
_ESCAPE = re.compile(r"\\(.)")

_Token = tuple[str, str]
"""Its kind and its text."""


@lru_cache(maxsize=256)
def javascript_refs(text: str) -> tuple[Ref, ...]:
    """The values a program reads by `context.node…` or `context['node']…`.

    `context` used in a way that says nothing beforehand gives `Ref("*")`: all values. Text that
    cannot be read, or is too long, has no references; what runs it says so.
    """
    if size_problem(text) or CONTEXT not in text:
        return ()
    tokens = list(_tokens(text))
    found = [
        _context_ref(tokens, at)
        for at, token in enumerate(tokens)
        if token == ("name", CONTEXT) and not _is_key(tokens, at)
    ]
    return tuple(dict.fromkeys(found))


def _tokens(text: str) -> Iterator[_Token]:
    """The tokens that count, also those inside the braces of template literals."""
    at = 0
    before: _Token = ("sign", ";")
    braces: list[bool] = []  # of each open brace, whether it is a template literal's
    while at < len(text):
        if text[at] == "`" or (text[at] == "}" and braces and braces[-1]):
            if text[at] == "}":
                braces.pop()
            piece = _PIECE.match(text, at + 1)
            if piece is None:
                return
            opens = piece["end"] != "`"
            at = piece.end()
            if opens:
                braces.append(True)
            before = ("sign", ";") if opens else ("text", "``")
            yield before
            continue
        found = _regex(text, at, before) or _TOKEN.match(text, at)
        if found is None:
            return
        at = found.end()
        kind = found.lastgroup or "text"
        if kind == "space":
            continue
        before = (kind, found[0])
        if before == ("sign", "{"):
            braces.append(False)
        elif before == ("sign", "}") and braces:
            braces.pop()
        yield before


def _regex(text: str, at: int, before: _Token) -> re.Match[str] | None:
    """A regular expression, where one may stand."""
    kind, word = before
    if text[at] != "/" or kind in ("text", "number"):
        return None
    if kind == "name" and word not in _BEFORE_REGEX:
        return None
    if kind == "sign" and word in (")", "]", "++", "--"):
        return None
    return _REGEX.match(text, at)


def _is_key(tokens: list[_Token], at: int) -> bool:
    """Whether a name is one behind a dot, or that of an object's key: `{context: 1}`."""
    before = tokens[at - 1][1] if at else ""
    after = tokens[at + 1][1] if at + 1 < len(tokens) else ""
    return before in (".", "?.") or (after == ":" and before in ("{", ","))


def _context_ref(tokens: list[_Token], at: int) -> Ref:
    """What is read at a `context`: a root, and the first step into it."""
    path: list[str | int] = []
    shown = CONTEXT
    at += 1
    while len(path) <= 1:
        step = _step(tokens, at)
        if step is None:
            break
        key, length = step
        if tokens[at + length : at + length + 1] == [("sign", "(")]:
            break  # a method, which is no value of its own
        path.append(key)
        shown += "".join(word for _, word in tokens[at : at + length])
        at += length
    if not path or not isinstance(path[0], str):
        return Ref(EVERYTHING, (), CONTEXT)
    return Ref(path[0], tuple(path[1:]), shown)


def _step(tokens: list[_Token], at: int) -> tuple[str | int, int] | None:
    """A key that is written out, and the tokens it takes."""
    words = [word for _, word in tokens[at : at + 4]]
    if len(words) > 1 and words[0] in (".", "?.") and _KEY.fullmatch(words[1]):
        return words[1], 2
    optional = words[:1] == ["?."]
    inside = words[optional:]
    if inside[:1] == ["["] and inside[2:3] == ["]"]:
        kind, key = tokens[at + 1 + optional]
        if kind == "text":
            return _ESCAPE.sub(r"\1", key[1:-1]), 3 + optional
        if kind == "number" and key.isdecimal():
            return int(key), 3 + optional
    return None
