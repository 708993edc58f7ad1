"""Nodes about rows of databases, text, JSON and variables."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze_plus.step import Built, Kind, Outputs, Step
from runfold.importers.draft import native_id
from runfold.values.operators import operator_named

_ROWS: Outputs = {
    "rows": ("output",),
    "result": ("output",),
    "count": ("row_count",),
    "affected_rows": ("row_count",),
}
_HINT = "bind it: {source, table}; until then it is a data source of this name"


def _source(step: Step) -> str:
    written = step.constant("database_id", "database")
    name = str(written) if isinstance(written, str | int) and written != "" else "database"
    bound = step.context.bindings.get(name)
    if isinstance(bound, dict) and isinstance(bound.get("source"), str):
        return str(bound["source"])
    step.need("database", name, _HINT)
    return name


def _where(step: Step) -> Any:
    written = step.node.inputs.get("where")
    listed = written.get("conditions") if isinstance(written, dict) else None
    conditions = []
    for one in listed if isinstance(listed, list) else ():
        operator = operator_named(one.get("operator")) if isinstance(one, dict) else None
        if operator is not None:
            condition = {"column": str(one.get("field", "")), "operator": operator}
            if "value" in one:
                condition["right"] = step.native(one["value"])
            conditions.append(condition)
    logic = str(written.get("logic", "")).lower() if isinstance(written, dict) else ""
    return {logic if logic in ("and", "or") else "and": conditions} if conditions else None


def _head(step: Step) -> dict[str, Any]:
    return {"source": _source(step), "table": step.value("table") or "table"}


def _query(step: Step) -> Built:
    config = _head(step)
    columns = step.constant("columns")
    if isinstance(columns, list) and all(isinstance(one, str) for one in columns):
        config["columns"] = columns
    where = _where(step)
    if where is not None:
        config["where"] = where
    for name, least in (("limit", 1), ("offset", 0)):
        number = step.constant(name)
        if isinstance(number, int) and not isinstance(number, bool) and number >= least:
            config[name] = number
    return Built("db_query", config)


def _insert(step: Step) -> Built:
    values = step.value("values", "data", "row")
    return Built("db_insert", _head(step) | {"values": values or {"column": None}})


def _update(step: Step) -> Built:
    values = step.value("values", "data", "set")
    changed = _head(step) | {"values": values if isinstance(values, dict) else {"column": None}}
    return _restricted(step, "db_update", changed)


def _delete(step: Step) -> Built:
    return _restricted(step, "db_delete", _head(step))


def _restricted(step: Step, type_: str, config: dict[str, Any]) -> Built:
    where = _where(step)
    if where is not None:
        return Built(type_, config | {"where": where})
    nothing = {"and": [{"column": "id", "operator": "is_null"}]}
    return Built(
        type_, config | {"where": nothing}, "approximated", "without a condition it changes nothing"
    )


def _sql(step: Step) -> Built:
    sql = step.constant("sql")
    text = sql if isinstance(sql, str) and sql.strip() else "select 1"
    config: dict[str, Any] = {"source": _source(step), "sql": text}
    params = step.value("parameters", "params")
    if isinstance(params, dict) and params:
        config["params"] = params
    if not text.strip().lower().startswith(("select", "with")):
        config["write"] = True
    return Built("db_sql", config)


def _text(step: Step) -> Built:
    separator = step.value("separator", "delimiter")
    source = step.value("input", "text", "String")
    if step.constant("method", "operation") == "split":
        return Built("text", {"operation": "split", "input": source, "separator": separator or ","})
    pieces = step.value("inputs", "texts")
    if isinstance(pieces, list):
        config = {"operation": "concat", "inputs": pieces, "separator": separator or ""}
        return Built("text", config)
    return Built("template", {"template": step.text("template", "text", "input") or ""})


def _to_json(step: Step) -> Built:
    return Built("json_stringify", {"input": step.value("input", "object", "data")})


def _from_json(step: Step) -> Built:
    return Built("json_parse", {"input": step.value("input", "json", "data") or ""})


def _assigner(step: Step) -> Built:
    named = step.constant("variable", "name")
    given = {str(named): step.value("value")} if isinstance(named, str) else step.values()
    assignments = []
    variables = step.draft.definition.setdefault("variables", {})
    for name, value in given.items():
        made = native_id(name)
        if made:
            variables.setdefault(made, None)
            assignments.append({"variable": made, "value": value})
    if not assignments:
        return Built("values", {"outputs": {}})
    return Built("assign", {"assignments": assignments})


def _aggregator(step: Step) -> Built:
    listed = step.value("variables", "values")
    groups = step.values("variables", "values")
    if isinstance(listed, list) and listed:
        return Built("aggregate", {"values": listed})
    lists = {name: one if isinstance(one, list) else [one] for name, one in groups.items()}
    return Built("aggregate", {"groups": lists}) if lists else Built("values", {"outputs": {}})


KINDS = {
    "DatabaseQuery": Kind(_query, _ROWS),
    "DatabaseInsert": Kind(_insert, _ROWS),
    "DatabaseUpdate": Kind(_update, _ROWS),
    "DatabaseDelete": Kind(_delete, _ROWS),
    "DatabaseCustomSQL": Kind(_sql, _ROWS),
    "TextProcessor": Kind(_text, {"result": ("output",)}),
    "JsonSerialization": Kind(_to_json),
    "JsonDeserialization": Kind(_from_json),
    "VariableAssigner": Kind(_assigner),
    "VariableAggregator": Kind(_aggregator),
}
