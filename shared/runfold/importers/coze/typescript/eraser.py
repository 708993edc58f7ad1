"""Where types stand in a program of TypeScript."""

from __future__ import annotations

from runfold.importers.coze.typescript.declarations import Container, Declarations
from runfold.importers.coze.typescript.tokens import Unerasable, tokens_of

_DECLARES = ("const", "let", "var", "using")
_REFUSED = ("enum", "namespace", "module")
_KEYWORDS = frozenset(
    (
        *("return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "do", "else"),
        *("await", "yield", "if", "while", "for", "switch", "const", "let", "var", "extends"),
        *("instanceof", "default", "function", "class", "async", "export", "import"),
    )
)
_BLOCK_BEFORE = frozenset((")", ";", "}", "else", "do", "try", "finally", "=>", ""))


def erased(source: str) -> str:
    """The program as JavaScript, each line where it was.

    Raises:
        Unerasable: For a program that cannot be read, and for what does something at run time that
            JavaScript has not: `enum`, `namespace`, decorators, parameter properties.
    """
    eraser = _Eraser(tokens_of(source))
    try:
        eraser.walk(0, len(eraser.tokens), "block")
    except RecursionError:
        message = "it is nested too deep"
        raise Unerasable(message) from None
    made = list(source)
    for start, end in eraser.gone:
        for at in range(start, end):
            if made[at] not in "\r\n":
                made[at] = " "
    return "".join(made)


class _Eraser(Declarations):
    """Walks through a program."""

    # --- what is walked through -----------------------------------------------------------------

    def walk(self, at: int, end: int, container: Container) -> None:
        """All tokens from one place up to another."""
        is_start, declares = True, False
        while at < end:
            begun = self._begun(at, container) if is_start else None
            if begun is not None:
                at, is_start, declares = begun, container != "expression", False
                continue
            text = self._text(at)
            if container == "block" and text in _DECLARES and self._declares(at):
                declares, is_start = True, False
                at = self._binding(at + 1)
                continue
            if declares and text == ",":
                at = self._binding(at + 1)
                continue
            following = self._expression(at, container)
            is_start = self._starts_next(following, container, text)
            declares = declares and not (is_start and text in (";", "}"))
            at = following

    def _starts_next(self, at: int, container: Container, text: str) -> bool:
        """Whether a statement, a property or a member may begin at a place."""
        if container in ("object", "class"):
            return text == "," if container == "object" else text in (";", "}")
        if container == "block":
            line = at < len(self.tokens) and self.tokens[at].after_line
            return text in (";", "}", "{", ")", ":", "else", "export") or line
        return False

    def _begun(self, at: int, container: Container) -> int | None:
        """The place behind what begins here and has types of its own; None for anything else."""
        if container == "block":
            return self._statement(at)
        if container in ("object", "class"):
            return self._member(at, container)
        return None

    # --- statements -----------------------------------------------------------------------------

    def _statement(self, at: int) -> int | None:
        text, following = self._text(at), self._text(at + 1)
        is_named = self._kind(at + 1) == "name" and not self.tokens[at + 1].after_line
        if text == "interface" and is_named:
            return self._interface(at)
        if text == "type" and is_named and self._text(at + 2) in ("=", "<"):
            return self._alias(at)
        if text in _REFUSED and (is_named or self._kind(at + 1) == "string"):
            message = f"`{text}` does something at run time: write it as an object"
            raise Unerasable(message)
        if text == "const" and following == "enum":
            message = "`enum` does something at run time: write it as an object"
            raise Unerasable(message)
        if text == "declare" and is_named:
            return self._gone_statement(at)
        if text == "abstract" and following == "class":
            self._erase(at, at + 1)
            return at + 1
        if text == "export":
            return self._export(at)
        if text == "import" and following not in ("(", "."):
            return self._import(at)
        return None

    def _interface(self, at: int) -> int:
        end = at
        while self._text(end) != "{":
            if end >= len(self.tokens):
                message = "an interface has no body"
                raise Unerasable(message)
            end = self._types.arguments_end(end) or end + 1
        end = self._types.closing(end) + 1
        self._erase(at, end)
        return end

    def _alias(self, at: int) -> int:
        begin = at + 2
        if self._text(begin) == "<":
            begin = self._types.arguments_end(begin) or begin
        end = self._types.end_of(begin + 1) if self._text(begin) == "=" else None
        if end is None:
            message = f"the type {self._text(at + 1)!r} cannot be read"
            raise Unerasable(message)
        end += self._text(end) == ";"
        self._erase(at, end)
        return end

    def _export(self, at: int) -> int:
        if self._text(at + 1) in ("{", "*", "=") or (
            self._text(at + 1) == "type" and self._text(at + 2) == "{"
        ):
            return self._gone_statement(at)
        end = at + 1 + (self._text(at + 1) == "default")
        self._erase(at, end)
        return end

    def _import(self, at: int) -> int:
        if self._text(at + 1) == "type":
            return self._gone_statement(at)
        message = "it imports a module, and the sandbox has none"
        raise Unerasable(message)

    # --- expressions ----------------------------------------------------------------------------

    def _expression(self, at: int, container: Container) -> int:
        """One step of an expression or statement: the place behind it."""
        text, kind = self._text(at), self._kind(at)
        if kind == "open":
            return self._opened(at, container)
        if text == "function":
            return self._function(at)
        if text == "class" and self._text(at - 1) != ".":
            return self._class(at)
        if text == "catch" and self._text(at + 1) == "(":
            return self._parameters(at + 1)
        if text in ("as", "satisfies") and self._is_cast(at):
            return self._cast(at)
        if text == "!" and self._is_operand(at - 1) and not self.tokens[at].after_line:
            self._erase(at, at + 1)
            return at + 1
        if text == "<":
            return self._angle(at)
        if text == "@":
            message = "decorators do something at run time"
            raise Unerasable(message)
        return at + 1

    def _opened(self, at: int, container: Container) -> int:
        text = self._text(at)
        if text == "(":
            if self._is_arrow(at):
                return self._parameters(at)
            return self._group(at, "expression")
        if text == "{":
            is_block = self._is_block(at, container)
            return self._group(at, "block" if is_block else "object")
        return self._group(at, "expression")

    def _is_block(self, at: int, container: Container) -> bool:
        before = self._text(at - 1)
        if before == ":":
            return container == "block" and not self._in_choice(at - 1)
        return before in _BLOCK_BEFORE or (container == "block" and before == "{")

    def _in_choice(self, at: int) -> bool:
        """Whether a colon belongs to `a ? b : c`."""
        at -= 1
        while at >= 0 and self._text(at) not in (";", "{", "case", "default"):
            if self._text(at) == "?":
                return True
            at -= 1
        return False

    def _is_arrow(self, at: int) -> bool:
        """Whether brackets hold the parameters of an arrow function."""
        following = self._types.closing(at) + 1
        if self._text(following) == "=>":
            return True
        if self._text(following) != ":" or self._text(at - 1) == "?":
            return False
        if self._is_operand(at - 1) and self._text(at - 1) != "async":
            return False
        end = self._types.end_of(following + 1)
        return end is not None and self._text(end) == "=>"

    def _is_operand(self, at: int) -> bool:
        """Whether a value ends at a place."""
        kind, text = self._kind(at), self._text(at)
        if kind == "name":
            return text not in _KEYWORDS or self._text(at - 1) == "."
        return kind in ("number", "string", "template", "regex", "close")

    def _is_cast(self, at: int) -> bool:
        following = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        if following is None or following.after_line or self.tokens[at].after_line:
            return False
        is_type = following.kind in ("name", "open", "string", "number") or following.text == "<"
        return self._is_operand(at - 1) and is_type and following.text not in ("=", "in", "of")

    def _cast(self, at: int) -> int:
        end = self._types.end_of(at + 1)
        if end is None:
            return at + 1
        self._erase(at, end)
        return end

    def _angle(self, at: int) -> int:
        """Type arguments of a call, parameters of an arrow function, or a comparison."""
        end = self._types.arguments_end(at)
        if end is None:
            return at + 1
        following = self._text(end)
        if self._is_operand(at - 1):
            is_new = self._text(at - 2) == "new" and following in (")", ";", ",", "]", "}")
            if following == "(" or is_new or self._kind(end) == "template":
                self._erase(at, end)
                return end
            return at + 1
        if following == "(" and self._is_arrow(end):
            self._erase(at, end)
            return end
        if self._kind(end) in ("name", "open", "string", "number", "template"):
            # A cast in the old spelling: `<T>value`.
            self._erase(at, end)
            return end
        return at + 1
