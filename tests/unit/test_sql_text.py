"""Statements taken apart: parameters, texts, comments, and where a second statement begins."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.values.sql_text import Dialect, read_sql

DIALECTS: tuple[Dialect, ...] = ("postgresql", "sqlite")


def codes(sql: str, dialect: Dialect = "postgresql") -> set[str]:
    return {problem.code for problem in read_sql(sql, dialect).problems}


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SELECT :a, :b, :a", ["a", "b", "a"]),
        ("SELECT ':a', \":b\", :c -- :d", ["c"]),
        ("SELECT 1 /* :a */ + :b", ["b"]),
        ("SELECT x::text, :a::int", ["a"]),
        ("SELECT 'it''s :a', :b", ["b"]),
        ("SELECT a[1:2], :c", ["c"]),
        ("SELECT :ä, :a", ["a"]),
    ],
)
def test_parameters(sql: str, names: list[str]) -> None:
    assert [name for name in read_sql(sql, "postgresql").names if name.isascii()] == names


def test_texts_of_one_dialect() -> None:
    assert read_sql(r"SELECT E'\':a', :b", "postgresql").names == ("b",)
    assert read_sql("SELECT $$ :a ; $$, $t$ $$ :b $t$, :c", "postgresql").names == ("c",)
    assert read_sql("SELECT a$b$, :c", "postgresql").names == ("c",)
    assert read_sql("SELECT [:a], `:b`, :c", "sqlite").names == ("c",)
    assert read_sql("SELECT arr[:i]", "postgresql").names == ("i",)


def test_numbers_for_names() -> None:
    text = read_sql("SELECT :b, ':b', :a, :b", "postgresql")
    assert text.numbered("$") == ("SELECT $1, ':b', $2, $1", ("b", "a"))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT 1; SELECT 2", "db.several_statements"),
        ("SELECT 1;;SELECT 2", "db.several_statements"),
        ("SELECT ';'; DROP TABLE x", "db.several_statements"),
        ("SELECT 1; --\nDROP TABLE x", "db.several_statements"),
        ("SELECT $1", "db.parameters"),
        ("SELECT 'x", "db.sql_invalid"),
        ('SELECT "x', "db.sql_invalid"),
        ("SELECT 1 /* x", "db.sql_invalid"),
        ("  -- nothing", "db.sql_invalid"),
        ("SELECT '{{x}}'", "db.reference_in_sql"),
        ("PRAGMA x", "db.statement_not_allowed"),
    ],
)
def test_what_is_refused(sql: str, code: str, dialect: Dialect) -> None:
    assert code in codes(sql, dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1;",
        "SELECT 1;;",
        "SELECT 1; -- that is all; really",
        "SELECT ';' /* ; */",
        "(SELECT 1) UNION (SELECT 2)",
        "-- first\nSELECT 1",
        "WITH x AS (SELECT 1) SELECT * FROM x",
    ],
)
def test_what_is_one_statement(sql: str, dialect: Dialect) -> None:
    assert codes(sql, dialect) == set()


PARTS = st.sampled_from(
    [
        "'",
        '"',
        "`",
        "[",
        "]",
        ";",
        "--",
        "\n",
        "/*",
        "*/",
        "x",
        "1",
        "''",
        '""',
        " ",
        "SELECT",
        ":a",
    ]
)


@given(st.lists(PARTS, max_size=14).map(lambda parts: "SELECT 1 " + "".join(parts)))
def test_a_statement_that_passes_is_one_to_sqlite_too(sql: str) -> None:
    text = read_sql(sql, "sqlite")
    if text.problems:
        return
    said = ""
    connection = sqlite3.connect(":memory:")
    try:
        sql, names = text.numbered(":p")
        connection.execute(sql, {f"p{at}": 1 for at, _ in enumerate(names, start=1)})
    except sqlite3.Error as error:
        said = str(error)
    finally:
        connection.close()
    # It may be no SQL, but it is one text of it, and has the parameters that were found.
    assert "one statement" not in said
    assert "binding" not in said


@given(st.text(max_size=60))
def test_any_text_can_be_read_and_put_together_again(sql: str) -> None:
    for dialect in DIALECTS:
        text = read_sql(sql, dialect)
        assert len(text.pieces) == len(text.names) + 1
        if not text.names and not text.problems:
            assert sql.startswith(text.pieces[0])
            assert sql == text.pieces[0] or sql[len(text.pieces[0])] == ";"


def test_a_comment_ends_where_its_database_ends_it() -> None:
    hidden = "--\rDROP TABLE item /*\nSELECT 1*/"
    assert codes(hidden) == {"db.statement_not_allowed"}
    assert codes(hidden, "sqlite") == set()
    assert read_sql("SELECT 1 -- :a\r, :b\n, :c", "postgresql").names == ("b", "c")
    assert read_sql("SELECT 1 -- :a\r, :b\n, :c", "sqlite").names == ("c",)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("sql", ["SELECT 1 \0, 2", "SELECT '\ud800'"])
def test_what_is_not_text_is_refused(sql: str, dialect: Dialect) -> None:
    assert codes(sql, dialect) == {"db.sql_invalid"}
