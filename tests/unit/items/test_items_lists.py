"""`summarize`, `removeDuplicates`, `renameKeys`, `itemLists`, `compareDatasets`."""

from __future__ import annotations

from typing import Any

import pytest

from runfold_executor_code.items.step import ItemFailed, StepFailed
from tests.support.item_steps import gave, ran

SALES = [
    {"town": "Wien", "year": 2024, "sum": 10, "who": "Ada"},
    {"town": "Graz", "year": 2023, "sum": 5, "who": ""},
    {"town": "Wien", "year": 2023, "sum": 2.5, "who": "Cy"},
    {"town": "Wien", "year": 2023, "sum": "7", "who": "Ada"},
]


def fields(*rows: tuple[str, str], **more: Any) -> dict[str, Any]:
    listed = [{"aggregation": one, "field": name, **more} for one, name in rows]
    return {"fieldsToSummarize": {"values": listed}}


def test_sums_counts_and_lists_of_all_items() -> None:
    written = fields(
        ("sum", "sum"),
        ("average", "sum"),
        ("count", "who"),
        ("countUnique", "who"),
        ("max", "year"),
        ("min", "town"),
        ("concatenate", "who"),
        ("append", "year"),
    )
    assert gave("summarize", written, SALES, version=1.1) == [
        [
            {
                "sum_sum": 17.5,
                "average_sum": 17.5 / 3,
                "count_who": 3,
                "unique_count_who": 2,
                "max_year": 2024,
                "min_town": "Graz",
                "concatenated_who": "Ada,Cy,Ada",
                "appended_year": [2024, 2023, 2023, 2023],
            }
        ]
    ]


def test_sums_by_other_fields() -> None:
    written = {**fields(("count", "sum")), "fieldsToSplitBy": "year, town"}
    made = ran("summarize", written, SALES, version=1.1)[0]
    assert [one.json for one in made] == [
        {"year": 2023, "town": "Graz", "count_sum": 1},
        {"year": 2023, "town": "Wien", "count_sum": 2},
        {"year": 2024, "town": "Wien", "count_sum": 1},
    ]
    assert made[1].paired == ((0, 2), (0, 3))
    texts = gave("summarize", {**written, "fieldsToSplitBy": "year"}, SALES, version=1)[0]
    assert [one["year"] for one in texts] == ["2023", "2024"]
    single = {**written, "options": {"outputFormat": "singleItem"}}
    assert gave("summarize", single, SALES, version=1.1) == [
        [
            {
                "2023": {"Graz": {"count_sum": 1}, "Wien": {"count_sum": 2}},
                "2024": {"Wien": {"count_sum": 1}},
            }
        ]
    ]
    with pytest.raises(StepFailed, match="'nothing' does not exist in any items"):
        gave("summarize", fields(("sum", "nothing")), SALES, version=1)
    assert gave("summarize", fields(("max", "nothing")), SALES, version=1.1) == [
        [{"max_nothing": None}]
    ]
    own = fields(
        ("concatenate", "who"), separateBy="other", customSeparator=" / ", includeEmpty=True
    )
    assert gave("summarize", own, SALES, version=1.1)[0][0] == {
        "concatenated_who": "Ada /  / Cy / Ada"
    }


PEOPLE = [
    {"id": 1, "name": "Ada", "at": {"town": "Wien"}},
    {"id": 1, "name": "Ada", "at": {"town": "Wien"}},
    {"id": 2, "name": "Ada", "at": {"town": "Graz"}},
]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ({}, [0, 2]),
        ({"compare": "selectedFields", "fieldsToCompare": "name"}, [0]),
        ({"compare": "selectedFields", "fieldsToCompare": "at.town"}, [0, 2]),
        ({"compare": "allFieldsExcept", "fieldsToExclude": "id,at.town"}, [0]),
    ],
)
def test_items_that_are_alike(written: dict[str, Any], kept: list[int]) -> None:
    assert gave("removeDuplicates", written, PEOPLE, version=2) == [[PEOPLE[at] for at in kept]]


def test_only_the_compared_fields_and_what_cannot_be_compared() -> None:
    written = {
        "compare": "selectedFields",
        "fieldsToCompare": "at.town",
        "options": {"removeOtherFields": True},
    }
    assert gave("removeDuplicates", written, PEOPLE) == [
        [{"at": {"town": "Wien"}}, {"at": {"town": "Graz"}}]
    ]
    with pytest.raises(StepFailed, match="'b' field is missing from some input items"):
        gave("removeDuplicates", {}, [{"a": 1}, {"b": 1}])
    with pytest.raises(StepFailed, match="isn't always the same type"):
        gave("removeDuplicates", {}, [{"a": 1}, {"a": "1"}], version=2)
    assert len(gave("removeDuplicates", {}, [{"a": 1}, {"a": None}], version=2)[0]) == 2
    with pytest.raises(StepFailed, match="not remembered"):
        gave("removeDuplicates", {"operation": "removeItemsSeenInPreviousExecutions"}, PEOPLE)


def test_fields_under_other_names() -> None:
    keys = {
        "key": [
            {"currentKey": "at.town", "newKey": "where.town"},
            {"currentKey": "x", "newKey": "y"},
        ]
    }
    assert gave("renameKeys", {"keys": keys}, [PEOPLE[0]]) == [
        [{"id": 1, "name": "Ada", "at": {}, "where": {"town": "Wien"}}]
    ]
    deep = {"Name_a": 1, "in": {"name_b": [{"NAME_c": 2}]}}
    replacement = {
        "searchRegex": "^name_(.)",
        "replaceRegex": "$1$1",
        "options": {"caseInsensitive": True},
    }
    by_pattern = {"additionalOptions": {"regexReplacement": {"replacements": [replacement]}}}
    assert gave("renameKeys", by_pattern, [deep]) == [[{"in": {"bb": [{"cc": 2}]}, "aa": 1}]]
    replacement["options"]["depth"] = 0  # type: ignore[index]
    assert gave("renameKeys", by_pattern, [deep]) == [[{"in": deep["in"], "aa": 1}]]


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ({"fieldToSplitOut": "l"}, [{"l": 1}, {"l": 2}]),
        (
            {
                "operation": "aggregateItems",
                "fieldsToAggregate": {"fieldToAggregate": [{"fieldToAggregate": "a"}]},
            },
            [{"a": [3]}],
        ),
        (
            {"operation": "concatenateItems", "aggregate": "aggregateAllItemData"},
            [{"data": [{"a": 3, "l": [1, 2]}]}],
        ),
        ({"operation": "limit", "maxItems": 5}, [{"a": 3, "l": [1, 2]}]),
        (
            {
                "operation": "removeDuplicates",
                "compare": "selectedFields",
                "fieldsToCompare": {"fields": [{"fieldName": "a"}]},
            },
            [{"a": 3, "l": [1, 2]}],
        ),
        ({"operation": "summarize", **fields(("sum", "a"))}, [{"sum_a": 3}]),
    ],
)
def test_one_node_for_all_lists(written: dict[str, Any], made: list[Any]) -> None:
    assert gave("itemLists", written, [{"a": 3, "l": [1, 2]}], version=3) == [made]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"fieldToSplitOut": "no"}, "Couldn't find the field 'no'"),
        ({"fieldToSplitOut": "a"}, "'a' is not an array or object"),
        (
            {
                "operation": "aggregateItems",
                "fieldsToAggregate": {"fieldToAggregate": [{"fieldToAggregate": "no"}]},
            },
            "Couldn't find the field 'no'",
        ),
        ({"operation": "summarize", **fields(("sum", "no"))}, "'no' does not exist"),
    ],
)
def test_lists_of_fields_that_no_item_has(written: dict[str, Any], message: str) -> None:
    with pytest.raises((ItemFailed, StepFailed), match=message):
        gave("itemLists", written, [{"a": 3}], version=2)
    assert gave("itemLists", written, [{"a": 3}], version=3)


def test_members_under_a_path_and_lists_of_no_fields() -> None:
    written = {"fieldToSplitOut": "l", "options": {"destinationFieldName": "to.it"}}
    assert gave("splitOut", written, [{"l": [1]}]) == [[{"to": {"it": 1}}]]
    assert gave("aggregate", {}, [{"l": [1]}]) == [[{}]]
    with pytest.raises(StepFailed, match="No fields specified"):
        gave("aggregate", {"fieldsToAggregate": {}}, [{}])


A = [{"id": 1, "v": "a", "t": 1}, {"id": 2, "v": "b", "t": 1}, {"id": 3, "v": ""}]
B = [{"id": 1, "v": "a", "t": 2}, {"id": 2, "v": "c", "t": 1}, {"id": "3", "v": None}, {"id": 9}]


def compared(version: float = 2.3, **more: Any) -> list[list[Any]]:
    written = {"mergeByFields": {"values": [{"field1": "id", "field2": "id"}]}, **more}
    return gave("compareDatasets", written, A, B, version=version)


def test_items_of_two_inputs() -> None:
    skipping = {"options": {"skipFields": "t"}}
    only_a, alike, different, only_b = compared(**skipping)
    assert only_a == [A[2]]
    assert alike == [A[0]]
    assert different == [
        {
            "keys": {"id": 2},
            "same": {"id": 2, "t": 1},
            "different": {"v": {"inputA": "b", "inputB": "c"}},
        }
    ]
    assert only_b == [B[2], B[3]]
    assert compared(fuzzyCompare=True, **skipping)[1] == [A[0], A[2]]
    assert compared(resolve="preferInput2")[2] == [B[0], B[1]]
    assert compared(version=1, options={"skipFields": "t"})[2] == [B[1]]
    mixed = compared(resolve="mix", exceptWhenMix="v", **skipping)[2]
    assert mixed == [{"id": 2, "v": "c", "t": 1}]


def test_fields_to_match_by() -> None:
    pairs = {"values": [{"field1": "idd", "field2": "idd"}]}
    assert [len(one) for one in compared(mergeByFields=pairs)] == [3, 0, 0, 4]
    with pytest.raises(StepFailed, match="'idd' is not present in any of items in 'Input A'"):
        compared(version=2.1, mergeByFields=pairs)
    with pytest.raises(StepFailed, match="Fields to Match"):
        compared(mergeByFields={"values": [{}]})


def test_what_does_not_count_in_a_comparison() -> None:
    one = {"id": 1, "data": {"age": 31, "on": True}, "at": {"town": "Wien", "code": 1}, "none": []}
    other = {"id": 1, "data": {"age": 30, "on": False}, "at": {"town": "Wien", "code": 2}}
    pairs = {"values": [{"field1": "id", "field2": "id"}]}
    written = {"mergeByFields": pairs, "options": {"skipFields": "data.age, at.code"}}
    rough = {**written, "fuzzyCompare": True}
    [_, _, [made], _] = gave("compareDatasets", rough, [one], [other], version=2.1)
    assert made["same"] == {"id": 1, "none": []}
    assert made["different"] == {
        "data": {"inputA": {"on": True}, "inputB": {"on": False}},
        "at": {"inputA": {"town": "Wien"}, "inputB": {"town": "Wien"}},
    }
    assert made["skipped"]["data"] == {"inputA": {"age": 31}, "inputB": {"age": 30}}
    whole = {**rough, "options": {"skipFields": "data, at.code"}}
    assert gave("compareDatasets", whole, [one], [other], version=2.1)[1] == [one]
    first = {"mergeByFields": pairs, "resolve": "includeBoth"}
    [_, _, [made], _] = gave("compareDatasets", first, [{"id": 1, "n": 0}], [{"id": 1, "n": 2}])
    assert made["different"] == {"n": {"input1": None, "input2": 2}}
