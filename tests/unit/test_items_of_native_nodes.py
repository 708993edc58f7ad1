"""Operations around native nodes: what begins a run, what is asked of them, what they gave."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.graph.kinds.items import ItemSettings
from runfold.importers.n8n.parts import operations
from runfold_executor_code.items.operations import OPERATIONS
from runfold_executor_code.items.step import ItemFailed, Made, Step

FILE = {"$file": "a" * 64, "name": "a.pdf"}


def step(
    operation: str, *items: Any, parameters: dict[str, Any] | None = None, **more: Any
) -> Step:
    written = parameters or {}
    listed = [one if "json" in one else {"json": one} for one in items]
    resolved = (written,) * max(1, len(listed))
    fields = {"version": 1.0, "parameters": written, "resolved": resolved, **more}
    return Step(operation=operation, inputs=(listed,), **fields)


def done(operation: str, *items: Any, **more: Any) -> list[list[Made]]:
    return OPERATIONS[operation](step(operation, *items, **more))


def jsons(made: list[Made]) -> list[Any]:
    return [one.json for one in made]


@pytest.mark.parametrize(
    ("kind", "inputs", "item"),
    [
        ("manualTrigger", {}, {}),
        ("manualTrigger", {"a": 1, "trigger": "x"}, {"a": 1}),
        ("formTrigger", None, None),
        (
            "webhook",
            {"body": {"a": 1}, "headers": {"h": "1"}, "query": {}, "path": "p", "method": "POST"},
            {"headers": {"h": "1"}, "params": {}, "query": {}, "body": {"a": 1}},
        ),
        ("webhook", {"a": 1}, {"headers": {}, "params": {}, "query": {}, "body": {"a": 1}}),
        ("chatTrigger", {"query": "hi"}, {"action": "sendMessage", "chatInput": "hi"}),
        ("tool", {"json": {"a": 1, "b": 1}, "args": {"b": 2}}, {"a": 1, "b": 2}),
        ("scheduleTrigger", {}, {"Year": "2023", "Day of week": "Tuesday", "Hour": "22"}),
    ],
)
def test_a_trigger_gives_an_item_as_its_type_would(kind: str, inputs: Any, item: Any) -> None:
    results = {"inputs": inputs, "query": "", "conversation": "c"}
    given = done("trigger", parameters={"trigger": kind}, results=results, now=1_700_000_000_000)
    (made,) = given[0]
    wanted = item or {}
    assert {key: made.json.get(key) for key in wanted} == wanted


def test_items_of_a_run_go_before_pinned_ones() -> None:
    parameters = {"trigger": "manualTrigger", "pinned": '[{"json": {"p": 1}}]'}
    pinned = done("trigger", parameters=parameters, results={"inputs": {}})
    assert jsons(pinned[0]) == [{"p": 1}]
    inputs = {"items": [{"a": 1}, {"json": {"b": 2}}]}
    given = done("trigger", parameters=parameters, results={"inputs": inputs})
    assert jsons(given[0]) == [{"a": 1}, {"b": 2}]


def test_a_webhook_with_several_methods_has_an_output_for_each() -> None:
    parameters = {"trigger": "webhook", "methods": ["GET", "POST"], "outputs": 2}
    inputs = {"method": "POST", "body": 1, "headers": {}}
    given = done("trigger", parameters=parameters, results={"inputs": inputs})
    assert [len(one) for one in given] == [0, 1]


def test_results_become_items_and_failures_the_errors_of_theirs() -> None:
    results = {
        "output": [[{"a": 1}, {"a": 2}], None, {"b": 3}],
        "failed": [{"index": 1, "message": "gone"}],
    }
    settings = ItemSettings(on_error="continue")
    made = step("collect", {}, {}, {}, results=results, settings=settings, failed=[])
    given = OPERATIONS["collect"](made)
    assert jsons(given[0]) == [{"a": 1}, {"a": 2}, {"b": 3}]
    assert [one.paired for one in given[0]] == [(0, 0), (0, 0), (0, 2)]
    assert [(one.index, one.message) for one in made.failed] == [(1, "gone")]
    with pytest.raises(ItemFailed, match="gone"):
        done("collect", {}, {}, {}, results=results)


def test_items_go_to_the_output_of_their_class() -> None:
    results = {"output": [2, 0, 1]}
    items = [{"n": n} for n in range(3)]
    with_rest = done("route", *items, parameters={"outputs": 3, "other": True}, results=results)
    assert [jsons(one) for one in with_rest] == [[{"n": 2}], [{"n": 0}], [{"n": 1}]]
    parameters = {"outputs": 2, "field": "feeling", "names": ["good", "bad"]}
    said = done("route", *items, parameters=parameters, results=results)
    assert jsons(said[1]) == [{"n": 0, "feeling": {"category": "bad"}}]
    assert len(said[0]) == 1


def test_the_last_end_with_items_is_what_a_run_gives() -> None:
    made = Step(
        operation="last",
        version=1.0,
        parameters={},
        resolved=({},),
        inputs=([{"json": {"a": 1}}], [{"json": {"b": 2}}], []),
    )
    assert jsons(OPERATIONS["last"](made)[0]) == [{"b": 2}]


def plan(version: float, item: Any | None = None, /, **parameters: Any) -> dict[str, Any]:
    given = done("httpRequestPlan", item or {}, parameters=parameters, version=version)
    return given[0][0].json


def pairs(*names: tuple[str, Any]) -> dict[str, Any]:
    return {"parameters": [{"name": name, "value": value} for name, value in names]}


def test_a_request_of_today_is_planned() -> None:
    made = plan(
        4.2,
        method="POST",
        url="example.com/x",
        sendQuery=True,
        queryParameters=pairs(("a", 1), ("a", 2)),
        sendHeaders=True,
        specifyHeaders="json",
        jsonHeaders='{"X": "1", "Host": "h"}',
        sendBody=True,
        contentType="form-urlencoded",
        bodyParameters=pairs(("f", "v")),
    )
    assert made == {
        "method": "POST",
        "url": "http://example.com/x",
        "params": {"a": [1, 2]},
        "headers": {"X": "1"},
        "body": {"f": "v"},
        "body_type": "form",
    }


@pytest.mark.parametrize(
    ("parameters", "body", "body_type"),
    [
        ({"specifyBody": "json", "jsonBody": '{"a": 1}'}, {"a": 1}, "json"),
        ({"bodyParameters": pairs(("a", 1))}, {"a": 1}, "json"),
        ({"contentType": "raw", "body": "t", "rawContentType": "text/x"}, "t", "raw"),
        ({"contentType": "binaryData"}, FILE, "file"),
        ({"contentType": "binaryData", "inputDataFieldName": "own"}, "aGk=", "base64"),
        (
            {
                "contentType": "multipart-form-data",
                "bodyParameters": {
                    "parameters": [
                        {"name": "t", "value": "v"},
                        {
                            "name": "f",
                            "parameterType": "formBinaryData",
                            "inputDataFieldName": "data",
                        },
                        {
                            "name": "o",
                            "parameterType": "formBinaryData",
                            "inputDataFieldName": "own",
                        },
                    ]
                },
            },
            {"t": "v", "f": FILE, "o": "hi"},
            "multipart",
        ),
    ],
)
def test_bodies(parameters: dict[str, Any], body: Any, body_type: str) -> None:
    files = {"data": {"file": FILE}, "own": {"data": "aGk=", "mimeType": "text/plain"}}
    item = {"json": {}, "binary": files}
    made = plan(4.2, item, url="http://x", method="POST", sendBody=True, **parameters)
    assert (made["body"], made["body_type"]) == (body, body_type)


def test_a_request_of_old_versions_is_planned() -> None:
    made = plan(
        1,
        requestMethod="POST",
        url="http://x",
        queryParametersUi={"parameter": [{"name": "q", "value": "1"}]},
        bodyParametersUi={"parameter": [{"name": "b", "value": 2}]},
        headerParametersUi={"parameter": [{"name": "h", "value": "3"}]},
        options={"bodyContentType": "form-urlencoded"},
    )
    assert made["params"] == {"q": "1"}
    assert made["headers"] == {"h": "3"}
    assert (made["body"], made["body_type"]) == ({"b": 2}, "form")
    by_json = plan(2, url="http://x", jsonParameters=True, queryParametersJson='{"a": 1}')
    assert by_json["params"] == {"a": 1}


@pytest.mark.parametrize(
    "parameters",
    [
        {"url": ""},
        {"url": "http://x", "method": "POST", "sendBody": True, "contentType": "binaryData"},
        {"url": "http://x", "sendBody": True, "specifyBody": "json", "jsonBody": "{"},
        {"url": "http://x", "sendQuery": True, "specifyQuery": "json", "jsonQuery": "[1]"},
    ],
)
def test_a_request_that_cannot_be_made_is_the_items_error(parameters: dict[str, Any]) -> None:
    with pytest.raises(ItemFailed):
        plan(4.2, **parameters)


def test_documents_that_a_native_node_read_become_items() -> None:
    files = {"json": {}, "binary": {"data": {"file": FILE}}}
    assert jsons(done("filesOf", files, {})[0]) == [{"file": FILE}, {"file": None}]
    read = {"text": "hello", "pages": [{}, {}], "metadata": {"title": "t"}}
    parameters = {"operation": "pdf"}
    given = done("extractFromFile", files, parameters=parameters, results={"output": [read]})
    assert jsons(given[0]) == [{"numpages": 2, "info": {"title": "t"}, "text": "hello"}]


def test_every_operation_that_the_importer_names_is_there() -> None:
    named = {*operations.OPERATIONS, "splitInBatches", "httpRequest", "httpRequestPlan"}
    named |= {"trigger", "last", "collect", "route", "resolve", "filesOf", "extractFromFile"}
    programs = {"code", "function", "functionItem"}
    assert named - programs <= set(OPERATIONS)
