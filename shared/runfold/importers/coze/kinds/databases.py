"""Databases: rows of a table that Coze keeps, and a statement of SQL.

Coze names a table and its columns by numbers. What they are here says `--bind` under the number of
the table: `{source, table, columns: {number: column}}`.
"""

from __future__ import annotations

import re
from typing import Any

from runfold.importers.coze.fields import at, obj, plain, rows, whole
from runfold.importers.coze.step import BEFORE, Built, Kind, Step, as_it_is, params
from runfold.importers.coze.texts import Place, native
from runfold.importers.coze.types import schema_of
from runfold.values.json_text import to_json

_OPERATORS = {
    "EQUAL": "equals",
    "NOT_EQUAL": "not_equals",
    "GREATER_THAN": ">",
    "LESS_THAN": "<",
    "GREATER_EQUAL": ">=",
    "LESS_EQUAL": "<=",
    "IN": "in",
    "NOT_IN": "not_in",
    "IS_NULL": "is_null",
    "IS_NOT_NULL": "not_null",
    "LIKE": "contains",
    "NOT_LIKE": "not_contains",
}
_UNARY = ("IS_NULL", "IS_NOT_NULL")
_MARKS = re.compile(r"(['\"`]?)\{\{([^{}]*)\}\}\1")
_READS = ("select", "with", "show", "explain")


class _Table:
    """The table of a node, and what its columns are called here."""

    def __init__(self, step: Step) -> None:
        listed = rows(step.block.inputs.get("databaseInfoList"))
        self.id = plain(listed[0].get("databaseInfoID")) if listed else ""
        bound = obj(step.context.bindings.get(self.id))
        self._columns = obj(bound.get("columns"))
        self.source = plain(bound.get("source")) or "coze"
        self.table = plain(bound.get("table")) or f"table_{self.id or 'unknown'}"
        self.is_bound = bool(bound)
        if not bound:
            hint = "bind it: {source, table, columns: {number: column}}"
            step.need("database", self.id or "database", hint)

    def column(self, written: Any) -> str:
        name = plain(written)
        return native(plain(self._columns.get(name)) or name) or "column"

    @property
    def head(self) -> dict[str, Any]:
        return {"source": native(self.source), "table": native(self.table)}


def _built(step: Step, table: _Table, type_: str, config: dict[str, Any]) -> Built:
    columns = to_json(_columns(step.block.output("outputList")))
    outputs = {
        "outputList": f"{{{{{BEFORE}.output|rows({columns})|tojson}}}}",
        "rowNum": f"{{{{{BEFORE}.row_count}}}}",
    }
    types = {"outputList": "array", "rowNum": "integer"}
    after = step.node(step.id, "values", {"outputs": outputs, "types": types})
    reason = "" if table.is_bound else f"its table {table.id or '?'} stays in Coze: bind it"
    return Built(
        type=type_,
        config=config,
        result="mapped" if table.is_bound else "approximated",
        reason=reason,
        after=[after],
        given={"outputList": ("output",), "rowNum": ("row_count",)},
    )


def _columns(declared: dict[str, Any]) -> dict[str, Any]:
    """The types of the columns of rows: the type's name, in a list for a list of that type."""
    properties = obj(at(schema_of(declared) or {}, "items", "properties"))
    return {name: _type(obj(schema)) for name, schema in properties.items()}


def _type(schema: dict[str, Any]) -> Any:
    named = schema.get("type", "any")
    return [_type(obj(schema.get("items")))] if named == "array" else named


def _where(step: Step, table: _Table, condition: Any) -> Any:
    made = []
    listed = obj(condition).get("conditionList")
    for one in listed if isinstance(listed, list) else ():
        given = params(one) if isinstance(one, list) else obj(one)
        operation = plain(step.literal(given.get("operation")))
        operator = _OPERATORS.get(operation.upper())
        column = step.literal(given.get("left"))
        if operator is None or not isinstance(column, str):
            step.notes.append(f"a condition with {operation!r} is passed over")
            continue
        comparison: dict[str, Any] = {"column": table.column(column), "operator": operator}
        if operation.upper() not in _UNARY:
            comparison["right"] = native(step.input(given.get("right"), "right"))
        made.append(comparison)
    logic = plain(obj(condition).get("logic")).lower()
    return {logic if logic in ("and", "or") else "and": made} if made else None


def _values(step: Step, table: _Table, fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for one in fields if isinstance(fields, list) else ():
        given = params(one) if isinstance(one, list) else obj(one)
        column = step.literal(given.get("fieldID"))
        if plain(column):
            made[table.column(column)] = native(step.input(given.get("fieldValue"), "value"))
    if not made:
        step.notes.append("it names no columns")
    return made or {"column": None}


def _query(step: Step) -> Built:
    table, given = _Table(step), obj(step.block.inputs.get("selectParam"))
    config: dict[str, Any] = table.head
    columns = [table.column(one.get("fieldID")) for one in rows(given.get("fieldList"))]
    if columns and table.is_bound:
        config["columns"] = columns
    where = _where(step, table, given.get("condition"))
    if where is not None:
        config["where"] = where
    order = [
        {
            "column": table.column(one.get("fieldID")),
            "direction": "asc" if one.get("isAsc") is True else "desc",
        }
        for one in rows(given.get("orderByList"))
    ]
    if order:
        config["order"] = order
    limit = whole(given.get("limit"))
    return _built(step, table, "db_query", config | ({"limit": limit} if limit else {}))


def _insert(step: Step) -> Built:
    table, given = _Table(step), obj(step.block.inputs.get("insertParam"))
    config = table.head | {"values": _values(step, table, given.get("fieldInfo"))}
    return _built(step, table, "db_insert", config)


def _update(step: Step) -> Built:
    table, given = _Table(step), obj(step.block.inputs.get("updateParam"))
    config = table.head | {"values": _values(step, table, given.get("fieldInfo"))}
    return _restricted(step, table, "db_update", config, given)


def _delete(step: Step) -> Built:
    table, given = _Table(step), obj(step.block.inputs.get("deleteParam"))
    return _restricted(step, table, "db_delete", table.head, given)


def _restricted(
    step: Step, table: _Table, type_: str, config: dict[str, Any], given: dict[str, Any]
) -> Built:
    """A change of the rows for which a condition holds: of none, without one."""
    where = _where(step, table, given.get("condition"))
    if where is None:
        step.notes.append("it has no condition: it changes nothing")
        where = {"and": [{"column": "id", "operator": "is_null"}]}
    return _built(step, table, type_, config | {"where": where})


def _sql(step: Step) -> Built:
    table = _Table(step)
    written = step.literal(step.block.inputs.get("sql"))
    values: dict[str, Any] = {}

    def parameter(found: re.Match[str]) -> str:
        pieces = step.pieces("{{" + found[2] + "}}", shown=as_it_is)
        name = f"p{len(values) + 1}"
        values[name] = pieces[0] if pieces and isinstance(pieces[0], Place) else "".join(
            piece for piece in pieces if isinstance(piece, str)
        )  # fmt: skip
        return f":{name}"

    sql = _MARKS.sub(parameter, plain(written)).strip() or "select 1"
    config: dict[str, Any] = {"source": native(table.source), "sql": sql}
    if values:
        config["params"] = {name: native(value) for name, value in values.items()}
    if not sql.lower().startswith(_READS):
        config["write"] = True
    return _built(step, table, "db_sql", config)


SQL = Kind("SQL", _sql)
QUERY = Kind("Database query", _query)
INSERT = Kind("Database insert", _insert)
UPDATE = Kind("Database update", _update)
DELETE = Kind("Database delete", _delete)
