"""Filters as SQL on the facts of documents, for both databases.

The text that is made consists of this module's own words. All that came from outside is a
parameter, the names of fields among it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from runfold.values.metadata_filters import Condition, Filter, Group

HEAD: Final = 100
"""Characters of a value that are indexed: an index's rows have a limit in bytes."""
_COMPARED: Final = {
    "=": "=", "≠": "=", ">": ">", "<": "<", "≥": ">=", "≤": "<=", "before": "<", "after": ">",
}  # fmt: skip
_NEGATIVE: Final = {"is not": "is", "not contains": "contains", "not in": "in", "≠": "="}

Parameter = Callable[[Any], str]
"""Takes a value and gives what stands for it in the text."""


class Dialect(NamedTuple):
    """How one database says it; {} is a parameter."""

    facts: str
    """A table and a first condition on its rows: `facts where true`."""
    contains: str = "instr(folded, {}) > 0"
    starts: str = "substr(folded, 1, {}) = {}"
    """Its length, and the text."""
    ends: str = "substr(folded, -{}) = {}"
    number: str = "{}"
    """A parameter that is a number."""


def filter_sql(found: Filter, dialect: Dialect, parameter: Parameter) -> str:
    """The condition that the column `pk` of generations is to meet.

    Parameters are asked for in the order in which they stand in the text.
    """
    if isinstance(found, Group):
        inner = [filter_sql(one, dialect, parameter) for one in found.members]
        return f"({f' {found.logic} '.join(inner)})"
    operator = found.operator
    if operator == "not empty":
        return _holding(found, None, dialect, parameter)
    if operator == "empty":
        return f"not {_holding(found, None, dialect, parameter)}"
    if operator in _NEGATIVE:
        there = _holding(found, None, dialect, parameter)
        return f"({there} and not {_holding(found, _NEGATIVE[operator], dialect, parameter)})"
    return _holding(found, operator, dialect, parameter)


def _holding(
    condition: Condition, operator: str | None, dialect: Dialect, parameter: Parameter
) -> str:
    """That a document has the field, with a value that fits."""
    name = parameter(condition.field)
    fits = f" and {_fits(condition, operator, dialect, parameter)}" if operator else ""
    rows = f"select generation from {dialect.facts} and name = {name}{fits}"  # noqa: S608 -- ours
    return f"(pk in ({rows}))"


def _fits(condition: Condition, operator: str, dialect: Dialect, parameter: Parameter) -> str:
    if operator in _COMPARED:
        number = dialect.number.format(parameter(condition.numbers[0]))
        return f"number {_COMPARED[operator]} {number}"
    if operator in ("is", "in"):
        one_of = [f"({parameter(text[:HEAD])}, {parameter(text)})" for text in condition.texts]
        return f"(head, text) in (values {', '.join(one_of)})"
    folded = condition.texts[0].casefold()
    match operator:
        case "contains":
            return dialect.contains.format(parameter(folded))
        case "start with":
            return dialect.starts.format(parameter(len(folded)), parameter(folded))
        case _:
            return dialect.ends.format(parameter(len(folded)), parameter(folded))
