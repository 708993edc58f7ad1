"""Where a type ends that begins at a token."""

from __future__ import annotations

from runfold.importers.coze.typescript.tokens import Token, Unerasable

_PREFIXES = frozenset(("keyof", "readonly", "infer", "unique", "asserts", "abstract", "new"))
_LITERALS = ("string", "number", "template")
_DEEPEST = 40


class Types:
    """Types in a list of tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self._pairs = _pairs(tokens)

    def text(self, at: int) -> str:
        """The token at a place; empty behind the last."""
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def kind(self, at: int) -> str:
        """The kind of the token at a place."""
        return self.tokens[at].kind if 0 <= at < len(self.tokens) else ""

    def closing(self, at: int) -> int:
        """The place of the bracket that closes the one at `at`.

        Raises:
            Unerasable: When none does.
        """
        if at not in self._pairs:
            message = "a bracket is not closed"
            raise Unerasable(message)
        return self._pairs[at]

    def end_of(self, at: int, depth: int = 0) -> int | None:
        """The place behind the type that begins at `at`; None when none does."""
        if depth > _DEEPEST:
            return None
        if self.text(at) in ("|", "&"):
            at += 1
        end = self._one(at, depth)
        while end is not None and self.text(end) in ("|", "&"):
            end = self._one(end + 1, depth)
        if end is None:
            return None
        if self.text(end) == "is" and not self.tokens[end].after_line:
            return self.end_of(end + 1, depth + 1)
        if self.text(end) == "extends":
            return self._conditional(end + 1, depth)
        return end

    def arguments_end(self, at: int, depth: int = 0) -> int | None:
        """The place behind `<A, B>`; None when what is at `at` is none."""
        if self.text(at) != "<":
            return None
        at += 1
        while True:
            end = self._parameter(at, depth + 1)
            if end is None:
                return None
            if self.text(end) == ">":
                return end + 1
            if self.text(end) != ",":
                return None
            at = end + 1
            if self.text(at) == ">":
                return at + 1

    def _parameter(self, at: int, depth: int) -> int | None:
        """A type argument, or a type parameter with a bound and a default."""
        if self.text(at) == "const":
            at += 1
        end = self.end_of(at, depth)
        if end is not None and self.text(end) == "=":
            return self.end_of(end + 1, depth)
        return end

    def _conditional(self, at: int, depth: int) -> int | None:
        """What follows `extends`: a bound, or the rest of a conditional type."""
        end = self._one(at, depth)
        while end is not None and self.text(end) in ("|", "&"):
            end = self._one(end + 1, depth)
        if end is None or self.text(end) != "?":
            return end
        middle = self.end_of(end + 1, depth + 1)
        if middle is None or self.text(middle) != ":":
            return None
        return self.end_of(middle + 1, depth + 1)

    def _one(self, at: int, depth: int) -> int | None:
        text, kind = self.text(at), self.kind(at)
        if text in _PREFIXES and self._starts(at + 1):
            return self._one(at + 1, depth)
        if text == "typeof":
            return self._one(at + 1, depth)
        if text == "-" and self.kind(at + 1) == "number":
            return at + 2
        end: int | None = None
        if text == "<":
            end = self.arguments_end(at, depth)
            return self._one(end, depth) if end is not None and self.text(end) == "(" else None
        if kind == "open":
            end = self.closing(at) + 1
            if text == "(" and self.text(end) == "=>":
                return self.end_of(end + 1, depth + 1)
        elif kind in _LITERALS:
            end = at + 1
        elif kind == "name":
            end = self._named(at, depth)
        return self._suffixes(end)

    def _starts(self, at: int) -> bool:
        return self.kind(at) in ("name", "open", *_LITERALS) or self.text(at) == "<"

    def _named(self, at: int, depth: int) -> int:
        end = at + 1
        if self.text(at) == "import" and self.text(end) == "(":
            end = self.closing(end) + 1
        while self.text(end) == "." and self.kind(end + 1) == "name":
            end += 2
        if self.text(end) == "<":
            end = self.arguments_end(end, depth) or end
        return end

    def _suffixes(self, end: int | None) -> int | None:
        while end is not None and self.text(end) == "[" and not self.tokens[end].after_line:
            end = self.closing(end) + 1
        return end


def _pairs(tokens: list[Token]) -> dict[int, int]:
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind == "open":
            opened.append(at)
        elif token.kind == "close":
            pairs[opened.pop()] = at
    if opened:
        message = "a bracket is not closed"
        raise Unerasable(message)
    return pairs
