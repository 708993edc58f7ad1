"""`set`, `splitOut`, `aggregate`, `sort`, `limit`: fields of items, lists of items."""

from __future__ import annotations

from typing import Any

import pytest

from runfold_executor_code.items.javascript_values import MISSING
from runfold_executor_code.items.operations import OPERATIONS
from runfold_executor_code.items.step import ItemFailed, StepFailed
from tests.support.item_steps import gave, ran, step_of


def assigned(*rows: tuple[str, str, Any], **more: Any) -> dict[str, Any]:
    listed = [{"name": name, "type": kind, "value": value} for name, kind, value in rows]
    return {"assignments": {"assignments": listed}, **more}


def test_fields_of_the_first_versions() -> None:
    values = {
        "string": [{"name": "a.b", "value": 1}],
        "number": [{"name": "n", "value": "5"}],
        "boolean": [{"name": "y", "value": "no"}],
    }
    assert gave("set", {"values": values}, [{"k": 1}]) == [
        [{"k": 1, "a": {"b": 1}, "n": "5", "y": True}]
    ]
    kept = {"values": values, "keepOnlySet": True, "options": {"dotNotation": False}}
    assert gave("set", kept, [{"k": 1}], version=2) == [[{"a.b": 1, "n": 5, "y": True}]]
    assert gave("set", kept, [], version=2) == [[{"a.b": 1, "n": 5, "y": True}]]


def test_fields_with_types() -> None:
    written = assigned(
        ("s", "string", {"x": 1}),
        ("t", "string", 5),
        ("n", "number", "1.5"),
        ("b", "boolean", "false"),
        ("l", "array", "[1]"),
        ("o.p", "object", '{"q": 1}'),
        ("z", "number", None),
    )
    made = {
        "s": '{"x":1}',
        "t": "5",
        "n": 1.5,
        "b": False,
        "l": [1],
        "o": {"p": {"q": 1}},
        "z": None,
    }
    assert gave("set", written, [{"k": 1}], version=3.4) == [[made]]
    with_others = {**written, "includeOtherFields": True}
    assert gave("set", with_others, [{"k": 1, "n": 0}], version=3.3) == [[{"k": 1, **made}]]


def test_a_value_that_does_not_fit_its_field() -> None:
    written = assigned(("n", "number", "many"))
    with pytest.raises(ItemFailed, match="'n' expects a number but we got 'many'"):
        gave("set", written, [{}], version=3.4)
    written["options"] = {"ignoreConversionErrors": True}
    assert gave("set", written, [{}], version=3.4) == [[{"n": "many"}]]


@pytest.mark.parametrize(
    ("include", "kept"),
    [
        ({"include": "all"}, {"a": {"b": 1, "c": 2}, "d": 3}),
        ({"include": "none"}, {}),
        ({"include": "selected", "includeFields": "a.b, d"}, {"b": 1, "d": 3}),
        ({"include": "except", "excludeFields": "a.b,x"}, {"a": {"c": 2}, "d": 3}),
    ],
)
def test_what_an_item_keeps(include: dict[str, Any], kept: dict[str, Any]) -> None:
    fields = {"values": [{"name": "n", "type": "numberValue", "numberValue": "7"}]}
    item = {"a": {"b": 1, "c": 2}, "d": 3}
    assert gave("set", {"fields": fields, **include}, [item], version=3) == [[{**kept, "n": 7}]]
    assert item == {"a": {"b": 1, "c": 2}, "d": 3}


def test_an_object_as_json_and_files_of_items() -> None:
    raw = {"mode": "raw", "jsonOutput": '{"a": {"b": 1}}', "includeOtherFields": True}
    item = {"json": {"k": 1}, "binary": {"f": {"data": ""}}}
    [[made]] = ran("set", raw, [item], version=3.4)
    assert made.json == {"k": 1, "a": {"b": 1}}
    assert made.binary is None
    [[made]] = ran("set", {**raw, "options": {"stripBinary": False}}, [item], version=3.4)
    assert made.binary == item["binary"]
    with pytest.raises(ItemFailed, match="invalid JSON"):
        gave("set", {"mode": "raw", "jsonOutput": "{"}, [{}], version=3.4)
    with pytest.raises(ItemFailed, match="valid JSON object"):
        gave("set", {"mode": "raw", "jsonOutput": "[1]"}, [{}], version=3.4)


ORDER = {
    "id": 1,
    "lines": [{"sku": "a"}, {"sku": "b"}],
    "tags": ["x", "y", "z"],
    "by": {"n": "Ada"},
}


@pytest.mark.parametrize(
    ("written", "items"),
    [
        ({"fieldToSplitOut": "lines"}, [{"sku": "a"}, {"sku": "b"}]),
        ({"fieldToSplitOut": "tags"}, [{"tags": "x"}, {"tags": "y"}, {"tags": "z"}]),
        (
            {"fieldToSplitOut": "lines", "options": {"destinationFieldName": "line"}},
            [{"line": {"sku": "a"}}, {"line": {"sku": "b"}}],
        ),
        (
            {"fieldToSplitOut": "lines, tags"},
            [
                {"lines": {"sku": "a"}, "tags": "x"},
                {"lines": {"sku": "b"}, "tags": "y"},
                {"tags": "z"},
            ],
        ),
        ({"fieldToSplitOut": "by"}, [{"by": "Ada"}]),
        ({"fieldToSplitOut": "id"}, [{"id": 1}]),
        ({"fieldToSplitOut": "nothing"}, []),
        (
            {"fieldToSplitOut": "lines", "include": "selectedOtherFields", "fieldsToInclude": "id"},
            [{"lines": {"sku": "a"}, "id": 1}, {"lines": {"sku": "b"}, "id": 1}],
        ),
    ],
)
def test_members_of_lists_as_items(written: dict[str, Any], items: list[Any]) -> None:
    assert gave("splitOut", written, [ORDER]) == [items]


def test_all_other_fields_beside_a_member() -> None:
    written = {"fieldToSplitOut": "lines", "include": "allOtherFields"}
    first = gave("splitOut", written, [ORDER])[0][0]
    assert first == {"id": 1, "tags": ["x", "y", "z"], "by": {"n": "Ada"}, "lines": {"sku": "a"}}
    names = {"fieldToSplitOut": "a,b", "options": {"destinationFieldName": "c"}}
    with pytest.raises(ItemFailed, match="same number of destination fields"):
        gave("splitOut", names, [ORDER])
    files = [{"json": {}, "binary": {"f": {"data": "1"}, "g": {"data": "2"}}}]
    [made] = ran("splitOut", {"fieldToSplitOut": "$binary"}, files)
    assert [one.binary for one in made] == [{"f": {"data": "1"}}, {"g": {"data": "2"}}]


PEOPLE = [
    {"name": "Ada", "town": {"n": "Wien"}, "tags": ["a", None], "age": 3},
    {"name": None, "town": {"n": "Graz"}, "tags": ["b"], "age": 1},
    {"town": {"n": "Wien"}, "age": 2},
]


def individual(*fields: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {"fieldsToAggregate": {"fieldToAggregate": list(fields)}, "options": options}


def test_values_of_fields_in_lists() -> None:
    name, tags = {"fieldToAggregate": "name"}, {"fieldToAggregate": "tags"}
    assert gave("aggregate", individual(name), PEOPLE) == [[{"name": ["Ada"]}]]
    assert gave("aggregate", individual(name, keepMissing=True), PEOPLE) == [
        [{"name": ["Ada", None, None]}]
    ]
    merged = individual(tags, mergeLists=True)
    assert gave("aggregate", merged, PEOPLE) == [[{"tags": ["a", "b"]}]]
    assert gave("aggregate", individual(tags), PEOPLE) == [[{"tags": [["a"], ["b"]]}]]
    nested = {"fieldToAggregate": "town.n"}
    renamed = {**nested, "renameField": True, "outputFieldName": "in.towns"}
    assert gave("aggregate", individual(nested), PEOPLE) == [[{"n": ["Wien", "Graz", "Wien"]}]]
    assert gave("aggregate", individual(renamed), PEOPLE)[0][0]["in"]["towns"][1] == "Graz"
    with pytest.raises(StepFailed, match="more than once"):
        gave("aggregate", individual(name, name), PEOPLE)


def test_all_items_in_one_list() -> None:
    written = {"aggregate": "aggregateAllItemData", "destinationFieldName": "all"}
    assert gave("aggregate", written, PEOPLE) == [[{"all": PEOPLE}]]
    only = {**written, "include": "specifiedFields", "fieldsToInclude": "name"}
    [[made]] = ran("aggregate", only, PEOPLE)
    assert made.json == {"all": [{"name": "Ada"}, {"name": None}]}
    assert made.paired == ((0, 0), (0, 1))
    without = {**written, "include": "allFieldsExcept", "fieldsToExclude": "name,tags,town"}
    assert gave("aggregate", without, PEOPLE)[0][0]["all"] == [{"age": 3}, {"age": 1}, {"age": 2}]
    grouped = {**written, "options": {"groupByFields": "town.n"}}
    assert [len(one["all"]) for one in gave("aggregate", grouped, PEOPLE)[0]] == [2, 1]


def sorted_by(*fields: tuple[str, str]) -> dict[str, Any]:
    listed = [{"fieldName": name, "order": order} for name, order in fields]
    return {"sortFieldsUi": {"sortField": listed}}


def test_items_in_order() -> None:
    by_age = gave("sort", sorted_by(("age", "ascending")), PEOPLE)[0]
    assert [one["age"] for one in by_age] == [1, 2, 3]
    both = sorted_by(("town.n", "descending"), ("age", "ascending"))
    assert [one["age"] for one in gave("sort", both, PEOPLE)[0]] == [2, 3, 1]
    words = [{"w": one} for one in ("b", "C", "a", "10", "9")]
    assert [one["w"] for one in gave("sort", sorted_by(("w", "ascending")), words)[0]] == [
        *("10", "9", "a", "b", "C")
    ]
    with pytest.raises(StepFailed, match="Couldn't find the field 'x'"):
        gave("sort", sorted_by(("x", "ascending")), PEOPLE)
    mixed = gave("sort", {"type": "random"}, words)[0]
    assert sorted(one["w"] for one in mixed) == ["10", "9", "C", "a", "b"]


def test_the_first_and_the_last_items() -> None:
    items = [{"n": 1}, {"n": 2}, {"n": 3}]
    assert gave("limit", {}, items) == [[{"n": 1}]]
    assert gave("limit", {"maxItems": 2, "keep": "lastItems"}, items) == [items[1:]]
    assert gave("limit", {"maxItems": 5}, items) == [items]


def test_stop_and_error() -> None:
    for written, message in [
        ({"errorMessage": "Too late"}, "Too late"),
        ({"errorType": "errorObject", "errorObject": '{"message": "No"}'}, "No"),
        ({"errorType": "errorObject", "errorObject": '{"code": 1}'}, 'Error: {"code":1}'),
    ]:
        with pytest.raises(StepFailed, match=message):
            ran("stopAndError", written, [{}])


def batches(version: float, state: Any, *items: Any, size: int = 2) -> tuple[list[Any], Any]:
    step = step_of(
        "splitInBatches",
        {"batchSize": size},
        list(items),
        version=version,
        state=state,
        links=([{"Before": at} for at in range(len(items))],),
    )
    outputs = OPERATIONS["splitInBatches"](step)
    return [[(one.json, one.links) for one in output] for output in outputs], step.new_state[0]


def test_portions_and_what_comes_back() -> None:
    first, state = batches(3, None, {"n": 1}, {"n": 2}, {"n": 3})
    assert first == [[], [({"n": 1}, {"Before": 0}), ({"n": 2}, {"Before": 1})]]
    assert (state["currentRunIndex"], state["maxRunIndex"], state["noItemsLeft"]) == (0, 2, False)
    second, state = batches(3, state, {"r": 1}, {"r": 2})
    assert (state["currentRunIndex"], state["maxRunIndex"], state["noItemsLeft"]) == (1, 2, True)
    assert second == [[], [({"n": 3}, {"Before": 2})]]
    done, state = batches(3, state, {"r": 3})
    assert [one for one, _ in done[0]] == [{"r": 1}, {"r": 2}, {"r": 3}]
    assert done[1] == []
    again, _ = batches(2, state, {"n": 9})
    assert again == [[({"n": 9}, {"Before": 0})], []]
    alone, _ = batches(1, None, {"n": 1}, {"n": 2}, {"n": 3})
    assert len(alone) == 1


def answers(*given: Any, failed: Any = ()) -> dict[str, Any]:
    return {"output": list(given), "failed": list(failed)}


def test_answers_of_requests_as_items() -> None:
    json = {"headers": {"Content-Type": "application/json"}, "status_code": 200}
    results = answers({**json, "body": [{"a": 1}, {"a": 2}, 3]}, {**json, "body": {"b": 1}})
    assert gave("httpRequest", {}, [{}, {}], version=4.2, results=results) == [
        [{"a": 1}, {"a": 2}, {"data": 3}, {"b": 1}]
    ]
    plain = answers({"headers": {"content-type": "text/plain"}, "status_code": 203, "body": "no"})
    assert gave("httpRequest", {}, [{}], version=4.2, results=plain) == [[{"data": "no"}]]
    whole = {"options": {"response": {"response": {"fullResponse": True}}}}
    [[made]] = gave("httpRequest", whole, [{}], version=4.2, results=plain)
    assert made["statusCode"] == 203
    assert made["statusMessage"] == "Non-Authoritative Information"
    old = {"responseFormat": "string", "dataPropertyName": "page"}
    assert gave("httpRequest", old, [{}], version=1, results=plain) == [[{"page": "no"}]]


def test_files_errors_and_lists_of_answers() -> None:
    file = {"$file": "0" * 64, "name": "a.pdf", "media_type": "application/pdf", "extension": "pdf"}
    results = answers(
        {"status_code": 200, "file": file}, None, failed=[{"index": 1, "message": "no"}]
    )
    step = step_of(
        "httpRequest", {}, [{"k": 1}, {"k": 2}], version=4, results=results, on_error="continue"
    )
    [[made]] = OPERATIONS["httpRequest"](step)
    assert made.json == {"k": 1}
    assert made.binary is not None
    assert made.binary["data"]["fileName"] == "a.pdf"
    assert [one.message for one in step.failed] == ["no"]
    lost = answers({"status_code": 404, "body": "no", "headers": {}})
    with pytest.raises(ItemFailed, match="status code 404"):
        gave("httpRequest", {}, [{}], version=4, results=lost)
    taken = {"options": {"response": {"response": {"neverError": True}}}}
    assert gave("httpRequest", taken, [{}], version=4, results=lost) == [[{"data": "no"}]]
    listed = answers({"headers": {"content-type": "application/json"}, "body": [1]})
    assert gave("httpRequest", {}, [{}], version=1, results=listed) == [[{"data": [1]}]]
    bad = answers({"headers": {}, "body": "<html>"})
    json_only = {"options": {"response": {"response": {"responseFormat": "json"}}}}
    with pytest.raises(ItemFailed, match="not valid JSON"):
        gave("httpRequest", json_only, [{}], version=4, results=bad)


def test_an_old_set_leaves_out_what_is_undefined() -> None:
    values = {"string": [{"name": "a", "value": MISSING}, {"name": "b.c", "value": None}]}
    written = {"values": values}
    assert gave("set", written, [{"a": 1, "k": 2}])[0] == [{"k": 2, "b": {"c": None}}]
    number = {"values": {"number": [{"name": "n", "value": MISSING}]}, "keepOnlySet": True}
    assert gave("set", number, [{"a": 1}], version=2)[0] == [{}]
