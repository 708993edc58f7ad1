"""`merge` by SQL: the inputs as tables `input1`, `input2` …, and one SELECT over them.

The database is in memory, has nothing but the items, and is asked in the SQL of SQLite: n8n's own
has a few words that this has not, and they fail with what SQLite says of them.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from runfold_executor_code.items.javascript_values import text
from runfold_executor_code.items.step import Item, Made, Step, StepFailed

_DEFAULT = "SELECT * FROM input1 LEFT JOIN input2 ON input1.name = input2.id"
_READING = frozenset(
    (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
)
_FUNCTIONS = frozenset(("load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"))
_MARK = "\x00json:"
"""Before a value that SQLite has not, written as JSON."""
_PADDING = "(no fields)"
"""The column of a table that would have none."""
_STEPS = 10_000
_MOST_STEPS = 5_000
"""Times so many steps of SQLite that a query may take: some seconds."""
_MOST_ROWS = 100_000
_LONGEST = 64 * 1024 * 1024
"""Bytes of a value, and of a row."""
_MOST_COLUMNS = 1_000
_MISSING = re.compile(r"no such column: (?:(?P<table>input\d+)\.)?(?P<field>.+)", re.IGNORECASE)
_MOST_MISSING = 50
"""Fields that no item has, of one query."""


def run(step: Step, written: Mapping[str, Any]) -> list[Made]:
    """The rows of the query.

    Raises:
        StepFailed: The query is wrong, does more than read, or takes too much.
    """
    query = text(written.get("query") or _DEFAULT)
    database = sqlite3.connect(":memory:")
    try:
        flags = _filled(database, step.inputs)
        return [Made(row) for row in _leniently(database, query, flags)]
    except sqlite3.Error as error:
        raise StepFailed(f"the SQL query failed: {error}") from error
    except ValueError as error:
        raise StepFailed(f"the SQL query cannot be asked: {error}") from error
    finally:
        database.close()


def _leniently(
    database: sqlite3.Connection, query: str, flags: frozenset[str]
) -> list[dict[str, Any]]:
    """The rows, where a field that no item of an input has is null, as in n8n."""
    for _ in range(_MOST_MISSING):
        try:
            return _rows(database, query, flags)
        except sqlite3.OperationalError as error:
            missing = _MISSING.search(str(error))
            if missing is None:
                raise
            database.set_authorizer(None)
            table, field = missing["table"] or "input1", _quoted(missing["field"])
            database.execute(f"ALTER TABLE {table} ADD COLUMN {field}")
    return _rows(database, query, flags)


def _filled(database: sqlite3.Connection, inputs: Sequence[list[Item]]) -> frozenset[str]:
    """Make a table of each input; the columns that have nothing but truth values."""
    flags: dict[str, bool] = {}
    for number in range(1, max(len(inputs), 2) + 1):
        items = [item["json"] for item in inputs[number - 1]] if number <= len(inputs) else []
        columns = list(dict.fromkeys(name for one in items for name in one)) or [_PADDING]
        if len(columns) > _MOST_COLUMNS:
            raise StepFailed(
                f"input {number} has {len(columns)} fields, the limit is {_MOST_COLUMNS}"
            )
        for one in items:
            for name, value in one.items():
                is_flag = value is None or isinstance(value, bool)
                flags[name] = flags.get(name, True) and is_flag
        named = ", ".join(_quoted(name) for name in columns)
        database.execute(f"CREATE TABLE input{number} ({named})")
        places = ", ".join("?" * len(columns))
        rows = [[_stored(one.get(name)) for name in columns] for one in items]
        insert = f"INSERT INTO input{number} VALUES ({places})"  # noqa: S608 -- question marks
        database.executemany(insert, rows)
    return frozenset(name for name, is_flag in flags.items() if is_flag)


def _rows(database: sqlite3.Connection, query: str, flags: frozenset[str]) -> list[dict[str, Any]]:
    left = [_MOST_STEPS]

    def is_over() -> bool:
        left[0] -= 1
        return left[0] < 0

    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    database.set_progress_handler(is_over, _STEPS)
    database.set_authorizer(_allowed)
    cursor = database.execute(query)
    if cursor.description is None:
        raise StepFailed("the SQL query gives no rows: write a SELECT")
    names = [str(column[0]) for column in cursor.description]
    rows = cursor.fetchmany(_MOST_ROWS + 1)
    if len(rows) > _MOST_ROWS:
        raise StepFailed(f"the SQL query gives more than {_MOST_ROWS} rows")
    return [_item(names, row, flags) for row in rows]


def _allowed(
    action: int, one: str | None, other: str | None, _database: str | None, _by: str | None
) -> int:
    name = other if action == sqlite3.SQLITE_FUNCTION else one
    refused = action not in _READING or (name or "").lower() in _FUNCTIONS
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK


def _item(names: Sequence[str], row: Sequence[Any], flags: frozenset[str]) -> dict[str, Any]:
    """A row as an item; of two columns with one name, the last that is not null."""
    item: dict[str, Any] = {}
    for name, value in zip(names, row, strict=True):
        if name == _PADDING or (value is None and item.get(name) is not None):
            continue
        item[name] = _value(value, is_flag=name in flags)
    return item


def _stored(value: Any) -> Any:
    if (
        value is None
        or isinstance(value, bool | float)
        or (isinstance(value, int) and -(2**63) <= value < 2**63)
    ):
        return value
    return value if isinstance(value, str) else _MARK + json.dumps(value, ensure_ascii=False)


def _value(value: Any, *, is_flag: bool) -> Any:
    if is_flag and value in (0, 1):
        return bool(value)
    if isinstance(value, str) and value.startswith(_MARK):
        return json.loads(value.removeprefix(_MARK))
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
