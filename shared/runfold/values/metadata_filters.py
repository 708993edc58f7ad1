"""Reads filters on the metadata of documents, and metadata as the facts that filters ask for. Pure.

    {field: year, operator: ">=", value: 2020}
    {and: [..., {or: [...]}]}          [..., ...] is an `and` group
    {logical_operator: or, conditions: [{name, comparison_operator, value}]}, as in Dify

A field with a list of values fits a condition when one of them does. `is not`, `not contains` and
`not in` are for documents that have the field: one without it fits `empty` alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple, cast

from runfold.contracts.whole_text import whole_text
from runfold.errors import InvalidRequest
from runfold.values.operators import number_of

Operator = Literal[
    "contains", "not contains", "start with", "end with", "is", "is not", "in", "not in",
    "empty", "not empty", "=", "≠", ">", "<", "≥", "≤", "before", "after",
]  # fmt: skip
OPERATORS: Final[tuple[Operator, ...]] = (
    "contains", "not contains", "start with", "end with", "is", "is not", "in", "not in",
    "empty", "not empty", "=", "≠", ">", "<", "≥", "≤", "before", "after",
)  # fmt: skip
_ALIASES: Final[dict[str, Operator]] = {
    "==": "=", "!=": "≠", ">=": "≥", "<=": "≤", "equals": "is", "not equals": "is not",
    "starts with": "start with", "ends with": "end with", "is empty": "empty",
    "is not empty": "not empty", "null": "empty", "not null": "not empty",
}  # fmt: skip
NUMBERS: Final = frozenset(("=", "≠", ">", "<", "≥", "≤", "before", "after"))
"""Operators that compare numbers and times."""
UNARY: Final = frozenset(("empty", "not empty"))
LISTS: Final = frozenset(("in", "not in"))

MOST_CONDITIONS: Final = 100
MOST_LISTED: Final = 500
"""Values of one `in`."""
MOST_VALUES: Final = 1000
"""Values of all conditions: databases take some ten thousand parameters."""
MOST_DEPTH: Final = 10
MOST_NAME: Final = 255
MOST_TEXT: Final = 1000
"""Characters of a value that a filter looks at."""
MOST_BITS: Final = 4000
"""Of a whole number that a filter looks at."""
MOST_FACTS: Final = 500
"""Values of one document."""
DATE_CHARACTERS: Final = 40


class Fact(NamedTuple):
    """A value of a document's metadata, as filters compare it."""

    name: str
    text: str
    """As text: a number without needless digits, `true` or `false`."""
    number: float | None
    """A number, or the seconds since 1970 of a text that is a date."""


class Condition(NamedTuple):
    """What the values of one field are to be."""

    field: str
    operator: Operator
    texts: tuple[str, ...]
    numbers: tuple[float, ...]
    """What `NUMBERS` compare with."""


class Group(NamedTuple):
    """Conditions of which all or one must hold."""

    logic: Literal["and", "or"]
    members: tuple[Condition | Group, ...]


Filter = Condition | Group


def parse_filter(value: Any) -> Filter | None:
    """The filter that a value is; None for None, `{}` and `[]`, which let everything through.

    Raises:
        InvalidRequest: `knowledge.filter_invalid`; its message names the condition.
    """
    if value is None or value in ({}, []):
        return None
    found = _parsed(value, "filter", MOST_DEPTH)
    conditions = list(_conditions(found))
    if len(conditions) > MOST_CONDITIONS:
        raise _invalid("filter", f"has more than {MOST_CONDITIONS} conditions")
    if sum(len(one.texts) for one in conditions) > MOST_VALUES:
        raise _invalid("filter", f"has more than {MOST_VALUES} values")
    return found


def facts_of(metadata: dict[str, Any]) -> list[Fact]:
    """The facts of a document's metadata: texts, numbers, truths, and lists of them.

    Objects, and lists within lists, are kept with the document and cannot be filtered by.

    Raises:
        InvalidRequest: `knowledge.document_invalid`, for too many values or too long a name.
    """
    facts: list[Fact] = []
    for name, value in metadata.items():
        if not _is_name(name):
            message = f"metadata: a name has 1 to {MOST_NAME} characters, and no NUL"
            raise InvalidRequest(message, code="knowledge.document_invalid")
        values = value if isinstance(value, list) else [value]
        texts = [(one, text_of(one)) for one in values]
        facts += [Fact(name, text, instant_of(one)) for one, text in texts if text is not None]
    if len(facts) > MOST_FACTS:
        message = f"metadata: {len(facts)} values, and {MOST_FACTS} is the most"
        raise InvalidRequest(message, code="knowledge.document_invalid")
    return facts


def text_of(value: Any) -> str | None:
    """A value as text; None for what has none: null, empty text, lists, objects."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() if value.bit_length() <= MOST_BITS:
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case str() if text := whole_text(value.replace("\0", "").strip()[:MOST_TEXT]):
            return text
        case _:
            return None


def instant_of(value: Any) -> float | None:
    """A number, the number a text spells, or the seconds since 1970 of a date in ISO 8601."""
    number = number_of(value)
    if number is None and isinstance(value, str) and len(value) <= DATE_CHARACTERS:
        try:
            moment = datetime.fromisoformat(value.strip())
            number = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None
    try:
        return None if number is None else float(number)
    except OverflowError:
        return None


def _parsed(value: Any, where: str, depth: int) -> Filter:
    if depth == 0:
        raise _invalid(where, f"groups are nested deeper than {MOST_DEPTH}")
    if isinstance(value, list):
        return _group("and", value, where, depth)
    if not isinstance(value, dict):
        raise _invalid(where, "is an object with field, operator and value, or a group of them")
    for logic in ("and", "or"):
        if logic in value:
            return _group(logic, value[logic], f"{where}.{logic}", depth)
    if "conditions" in value:
        named = value.get("logical_operator", value.get("logic", "and"))
        return _group(named, value["conditions"], f"{where}.conditions", depth)
    return _condition(value, where)


def _group(logic: Any, members: Any, where: str, depth: int) -> Group:
    if logic not in ("and", "or"):
        raise _invalid(where, f"its logic is 'and' or 'or', not {_shown(logic)}")
    if not isinstance(members, list) or not members:
        raise _invalid(where, "is a list of conditions, at least one")
    if len(members) > MOST_CONDITIONS:
        raise _invalid(where, f"has more than {MOST_CONDITIONS} conditions")
    inner = tuple(_parsed(one, f"{where}[{at}]", depth - 1) for at, one in enumerate(members))
    return Group(cast("Literal['and', 'or']", logic), inner)


def _condition(value: dict[str, Any], where: str) -> Condition:
    field = next((value[key] for key in ("field", "left", "name") if key in value), None)
    if not isinstance(field, str) or not _is_name(field):
        raise _invalid(where, f"field is the name of a field, 1 to {MOST_NAME} characters")
    operator = operator_of(value.get("operator", value.get("comparison_operator")))
    if operator is None:
        named = value.get("operator", value.get("comparison_operator"))
        raise _invalid(where, f"unknown operator {_shown(named)}; there are {', '.join(OPERATORS)}")
    if operator in UNARY:
        return Condition(field, operator, (), ())
    operand = next((value[key] for key in ("value", "right") if key in value), None)
    read = (text_of(one) for one in _operands(operator, operand, where))
    texts = tuple(text for text in read if text is not None)
    if not texts:
        raise _invalid(where, f"{operator!r} needs a value: a text, a number or a truth")
    if operator not in NUMBERS:
        return Condition(field, operator, texts, ())
    number = instant_of(operand)
    if number is None:
        message = f"{operator!r} compares numbers and dates (ISO 8601), not {_shown(operand)}"
        raise _invalid(where, message)
    return Condition(field, operator, texts, (number,))


def operator_of(name: Any) -> Operator | None:
    """The operator of a name, or of a name that others call it by."""
    if not isinstance(name, str):
        return None
    plain = name.strip().lower().replace("_", " ")
    return plain if plain in OPERATORS else _ALIASES.get(plain)


def _is_name(field: str) -> bool:
    return 0 < len(field) <= MOST_NAME and "\0" not in field and whole_text(field) == field


def _operands(operator: Operator, operand: Any, where: str) -> list[Any]:
    if operator not in LISTS:
        return [operand]
    if isinstance(operand, str):
        operand = operand.split(",")
    if not isinstance(operand, list):
        raise _invalid(where, f"{operator!r} needs a list, or a text with commas")
    if len(operand) > MOST_LISTED:
        raise _invalid(where, f"{operator!r} has {len(operand)} values; {MOST_LISTED} is the most")
    return operand


def _conditions(one: Filter) -> Iterator[Condition]:
    if isinstance(one, Condition):
        yield one
    else:
        for member in one.members:
            yield from _conditions(member)


def _shown(value: Any) -> str:
    return repr(value)[:60]


def _invalid(where: str, what: str) -> InvalidRequest:
    return InvalidRequest(f"{where}: {what}", code="knowledge.filter_invalid")
