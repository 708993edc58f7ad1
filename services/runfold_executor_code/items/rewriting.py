"""Expressions as they are written → JavaScript that calls the extension methods.

n8n adds some hundred methods to values: `$json.tags.first()`. A value's own fields may have the
same names, so the methods cannot lie on the prototypes; the call is rewritten instead, to
`__extend($json.tags, "first", [])`. After `?.` it becomes a call of a method with a name of its
own, so that the chain still ends where a value is missing. `$if(a, b, c)` becomes `a ? b : c`.
"""

from __future__ import annotations

from runfold_executor_code.items.tokens import (
    Token,
    Unreadable,
    ends_operand,
    partners_of,
    tokens_of,
)

_NAMES = """
append average chunk compact difference first intersection isEmpty isNotEmpty last max merge
mergeIntoObject min pluck randomItem removeDuplicates renameKeys smartJoin sum toJsonString union
unique toInt toFloat toBoolean toDateTime beginningOf diffTo diffToNow endOfMonth extract format
isBetween isDst isInLast isWeekend minus plus abs ceil floor isEven isInteger isOdd round
hasField keepFieldsContaining keys removeField removeFieldsContaining urlEncode values
base64Decode base64Encode extractDomain extractEmail extractUrl extractUrlPath hash isBlank
isDomain isEmail isNotBlank isNumeric isUrl length parseJson quote removeMarkdown removeTags
replaceSpecialChars toDate toDecimalNumber toNumber toSentenceCase toSnakeCase toTitleCase
toWholeNumber urlDecode
"""
EXTENSIONS = frozenset(_NAMES.split())
"""The methods, of all types."""
_IF = "$if"
_IF_AT_LEAST = 2


class Invalid(Exception):
    """An expression that cannot be evaluated. The text says why."""


def rewritten(code: str) -> str:
    """The JavaScript of one `{{ }}`.

    Raises:
        Invalid: When it is not an expression.
    """
    try:
        tokens = tokens_of(code)
        partners = partners_of(tokens)
    except Unreadable:
        message = "invalid syntax"
        raise Invalid(message) from None
    end = _statement_end(tokens, partners)
    if end == 0:
        message = "there is nothing between the braces"
        raise Invalid(message)
    tokens = tokens[:end]
    edit = _Edit(code, tokens)
    for at, token in enumerate(tokens):
        if token.kind == "sign" and token.text in (".", "?.") and at + 2 < len(tokens):
            _extension(edit, at, partners)
        elif token.text == _IF and at + 1 < len(tokens) and tokens[at + 1].text == "(":
            _condition(edit, at + 1, partners)
    return edit.text()


class _Edit:
    """Tokens with what is to stand in their place and before them."""

    def __init__(self, code: str, tokens: list[Token]) -> None:
        self.code = code
        self.tokens = tokens
        self.texts = [token.text for token in tokens]
        self.before = [""] * len(tokens)

    def text(self) -> str:
        parts: list[str] = []
        at = self.tokens[0].start
        for token, text, before in zip(self.tokens, self.texts, self.before, strict=True):
            parts += [self.code[at : token.start], before, text]
            at = token.end
        return "".join(parts)


def _statement_end(tokens: list[Token], partners: dict[int, int]) -> int:
    """Tokens of the first statement: only that is evaluated."""
    at = 0
    while at < len(tokens):
        if tokens[at].text == ";":
            return at
        at = partners[at] if at in partners and partners[at] > at else at
        at += 1
    return len(tokens)


def _extension(edit: _Edit, at: int, partners: dict[int, int]) -> None:
    tokens = edit.tokens
    name = tokens[at + 1]
    if name.kind != "name" or name.text not in EXTENSIONS:
        return
    called = tokens[at + 2].text
    if called == "?." and at + 3 < len(tokens) and tokens[at + 3].text == "(":
        edit.texts[at + 1] = f"__x_{name.text}"
        return
    if called != "(":
        return
    start, optional = _receiver(tokens, at, partners)
    if optional or start < 0:
        edit.texts[at + 1] = f"__x_{name.text}"
        return
    close = partners[at + 2]
    edit.before[start] = f"__extend({edit.before[start]}"
    edit.texts[at] = ","
    edit.texts[at + 1] = f'"{name.text}"'
    edit.texts[at + 2] = ",["
    edit.texts[close] = "])"


def _receiver(tokens: list[Token], at: int, partners: dict[int, int]) -> tuple[int, bool]:
    """Where the value before a point begins, and whether it or the call may end at a `?.`."""
    optional = tokens[at].text == "?."
    place = at - 1
    while place >= 0:
        if place in partners:
            opened = place = partners[place]
            if tokens[opened].text not in ("(", "[") or opened == 0:
                break
            if tokens[opened - 1].text == "?.":
                optional, place = True, opened - 2
            elif ends_operand(tokens[opened - 1]):
                place = opened - 1
            else:
                break
            continue
        if place == 0 or tokens[place - 1].text not in (".", "?."):
            break
        optional = optional or tokens[place - 1].text == "?."
        place -= 2
    if place > 0 and tokens[place - 1].text == "new":
        place -= 1
    return place, optional


def _condition(edit: _Edit, opened: int, partners: dict[int, int]) -> None:
    if opened > 1 and edit.tokens[opened - 2].text in (".", "?."):
        return
    close = partners[opened]
    commas = []
    at = opened + 1
    while at < close:
        if edit.tokens[at].text == ",":
            commas.append(at)
        at = partners.get(at, at)
        at += 1
    if commas and commas[-1] == close - 1:
        edit.texts[commas.pop()] = ""
    if len(commas) < _IF_AT_LEAST - 1:
        message = "$if needs a condition, and what is given where it holds"
        raise Invalid(message)
    edit.texts[opened - 1] = ""
    edit.texts[opened] = "(("
    edit.texts[commas[0]] = ")?("
    if len(commas) > 1:
        edit.texts[commas[1]] = "):("
        edit.texts[close] = "))"
    else:
        edit.texts[close] = "):false)"
