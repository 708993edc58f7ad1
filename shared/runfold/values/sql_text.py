"""The text of a statement taken apart: its parameters, and what is not allowed in it.

A scanner, not a parser: it knows texts, names in quotes, comments and parameters of a dialect, so
that nothing inside of them is taken for anything else. What a statement means is the database's to
say, and its limits are the database's to keep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

Dialect = Literal["sqlite", "postgresql"]

READS: Final = frozenset(("select", "with", "values", "table"))
"""What a statement that reads begins with."""
WRITES: Final = frozenset(("insert", "update", "delete", "merge", "replace"))
"""What one that writes begins with, beside."""
MOST_CHARACTERS = 100_000
MOST_PARAMETERS = 1000

_WORD = r"[A-Za-z_\u0080-\U0010ffff][\w$\u0080-\U0010ffff]*"
_COMMON = (
    r"(?P<block>/\*)",
    r"(?P<cast>::|:=)",
    r"(?P<param>:(?P<name>[A-Za-z_]\w*))",
    r"(?P<end>;)",
    r"(?P<space>\s+)",
)
_TEXT = r"'(?:[^']|'')*'"
_QUOTED = r'"(?:[^"]|"")*"'
_POSTGRESQL = re.compile(
    "|".join(
        (
            r"(?P<text>[eE]'(?:[^'\\]|''|\\.)*'|" + _TEXT + "|" + _QUOTED + ")",
            r"(?P<dollar>\$(?:[A-Za-z_\u0080-\U0010ffff]\w*)?\$)",
            r"(?P<positional>\$\d+)",
            rf"(?P<word>{_WORD})",
            # A carriage return alone ends it too, other than in SQLite.
            r"(?P<line>--[^\r\n]*)",
            *_COMMON,
            r"(?P<open>['\"])",
            r"(?P<other>\d[\w.]*|.)",
        )
    ),
    re.DOTALL,
)
_SQLITE = re.compile(
    "|".join(
        (
            rf"(?P<text>{_TEXT}|{_QUOTED}|`(?:[^`]|``)*`|\[[^\]]*\])",
            r"(?P<positional>\?\d*|[@$][A-Za-z_0-9]\w*)",
            rf"(?P<word>{_WORD})",
            r"(?P<line>--[^\n]*)",
            *_COMMON,
            r"(?P<open>['\"`\[])",
            r"(?P<other>\d[\w.]*|.)",
        )
    ),
    re.DOTALL,
)
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""Characters that no database reads: PostgreSQL's client would end the statement there."""
_IN_COMMENT = re.compile(r"/\*|\*/")


class SqlProblem(NamedTuple):
    """What is wrong with a statement."""

    code: str
    message: str


class SqlText(NamedTuple):
    """A statement taken apart."""

    pieces: tuple[str, ...]
    """What stands around the parameters, up to the end of the statement: one more than there are of
    those."""
    names: tuple[str, ...]
    """The parameter after each piece but the last."""
    keyword: str
    """The first word, in lower case."""
    problems: tuple[SqlProblem, ...]

    @property
    def writes(self) -> bool:
        """Whether it begins like a statement that writes."""
        return self.keyword in WRITES

    def numbered(self, mark: str) -> tuple[str, tuple[str, ...]]:
        """The statement with `mark` and a number for each parameter, and their names in order."""
        order = {name: at for at, name in enumerate(dict.fromkeys(self.names), start=1)}
        parts = [self.pieces[0]]
        for name, piece in zip(self.names, self.pieces[1:], strict=True):
            parts += (f"{mark}{order[name]}", piece)
        return "".join(parts), tuple(order)


class _Token(NamedTuple):
    kind: str
    start: int
    end: int
    name: str = ""


def _tokens(sql: str, dialect: Dialect) -> Iterator[_Token]:
    pattern = _POSTGRESQL if dialect == "postgresql" else _SQLITE
    at = 0
    while at < len(sql):
        match = pattern.match(sql, at)
        if match is None:  # pragma: no cover -- `other` takes any character
            return
        kind, end = str(match.lastgroup), match.end()
        if kind == "name":
            kind = "param"
        if kind == "block":
            end = _comment_end(sql, end, nests=dialect == "postgresql")
        elif kind == "dollar":
            closing = sql.find(match[0], end)
            end = closing + len(match[0]) if closing >= 0 else -1
        if end < 0 or kind == "open":
            yield _Token("unterminated", at, len(sql))
            return
        yield _Token(kind, at, end, match["name"] if kind == "param" else "")
        at = end


def _comment_end(sql: str, at: int, *, nests: bool) -> int:
    depth = 1
    for found in _IN_COMMENT.finditer(sql, at):
        if found[0] == "*/":
            depth -= 1
        elif nests:
            depth += 1
        if depth == 0:
            return found.end()
    return -1


def read_sql(sql: str, dialect: Dialect) -> SqlText:
    """Take a statement apart; never fails, problems are in the result."""
    if len(sql) > MOST_CHARACTERS:
        message = f"the statement has over {MOST_CHARACTERS} characters"
        return SqlText((sql,), (), "", (SqlProblem("db.sql_invalid", message),))
    pieces: list[str] = []
    names: list[str] = []
    problems: list[SqlProblem] = []
    keyword, begun, ended = "", 0, len(sql)
    for token in _tokens(sql, dialect):
        if token.kind in {"line", "block", "space"}:
            continue
        shown = sql[token.start : token.end]
        if ended < len(sql) and token.kind != "end":
            problems.append(_several(shown))
            break
        if token.kind == "end":
            ended = min(ended, token.start)
        elif token.kind == "word":
            keyword = keyword or shown.lower()
        elif token.kind == "param":
            pieces.append(sql[begun : token.start])
            names.append(token.name)
            begun = token.end
        elif token.kind in {"positional", "unterminated"}:
            problems.append(_wrong(token.kind, shown))
    pieces.append(sql[begun:ended])
    problems = [*_about_words(sql, keyword, names), *problems]
    return SqlText(tuple(pieces), tuple(names), keyword, tuple(problems))


def _several(shown: str) -> SqlProblem:
    message = f"there is a second statement, which begins with {shown[:20]!r}: a node runs one"
    return SqlProblem("db.several_statements", message)


def _wrong(kind: str, shown: str) -> SqlProblem:
    if kind == "positional":
        message = f"{shown!r} is a parameter by place: parameters have names, `:name`"
        return SqlProblem("db.parameters", message)
    message = f"what begins with {shown[:20]!r} does not end: a text, a name or a comment"
    return SqlProblem("db.sql_invalid", message)


def _about_words(sql: str, keyword: str, names: list[str]) -> Iterator[SqlProblem]:
    if "{{" in sql:
        message = (
            "`{{` in a statement is not rendered: write `:name` there, and the reference "
            "under `params`"
        )
        yield SqlProblem("db.reference_in_sql", message)
    if _NO_TEXT.search(sql):
        message = "the statement has a character that is not one of a text, such as the code 0"
        yield SqlProblem("db.sql_invalid", message)
    if len(set(names)) > MOST_PARAMETERS:
        yield SqlProblem("db.parameters", f"there are over {MOST_PARAMETERS} parameters")
    if not keyword:
        yield SqlProblem("db.sql_invalid", "there is no statement")
    elif keyword not in READS | WRITES:
        allowed = ", ".join(sorted(word.upper() for word in READS | WRITES))
        message = f"{keyword[:40].upper()} is not among what a node may run: {allowed}"
        yield SqlProblem("db.statement_not_allowed", message)


def parameter_problems(names: tuple[str, ...], given: dict[str, object]) -> Iterator[SqlProblem]:
    """Parameters that are missing or surplus."""
    for name in dict.fromkeys(names):
        if name not in given and name != KEY_PARAMETER:
            yield SqlProblem("db.parameters", f"`:{name}` is not among the params")
    for name in given:
        if name not in names:
            yield SqlProblem("db.parameters", f"the statement has no `:{name}`")


KEY_PARAMETER: Final = "idempotency_key"
"""The parameter that is filled in without being given: the attempt's key."""
