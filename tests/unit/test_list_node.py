"""`list`: its steps and their order, conditions on parts of items, what is refused when."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runfold.errors import NodeFailed
from runfold.graph.loader import load_workflow
from runfold.values.files import FileValue
from runfold_executor_text import list_items
from tests.support.node_contexts import RecordingContext


def file(name: str, size: int, media_type: str) -> dict[str, Any]:
    return FileValue(f"{size:064x}", name, media_type, size).value()


PDF = file("a.pdf", 30, "application/pdf")
BIG = file("big.PDF", 900, "application/pdf")
PNG = file("cat.png", 200, "image/png")
FILES = [PDF, PNG, BIG]
PEOPLE = [
    {"name": "Ann", "age": 31, "at": {"city": "Bern"}, "tags": ["a", "b"]},
    {"name": "Bo", "age": None, "at": {"city": "Rome"}, "tags": []},
    {"name": "Cy", "age": 9, "tags": ["b"]},
    {"name": "Di", "age": 100, "at": {"city": "Bern"}},
]


async def run(given: Any, **config: Any) -> dict[str, Any]:
    node = list_items.NODE
    wanted = msgspec.convert({"input": given, **config}, node.kind.config)
    return (await node.run(RecordingContext(), wanted, {})).outputs


async def kept(given: Any, condition: Any) -> list[Any]:
    output: list[Any] = (await run(given, filter=condition))["output"]
    return output


async def names(condition: Any) -> str:
    return " ".join(one["name"] for one in await kept(PEOPLE, condition))


async def test_without_settings_it_is_the_list_with_its_ends() -> None:
    assert await run([3, 1, 2]) == {
        "output": [3, 1, 2],
        "first_record": 3,
        "last_record": 2,
        "count": 3,
    }


async def test_an_empty_list_gives_an_empty_one_whatever_is_asked() -> None:
    nothing = {"output": [], "first_record": None, "last_record": None, "count": 0}
    assert await run([]) == nothing
    assert await run([], extract=3, order=[{"field": "x"}], limit=1) == nothing
    assert await run([1], filter={"operator": ">", "value": 1}) == nothing
    assert await run([1, 2], limit=0) == nothing


async def test_the_steps_are_taken_in_dify_s_order() -> None:
    small = {"operator": "<", "value": 10}
    assert (await run([50, 7, 9, 8], filter=small, extract=2))["output"] == [9]
    descending = [{"direction": "desc"}]
    cut = await run([50, 7, 9, 8], filter=small, order=descending, limit=2)
    assert cut["output"] == [9, 8]
    assert (cut["first_record"], cut["last_record"], cut["count"]) == (9, 8, 2)
    # What was extracted is all there is to order and to cut.
    assert (await run([50, 7, 9], extract=1, order=descending, limit=5))["output"] == [50]
    assert (await run([50, 7, 9], extract=-1))["output"] == [9]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"field": "kind", "operator": "equals", "value": "document"}, "a.pdf big.PDF"),
        ({"field": "extension", "operator": "in", "value": ["pdf", "docx"]}, "a.pdf big.PDF"),
        ({"field": "size", "operator": ">=", "value": 200}, "cat.png big.PDF"),
        ({"field": "size", "operator": "≥", "value": "200"}, "cat.png big.PDF"),
        ({"field": "name", "operator": "not contains", "value": "pdf"}, "cat.png big.PDF"),
        ({"field": "media_type", "operator": "starts_with", "value": "image/"}, "cat.png"),
        (
            [
                {"field": "kind", "operator": "=", "value": "document"},
                {"field": "size", "operator": "<", "value": 100},
            ],
            "a.pdf",
        ),
    ],
)
async def test_conditions_look_at_a_file_s_fields(condition: Any, expected: str) -> None:
    assert " ".join(one["name"] for one in await kept(FILES, condition)) == expected


async def test_conditions_look_inside_objects() -> None:
    bern = {"field": "at.city", "operator": "equals", "value": "Bern"}
    assert await names(bern) == "Ann Di"
    assert await names({"field": "at.city", "operator": "not_exists"}) == "Cy"
    assert await names({"field": "age", "operator": "is_null"}) == "Bo"
    assert await names({"field": "tags", "operator": "contains", "value": "b"}) == "Ann Cy"
    assert await names({"field": "tags[0]", "operator": "equals", "value": "b"}) == "Cy"
    assert await names({"field": "tags", "operator": "empty"}) == "Bo Di"
    young = {"field": "age", "operator": "<", "value": 10}
    assert await names({"or": [young, {"and": [bern]}]}) == "Ann Cy Di"
    assert await names({"logic": "OR", "conditions": [young, bern]}) == "Ann Cy Di"


async def test_a_field_is_a_key_as_it_is_spelled_before_it_is_a_path() -> None:
    rows = [{"first name": "Ann", "a.b": 1, "2024": 5}, {"a": {"b": 1}}, "no object", None]
    assert await kept(rows, {"field": "first name", "operator": "exists"}) == rows[:1]
    assert await kept(rows, {"field": "a.b", "operator": "=", "value": 1}) == rows[:2]
    assert await kept(rows, {"field": "2024", "operator": ">", "value": 4}) == rows[:1]


async def ordered(given: list[Any], *keys: dict[str, str]) -> list[Any]:
    output: list[Any] = (await run(given, order=list(keys)))["output"]
    return output


async def test_order_is_by_size_or_by_characters() -> None:
    assert await ordered([10, 9, 1.5], {}) == [1.5, 9, 10]
    assert await ordered(["10", "9", 1], {}) == [1, "9", "10"]
    assert await ordered(["10", "9", "x"], {}) == ["10", "9", "x"]
    assert await ordered(["b", True, 2, False, "a"], {}) == [2, "a", "b", False, True]
    assert await ordered([2**63, 0.5, 10**30], {"direction": "desc"}) == [10**30, 2**63, 0.5]
    assert [
        one["name"] for one in await ordered(FILES, {"field": "size", "direction": "desc"})
    ] == [
        "big.PDF",
        "cat.png",
        "a.pdf",
    ]


async def test_what_has_no_such_part_comes_last_and_equals_keep_their_order() -> None:
    by_age = {"field": "age"}
    assert [one["name"] for one in await ordered(PEOPLE, by_age)] == ["Cy", "Ann", "Di", "Bo"]
    down = {"field": "age", "direction": "desc"}
    assert [one["name"] for one in await ordered(PEOPLE, down)] == ["Di", "Ann", "Cy", "Bo"]
    both = [{"field": "at.city"}, {"field": "name", "direction": "desc"}]
    assert [one["name"] for one in await ordered(PEOPLE, *both)] == ["Di", "Ann", "Bo", "Cy"]
    same = {"field": "at.city", "direction": "desc"}
    assert [one["name"] for one in await ordered(PEOPLE, same)] == ["Bo", "Ann", "Di", "Cy"]


@pytest.mark.parametrize(
    ("given", "config", "code"),
    [
        (None, {}, "list.not_a_list"),
        ("[1]", {}, "list.not_a_list"),
        ({"a": 1}, {}, "list.not_a_list"),
        ([1], {"extract": 2}, "list.out_of_range"),
        ([1], {"extract": -2}, "list.out_of_range"),
        ([1], {"extract": 0}, "list.out_of_range"),
        ([1], {"filter": {"operator": ">", "value": 1}, "extract": 1}, "list.out_of_range"),
        ([[1], 2], {"order": [{}]}, "list.not_comparable"),
        ([{"a": {}}], {"order": [{"field": "a"}]}, "list.not_comparable"),
        ([1], {"filter": "no condition"}, "list.filter"),
        ([1], {"filter": {"operator": "near", "value": 1}}, "list.filter"),
    ],
)
async def test_what_cannot_be_done_fails_the_node(given: Any, config: Any, code: str) -> None:
    with pytest.raises(NodeFailed) as failed:
        await run(given, **config)
    assert (failed.value.code, failed.value.retryable) == (code, False)


def findings(**config: Any) -> list[tuple[str, str]]:
    document = {
        "id": "flow",
        "inputs": {"all": {"type": "array"}, "n": {"type": "integer"}},
        "nodes": [{"id": "pick", "type": "list", "config": {"input": "{{all}}", **config}}],
    }
    return [
        (one.code, one.path) for one in load_workflow(document).findings if one.level == "error"
    ]


AT = "nodes[0].config"
DEEP: Any = {"operator": "empty"}
for _ in range(30):
    DEEP = {"and": [DEEP]}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"filter": {"operator": ">", "value": "{{n}}"}, "limit": "{{n}}"}, []),
        ({"filter": "{{all}}", "extract": "{{n}}"}, []),
        ({"filter": [{"field": "a", "operator": "not in", "value": []}]}, []),
        ({"filter": {"field": "a"}}, [("condition.invalid", f"{AT}.filter.operator")]),
        (
            {"filter": {"or": [{"field": "a", "operator": "near", "value": 1}]}},
            [("condition.invalid", f"{AT}.filter.or[0].operator")],
        ),
        ({"filter": {"operator": "{{n}}"}}, [("condition.invalid", f"{AT}.filter.operator")]),
        ({"filter": {"operator": "="}}, [("condition.invalid", f"{AT}.filter")]),
        (
            {"filter": {"left": "a", "operator": "=", "value": 1}},
            [("condition.invalid", f"{AT}.filter.left")],
        ),
        (
            {"filter": {"field": 3, "operator": "=", "value": 1}},
            [("condition.invalid", f"{AT}.filter.field")],
        ),
        ({"filter": {"and": []}}, [("condition.invalid", f"{AT}.filter")]),
        (
            {"filter": {"logic": "xor", "conditions": [{"operator": "empty"}]}},
            [("condition.invalid", f"{AT}.filter.logic")],
        ),
        ({"filter": "size > 3"}, [("condition.invalid", f"{AT}.filter")]),
        ({"filter": True}, [("condition.invalid", f"{AT}.filter")]),
        ({"extract": 0}, [("config.wrong_value", f"{AT}.extract")]),
        ({"limit": -1}, [("config.wrong_type", f"{AT}.limit")]),
        ({"order": [{"by": "a"}]}, [("config.wrong_type", f"{AT}.order[0]")]),
    ],
)
def test_the_check_says_what_is_wrong_and_where(config: Any, expected: Any) -> None:
    assert findings(**config) == expected


def test_groups_are_not_nested_without_end() -> None:
    ((code, place),) = findings(filter=DEEP)
    assert code == "condition.invalid"
    assert place.count("and[0]") == 20


async def test_an_item_s_value_is_never_read_as_a_template() -> None:
    odd = ["{{secrets.KEY}}", "plain"]
    assert await kept(odd, {"operator": "contains", "value": "{{"}) == odd[:1]
