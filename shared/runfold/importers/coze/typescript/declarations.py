"""What is declared in a program of TypeScript: names, functions, classes, and their types."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

from runfold.importers.coze.typescript.tokens import Token, Unerasable
from runfold.importers.coze.typescript.types import Types

Container = Literal["block", "object", "class", "expression"]
MODIFIERS = frozenset(
    ("public", "private", "protected", "readonly", "abstract", "override", "declare")
)
_METHOD_WORDS = frozenset(("async", "get", "set", "static", "*", *MODIFIERS))


class Declarations(ABC):
    """Takes types out of declarations; what stands inside of them is the program's own walk."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.gone: list[tuple[int, int]] = []
        """What is taken out: from one place in the text up to another."""
        self._types = Types(tokens)
        self._text = self._types.text
        self._kind = self._types.kind

    @abstractmethod
    def walk(self, at: int, end: int, container: Container) -> None:
        """All tokens from one place up to another."""

    @abstractmethod
    def _expression(self, at: int, container: Container) -> int:
        """One step of an expression or statement: the place behind it."""

    def _erase(self, start: int, end: int) -> None:
        """Take out the tokens from one place up to another."""
        if end > start:
            self.gone.append((self.tokens[start].start, self.tokens[end - 1].end))

    def _group(self, at: int, container: Container) -> int:
        end = self._types.closing(at)
        self.walk(at + 1, end, container)
        return end + 1

    def _gone_statement(self, at: int) -> int:
        """A statement that is there for types alone: up to its semicolon, line or body."""
        end = at + 1
        while end < len(self.tokens) and self._text(end) != ";":
            if self._kind(end) == "open":
                end = self._types.closing(end)
            end += 1
            if end < len(self.tokens) and self.tokens[end].after_line:
                break
        end += self._text(end) == ";"
        self._erase(at, end)
        return end

    # --- names that are bound -------------------------------------------------------------------

    def _declares(self, at: int) -> bool:
        return self._kind(at + 1) == "name" or self._text(at + 1) in ("{", "[")

    def _binding(self, at: int) -> int:
        """A name or a pattern, and its type, which goes."""
        at = self._pattern(at)
        if self._text(at) in ("!", "?") and self._text(at + 1) in (":", ",", ")", "="):
            self._erase(at, at + 1)
            at += 1
        if self._text(at) == ":":
            at = self._annotation(at)
        return at

    def _pattern(self, at: int) -> int:
        if self._text(at) == "...":
            at += 1
        if self._text(at) in ("{", "["):
            end = self._types.closing(at)
            self.walk(at + 1, end, "object" if self._text(at) == "{" else "expression")
            return end + 1
        return at + 1 if self._kind(at) == "name" else at

    def _annotation(self, at: int) -> int:
        """Take out `: T`."""
        end = self._types.end_of(at + 1)
        if end is None:
            line = f"a type before {self._text(at + 1)!r} cannot be read"
            raise Unerasable(line)
        self._erase(at, end)
        return end

    def _parameters(self, at: int) -> int:
        """Parameters in brackets, and the type of what is returned."""
        end = self._types.closing(at)
        at += 1
        while at < end:
            if self._text(at) in MODIFIERS and self._kind(at + 1) == "name":
                message = f"`{self._text(at)}` before a parameter does something at run time"
                raise Unerasable(message)
            begin = at
            at = self._binding(at)
            stop = self._argument_end(at, end)
            if self._text(begin) == "this":
                self._erase(begin, min(stop + 1, end))
            self.walk(at, stop, "expression")
            at = stop + 1
        following = end + 1
        return self._annotation(following) if self._text(following) == ":" else following

    def _argument_end(self, at: int, end: int) -> int:
        while at < end and self._text(at) != ",":
            at = self._types.closing(at) + 1 if self._kind(at) == "open" else at + 1
        return min(at, end)

    # --- functions, classes and their members ---------------------------------------------------

    def _function(self, at: int) -> int:
        """What follows `function`."""
        begin = at
        at += 1
        at += self._text(at) == "*"
        at += self._kind(at) == "name"
        at = self._type_parameters(at)
        if self._text(at) != "(":
            return begin + 1
        at = self._parameters(at)
        if self._text(at) == "{":
            return self._group(at, "block")
        # An overload: a signature without a body.
        at += self._text(at) == ";"
        begin -= self._text(begin - 1) == "async"
        self._erase(begin, at)
        return at

    def _type_parameters(self, at: int) -> int:
        end = self._types.arguments_end(at)
        if end is None:
            return at
        self._erase(at, end)
        return end

    def _class(self, at: int) -> int:
        at += 1
        if self._kind(at) == "name" and self._text(at) not in ("extends", "implements"):
            at += 1
        at = self._type_parameters(at)
        while at < len(self.tokens) and self._text(at) != "{":
            if self._text(at) == "implements":
                begin = at
                while self._text(at) != "{" and at < len(self.tokens):
                    at += 1
                self._erase(begin, at)
            elif self._text(at) == "<":
                at = self._type_parameters(at)
                at += self._text(at) == "<"
            else:
                at = self._expression(at, "expression")
        return self._group(at, "class") if at < len(self.tokens) else at

    def _member(self, at: int, container: Container) -> int | None:
        """A method or, of a class, a field."""
        begin = at
        while self._text(at) in _METHOD_WORDS and self._text(at + 1) not in (
            "(",
            ":",
            ",",
            "=",
            "}",
        ):
            if self._text(at) in ("declare", "abstract"):
                return self._gone_statement(begin)
            if self._text(at) in MODIFIERS and container == "class":
                self._erase(at, at + 1)
            at += 1
        if self._text(at) == "@":
            message = "decorators do something at run time"
            raise Unerasable(message)
        if self._text(at) == "[" and self._kind(at) == "open":
            end = self._types.closing(at)
            self.walk(at + 1, end, "expression")
            at = end + 1
        elif self._kind(at) in ("name", "string", "number"):
            at += 1
        else:
            return None
        if container == "class":
            at = self._field_marks(at)
        if self._text(at) in ("(", "<"):
            return self._method(begin, at)
        if container == "class" and self._text(at) == ":":
            return self._annotation(at)
        return at

    def _field_marks(self, at: int) -> int:
        if self._text(at) in ("?", "!"):
            self._erase(at, at + 1)
            return at + 1
        return at

    def _method(self, begin: int, at: int) -> int:
        at = self._type_parameters(at)
        if self._text(at) != "(":
            return at
        at = self._parameters(at)
        if self._text(at) == "{":
            return self._group(at, "block")
        at += self._text(at) == ";"
        self._erase(begin, at)
        return at
