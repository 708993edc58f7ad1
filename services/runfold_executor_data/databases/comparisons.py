"""The operators of conditions as SQL, one function each, for both dialects.

They mean what they mean in `condition` nodes: a column without a value is null there, a negated
operator holds for it, and an ordering does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from runfold.database_settings import Dialect
from runfold.errors import NodeFailed
from runfold.values.json_text import text_of
from runfold.values.operators import number_of
from runfold.values.patterns import pattern_of
from runfold.values.row_conditions import Comparison, RowCondition
from runfold_executor_data.databases.catalogue import Column, Table
from runfold_executor_data.databases.failures import failed
from runfold_executor_data.databases.parameters import Parameters

_NEGATED = {
    "not_contains": "contains",
    "not_in": "in",
    "not_empty": "empty",
}
_TRUE = "('true', 'yes', '1')"
_FALSE = "('false', 'no', '0', '')"
_EMPTY_JSON = """('null', '""', '[]', '{}')"""
_INTEGER_BITS = {"smallint": 15, "integer": 31, "bigint": 63}
_ORDERS = (">", ">=", "<", "<=")
_LENGTHS = {
    "length_eq": "=",
    "length_gt": ">",
    "length_gte": ">=",
    "length_lt": "<",
    "length_lte": "<=",
}


class Conditions:
    """Writes conditions about one table.

    Args:
        dialect: Of the database.
        table: Whose columns they name.
        values: Takes what they compare with.
    """

    def __init__(self, dialect: Dialect, table: Table, values: Parameters) -> None:
        self._is_postgresql = dialect == "postgresql"
        self._table = table
        self._add = values.add
        self._operators: dict[str, Callable[[Column, Any], str]] = {
            "equals": self._equals,
            "not_equals": self._not_equals,
            "contains": self._contains,
            "starts_with": self._starts_with,
            "ends_with": self._ends_with,
            "matches": self._matches,
            "in": self._in,
            "all_of": self._all_of,
            "empty": self._empty,
            "is_null": lambda column, _right: f"{column.quoted} IS NULL",
            "not_null": lambda column, _right: f"{column.quoted} IS NOT NULL",
            "exists": lambda column, _right: f"{column.quoted} IS NOT NULL",
            "not_exists": lambda column, _right: f"{column.quoted} IS NULL",
            "is_true": lambda column, _right: self._truth(column, "TRUE", _TRUE),
            "is_false": lambda column, _right: self._truth(column, "FALSE", _FALSE),
        }

    def sql(self, condition: RowCondition) -> str:
        """The condition, in brackets where it has parts.

        Raises:
            NodeFailed: `db.unknown_column`, `db.condition`, `db.too_many_values`.
        """
        if not isinstance(condition, Comparison):
            word = f" {condition.logic.upper()} "
            return f"({word.join(map(self.sql, condition.members))})"
        column = self._table.column(condition.column)
        name = condition.operator
        if name in _NEGATED:
            return self._not(self._operators[_NEGATED[name]](column, condition.right))
        if name in _ORDERS:
            return self._ordered(column, name, condition.right)
        if name in _LENGTHS:
            return self._length(column, name, condition.right)
        return self._operators[name](column, condition.right)

    def _not(self, sql: str) -> str:
        return f"NOT COALESCE({sql}, {self._never()})"

    def _never(self) -> str:
        return "FALSE" if self._is_postgresql else "0"

    def _text(self, value: Any) -> str:
        """A parameter that is a text."""
        mark = self._add(text_of(value))
        return f"{mark}::text" if self._is_postgresql else mark

    def _beside(self, column: Column, right: Any) -> str:
        """A parameter to compare a column with: also a number that no column could hold."""
        if self._is_postgresql and self._outside(column, right):
            return f"{self._add(right)}::numeric"
        return self._add(right if self._is_postgresql else _within_sqlite(right), column)

    def _outside(self, column: Column, right: Any) -> bool:
        bits, number = _INTEGER_BITS.get(column.type), number_of(right)
        if bits is None or number is None:
            return False
        return number != number // 1 or not -(1 << bits) <= number < 1 << bits

    def _comparable(self, column: Column, operator: str) -> None:
        if self._is_postgresql and column.type == "json":
            raise self._unfit(column, operator)

    def _unfit(self, column: Column, operator: str) -> NodeFailed:
        message = (
            f"operator {operator!r} does not apply to column {column.name!r} of type {column.type}"
        )
        return failed(self._table.source, "condition", message, column=column.name)

    def _equals(self, column: Column, right: Any) -> str:
        if right is None:
            return f"{column.quoted} IS NULL"
        self._comparable(column, "equals")
        return f"{column.quoted} = {self._beside(column, right)}"

    def _not_equals(self, column: Column, right: Any) -> str:
        if right is None:
            return f"{column.quoted} IS NOT NULL"
        self._comparable(column, "not_equals")
        word = "IS DISTINCT FROM" if self._is_postgresql else "IS NOT"
        return f"{column.quoted} {word} {self._beside(column, right)}"

    def _ordered(self, column: Column, operator: str, right: Any) -> str:
        if right is None:
            return self._never()
        self._comparable(column, operator)
        return f"{column.quoted} {operator} {self._beside(column, right)}"

    def _contains(self, column: Column, right: Any) -> str:
        name = column.quoted
        match column.kind:
            case "array":
                return f"{self._add(right)} = ANY({name})"
            case "json" if self._is_postgresql:
                value = f"({name})::jsonb"
                return (
                    f"(CASE jsonb_typeof({value}) WHEN 'object' THEN {value} ? {self._text(right)} "
                    f"WHEN 'string' THEN strpos({value} #>> '{{}}', {self._text(right)}) > 0 "
                    f"ELSE {value} @> {self._add(right)}::jsonb END)"
                )
            case "json":
                mark = self._add(right)
                return (
                    f"(json_valid({name}) AND EXISTS (SELECT 1 FROM json_each({name}) AS one WHERE "
                    f"CASE json_type({name}) WHEN 'object' THEN one.key ELSE one.value END "
                    f"= {mark}))"
                )
            case "text":
                return self._within(column, right)
            case "other" if not self._is_postgresql:
                return self._within(column, right)
            case _:
                raise self._unfit(column, "contains")

    def _within(self, column: Column, right: Any) -> str:
        function = "strpos" if self._is_postgresql else "instr"
        return f"{function}({column.quoted}, {self._text(right)}) > 0"

    def _textual(self, column: Column, operator: str) -> str:
        if column.kind != "text" and (self._is_postgresql or column.kind != "other"):
            raise self._unfit(column, operator)
        return column.quoted

    def _starts_with(self, column: Column, right: Any) -> str:
        name = self._textual(column, "starts_with")
        function = "strpos" if self._is_postgresql else "instr"
        return f"{function}({name}, {self._text(right)}) = 1"

    def _ends_with(self, column: Column, right: Any) -> str:
        name = self._textual(column, "ends_with")
        if not text_of(right):
            return f"{name} IS NOT NULL"
        mark = self._text(right)
        if self._is_postgresql:
            return f"right({name}, char_length({mark})) = {mark}"
        return f"substr({name}, -length({mark})) = {mark}"

    def _matches(self, column: Column, right: Any) -> str:
        name = self._textual(column, "matches")
        if not self._is_postgresql and pattern_of(text_of(right)) is None:
            message = f"{text_of(right)[:100]!r} is not a pattern"
            raise failed(self._table.source, "condition", message, column=column.name)
        return f"{name} {'~' if self._is_postgresql else 'REGEXP'} {self._text(right)}"

    def _in(self, column: Column, right: Any) -> str:
        self._comparable(column, "in")
        some = [one for one in right if one is not None]
        found = [] if len(some) == len(right) else [f"{column.quoted} IS NULL"]
        if some and self._is_postgresql and column.kind != "composite":
            cast = "::numeric[]" if any(self._outside(column, one) for one in some) else ""
            found.append(f"{column.quoted} = ANY({self._add(some)}{cast})")
        elif some:
            marks = ", ".join(self._beside(column, one) for one in some)
            found.append(f"{column.quoted} IN ({marks})")
        return f"({' OR '.join(found) or self._never()})"

    def _all_of(self, column: Column, right: Any) -> str:
        wanted = right if isinstance(right, list) else [right]
        parts = [self._contains(column, one) for one in wanted]
        return f"({' AND '.join(parts) or f'{column.quoted} IS NOT NULL'})"

    def _empty(self, column: Column, _right: Any) -> str:
        name = column.quoted
        nothing = [f"{name} IS NULL"]
        if column.kind == "json":
            value = f"({name})::jsonb" if self._is_postgresql else name
            nothing.append(f"{value} IN {_EMPTY_JSON}")
        elif column.kind == "array":
            nothing.append(f"cardinality({name}) = 0")
        elif column.kind == "text" or not self._is_postgresql:
            nothing.append(f"{name} = ''")
        return f"({' OR '.join(nothing)})"

    def _truth(self, column: Column, word: str, spelled: str) -> str:
        name = column.quoted
        text = f"lower(trim({name})) IN {spelled}"
        number = f"{name} {'<>' if word == 'TRUE' else '='} 0"
        if not self._is_postgresql:
            return f"(CASE typeof({name}) WHEN 'text' THEN {text} ELSE {number} END)"
        match column.kind:
            case "boolean":
                return f"{name} IS {word}"
            case "number":
                return number
            case "text":
                return text
            case _:
                raise self._unfit(column, f"is_{word.lower()}")

    def _length(self, column: Column, operator: str, right: Any) -> str:
        wanted = number_of(right)
        if wanted is None:
            return self._never()
        if column.kind == "array":
            size = f"cardinality({column.quoted})"
        else:
            size = f"length({self._textual(column, operator)})"
        mark = self._add(wanted)
        return f"{size} {_LENGTHS[operator]} {mark}{'::numeric' if self._is_postgresql else ''}"


def _within_sqlite(right: Any) -> Any:
    """A value to compare with: SQLite takes no whole number of over 64 bits."""
    if isinstance(right, int) and not -(1 << 63) <= right < 1 << 63:
        return float(right) if abs(right) < 1 << 1023 else math.copysign(math.inf, right)
    return right
