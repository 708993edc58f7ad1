"""`merge`: the ways to put items of several inputs together, by version."""

from __future__ import annotations

from typing import Any

import pytest

from runfold_executor_code.items.step import StepFailed
from tests.support.item_steps import gave, ran

LEFT = [{"id": 1, "a": "x", "deep": {"l": 1}}, {"id": 2, "a": "y"}, {"id": 3, "a": ""}]
RIGHT = [{"id": 1, "b": 1, "deep": {"r": 2}}, {"id": "2", "b": 2}, {"id": 1, "b": 3}, {"id": 9}]


def by_fields(mode: str = "keepMatches", version: float = 3, **more: Any) -> list[dict[str, Any]]:
    written = {"mode": "combine", "fieldsToMatchString": "id", "joinMode": mode, **more}
    return gave("merge", written, LEFT, RIGHT, version=version)[0]


def test_one_input_after_the_other() -> None:
    assert gave("merge", {"numberInputs": 3}, [{"a": 1}], [{"b": 2}], [{"c": 3}], version=3) == [
        [{"a": 1}, {"b": 2}, {"c": 3}]
    ]


def test_items_whose_fields_match() -> None:
    assert by_fields() == [
        {"id": 1, "a": "x", "b": 1, "deep": {"l": 1, "r": 2}},
        {"id": 1, "a": "x", "b": 3, "deep": {"l": 1}},
    ]
    assert by_fields(options={"multipleMatches": "first"})[1:] == []
    assert by_fields(outputDataFrom="input1") == LEFT[:1]
    assert by_fields(outputDataFrom="input2") == [RIGHT[0], RIGHT[2]]
    rough = by_fields(options={"fuzzyCompare": True})
    assert [one["b"] for one in rough] == [1, 3, 2]


def test_items_that_do_not_match_and_all_of_them() -> None:
    assert by_fields("keepNonMatches") == [
        {**LEFT[1], "_source": "input1"},
        {**LEFT[2], "_source": "input1"},
        {**RIGHT[1], "_source": "input2"},
        {**RIGHT[3], "_source": "input2"},
    ]
    assert by_fields("keepNonMatches", outputDataFrom="input2") == [RIGHT[1], RIGHT[3]]
    assert len(by_fields("keepEverything")) == 6
    assert [one["id"] for one in by_fields("enrichInput1")] == [1, 1, 2, 3]
    assert [one["id"] for one in by_fields("enrichInput2")] == [1, 1, "2", 9]


def test_keys_that_both_have() -> None:
    clash = {"options": {"clashHandling": {"values": {"resolveClash": "addSuffix"}}}}
    first = by_fields("enrichInput1", **clash)[0]
    assert first == {
        "id_1": 1,
        "a_1": "x",
        "deep_1": {"l": 1},
        "id_2": 1,
        "b_2": 1,
        "deep_2": {"r": 2},
    }
    assert by_fields("enrichInput1", **clash)[-1] == {"id_1": 3, "a_1": ""}
    shallow = {"values": {"resolveClash": "preferInput1", "mergeMode": "shallowMerge"}}
    made = by_fields(options={"clashHandling": shallow})
    assert made[0]["deep"] == {"l": 1}


def test_an_input_without_items() -> None:
    written = {"mode": "combine", "fieldsToMatchString": "id"}
    for mode, made in [("keepMatches", []), ("keepEverything", LEFT), ("enrichInput1", LEFT)]:
        assert gave("merge", {**written, "joinMode": mode}, LEFT, [], version=3) == [made]
    assert gave("merge", {**written, "joinMode": "enrichInput2"}, LEFT, [], version=3) == [[]]
    with pytest.raises(StepFailed, match="Fields to Match"):
        by_fields(fieldsToMatchString="")


def test_fields_of_other_names_and_paths() -> None:
    pairs = {"values": [{"field1": "deep.l", "field2": "b"}]}
    new = by_fields(advanced=True, mergeByFields=pairs)
    old = {"mode": "combine", "mergeByFields": pairs}
    assert new == gave("merge", old, LEFT, RIGHT, version=2.1)[0]
    assert [one["b"] for one in new] == [1]
    missing = {"values": [{"field1": "id", "field2": "nothing"}]}
    with pytest.raises(StepFailed, match="'nothing' is not present in any of items in 'Input 2'"):
        gave("merge", {**old, "mergeByFields": missing}, LEFT, RIGHT, version=2)


def test_items_by_their_places() -> None:
    written: dict[str, Any] = {"mode": "combine", "combineBy": "combineByPosition"}
    assert gave("merge", written, [{"a": 1}, {"a": 2}], [{"b": 1}], version=3) == [
        [{"a": 1, "b": 1}]
    ]
    unpaired = {**written, "options": {"includeUnpaired": True}}
    assert gave("merge", unpaired, [{"a": 1}, {"a": 2}], [{"a": 3}], version=3) == [
        [{"a": 3}, {"a": 2}]
    ]
    values = {"values": {"resolveClash": "preferInput1", "overrideEmpty": True}}
    filled = {**written, "options": {"clashHandling": values}}
    assert gave("merge", filled, [{"a": "", "b": 1}], [{"a": 3, "b": 2}], version=3) == [
        [{"a": 3, "b": 1}]
    ]
    old = {"mode": "combine", "combinationMode": "mergeByPosition"}
    [[made]] = ran("merge", old, [{"a": 1}], [{"b": 1}], version=2)
    assert made.paired == ((0, 0), (1, 0))


def test_all_with_all_and_a_chosen_input() -> None:
    written = {"mode": "combine", "combineBy": "combineAll"}
    assert gave("merge", written, [{"a": 1}, {"a": 2}], [{"b": 1}], version=3) == [
        [{"a": 1, "b": 1}, {"a": 2, "b": 1}]
    ]
    chosen: dict[str, Any] = {"mode": "chooseBranch", "useDataOfInput": "2"}
    assert gave("merge", chosen, [{"a": 1}], [{"b": 1}], version=3) == [[{"b": 1}]]
    empty = {"mode": "chooseBranch", "output": "empty"}
    assert gave("merge", empty, [{"a": 1}], [{"b": 1}], version=3) == [[{}]]
    old = {"mode": "chooseBranch", "output": "input2"}
    assert gave("merge", old, [{"a": 1}], [{"b": 1}], version=2) == [[{"b": 1}]]


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ({"mode": "mergeByIndex"}, [{"k": 1, "v": 1}, {"k": 2}]),
        ({"mode": "mergeByIndex", "join": "inner"}, [{"k": 1, "v": 1}]),
        ({"mode": "mergeByKey"}, [{"k": 1}, {"k": 2, "v": 1}]),
        ({"mode": "keepKeyMatches"}, [{"k": 2}]),
        ({"mode": "removeKeyMatches"}, [{"k": 1}]),
        ({"mode": "passThrough", "output": "input2"}, [{"k2": 2, "v": 1}]),
        ({"mode": "wait"}, [{}]),
        ({"mode": "multiplex"}, [{"k": 1, "k2": 2, "v": 1}, {"k": 2, "k2": 2, "v": 1}]),
    ],
)
def test_ways_of_the_first_version(written: dict[str, Any], made: list[Any]) -> None:
    written = {"propertyName1": "k", "propertyName2": "k2", **written}
    other = {"k2": 2, "v": 1} if written["mode"] != "mergeByIndex" else {"v": 1}
    assert gave("merge", written, [{"k": 1}, {"k": 2}], [other]) == [made]


PEOPLE = [
    {"id": 1, "name": "Ada", "tags": ["a", {"b": 1}], "there": True},
    {"id": 2, "name": "Bo", "tags": None, "there": False},
]
AGES = [{"id": 1, "age": 36.5}, {"id": 3, "age": 7}]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (
            "SELECT * FROM input1 LEFT JOIN input2 ON input1.id = input2.id",
            [{**PEOPLE[0], "age": 36.5}, {**PEOPLE[1], "age": None}],
        ),
        (
            "SELECT input1.name, input2.age FROM input1 JOIN input2 ON input1.id = input2.id",
            [{"name": "Ada", "age": 36.5}],
        ),
        ("SELECT COUNT(*) AS n, MAX(age) AS most FROM input2", [{"n": 2, "most": 36.5}]),
        ("SELECT name FROM input1 WHERE there ORDER BY name", [{"name": "Ada"}]),
        ("SELECT name FROM input1 WHERE name = 'none'", []),
        (
            "SELECT name, input2.nick AS nick FROM input1 JOIN input2 ON input1.id = input2.id",
            [{"name": "Ada", "nick": None}],
        ),
        ("SELECT nick, name FROM input1 WHERE name = 'Ada'", [{"nick": None, "name": "Ada"}]),
    ],
)
def test_inputs_are_tables_of_a_query(query: str, rows: list[dict[str, Any]]) -> None:
    written = {"mode": "combineBySql", "query": query}
    assert gave("merge", written, PEOPLE, AGES, version=3.2) == [rows]


def test_an_input_without_items_is_a_table_without_rows() -> None:
    query = "SELECT * FROM input1 LEFT JOIN input2 ON input1.id = 7"
    written = {"mode": "combineBySql", "query": query}
    assert gave("merge", written, AGES, [], version=3) == [AGES]
    assert gave("merge", {**written, "query": "SELECT * FROM input2"}, AGES, version=3) == [[]]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT input9.nothing FROM input1",
        "not SQL",
        "",
        "DROP TABLE input1",
        "ATTACH 'x.db' AS x",
        "PRAGMA user_version",
        "SELECT load_extension('x')",
        "SELECT 1; SELECT 2",
        "SELECT '\x00'",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n",
        "SELECT randomblob(100000000)",
    ],
)
def test_a_query_that_fails_or_does_more_than_read_fails_the_step(query: str) -> None:
    written = {"mode": "combineBySql", "query": query or "SELECT"}
    with pytest.raises(StepFailed, match="SQL query"):
        gave("merge", written, PEOPLE, AGES, version=3.2)
