"""`items` nodes outside any sandbox: shapes, ports, errors, links."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runfold.errors import NodeFailed
from runfold.executor.node import Outcome
from runfold.graph.item_ports import ports_of
from runfold.graph.kinds.items import ItemsConfig
from runfold.graph.loader import load_workflow
from runfold_executor_code.items import node as items_node
from runfold_executor_code.items.links import linked
from runfold_executor_code.items.reading import Input, arrivals_of, item_of
from runfold_executor_code.items.step import ItemFailed, Made, Step, StepFailed
from tests.support.node_contexts import RecordingContext


async def done(**config: Any) -> Outcome:
    settled = msgspec.convert({"operation": "noOp", "node": "Me", **config}, ItemsConfig)
    return await items_node.run_items(RecordingContext(), settled, {})


def source(*jsons: Any, links: Any = None) -> dict[str, Any]:
    return {"items": [{"json": one} for one in jsons], "links": links}


@pytest.mark.parametrize(
    ("value", "item"),
    [
        ({"json": {"a": 1}}, {"json": {"a": 1}}),
        ({"a": 1}, {"json": {"a": 1}}),
        (None, {"json": {}}),
        ("x", {"json": {"data": "x"}}),
        ({"json": None}, {"json": {}}),
        ({"json": [1]}, {"json": {"data": [1]}}),
        ({"json": {}, "binary": {}, "pairedItem": None}, {"json": {}}),
        ({"json": {}, "binary": {"f": {}}}, {"json": {}, "binary": {"f": {}}}),
    ],
)
def test_what_is_not_an_item_is_made_one(value: Any, item: Any) -> None:
    assert item_of(value) == item


@pytest.mark.parametrize("written", [[], [None], [[None]], [[{}]], [[{"items": None}]], ["x"]])
def test_inputs_of_odd_shapes_are_empty(written: list[Any]) -> None:
    assert arrivals_of(written) == ([],)


@pytest.mark.parametrize(
    ("config", "ports"),
    [
        ({"operation": "noOp"}, ("out", "none")),
        ({"operation": "if"}, ("0", "1", "none")),
        ({"operation": "compareDatasets"}, ("0", "1", "2", "3", "none")),
        ({"operation": "splitInBatches", "version": 3}, ("0", "1", "none")),
        ({"operation": "splitInBatches", "version": 1}, ("out", "none")),
        ({"operation": "set", "settings": {"on_error": "error_output"}}, ("0", "1", "none")),
        ({"operation": "switch", "version": 1}, ("0", "1", "2", "3", "none")),
        (
            {
                "operation": "switch",
                "version": 3.2,
                "parameters": {
                    "rules": {"values": [{}, {}]},
                    "options": {"fallbackOutput": "extra"},
                },
            },
            ("0", "1", "2", "none"),
        ),
        (
            {
                "operation": "switch",
                "version": 3,
                "parameters": {"mode": "expression", "numberOutputs": 2},
            },
            ("0", "1", "none"),
        ),
        ({"operation": None, "parameters": 3, "settings": [], "version": "x"}, ("out", "none")),
    ],
)
def test_ports_follow_from_the_operation(config: dict[str, Any], ports: tuple[str, ...]) -> None:
    assert ports_of(config) == ports


def test_expressions_of_n8n_are_left_alone_by_the_checks() -> None:
    config = {
        "operation": "set",
        "parameters": {"a": "={{ $json.a }}", "b": "={{ nothing here }}"},
        "written": {"Other": {"x": "={{ $json.x }}"}},
    }
    document = {"id": "w", "nodes": [{"id": "n", "type": "items", "config": config}]}
    assert not load_workflow(document).findings


async def test_items_go_through_with_their_links() -> None:
    found = await done(inputs=[[source({"n": 1}, {"n": 2}, links=[{"A": 3}, {"A": [1, 0]}])]])
    assert found.outputs["items"] == [
        {"json": {"n": 1}, "pairedItem": {"item": 0}},
        {"json": {"n": 2}, "pairedItem": {"item": 1}},
    ]
    assert found.outputs["ports"] == {"0": found.outputs["items"]}
    assert found.outputs["links"] == {"0": [{"A": 3, "Me": 0}, {"A": [1, 0], "Me": 1}]}
    assert (found.port, found.ports) == ("out", ())


async def test_no_items_leave_at_none_unless_one_is_always_given() -> None:
    assert (await done()).port == "none"
    found = await done(settings={"always_output": True})
    assert (found.port, found.outputs["items"]) == ("out", [{"json": {}}])


async def test_once_takes_the_first_item_of_each_input() -> None:
    found = await done(inputs=[[source(1, 2)]], settings={"execute_once": True})
    assert [one["json"] for one in found.outputs["items"]] == [{"data": 1}]


async def test_an_operation_that_there_is_not_is_named() -> None:
    with pytest.raises(NodeFailed, match="no operation 'dance'") as raised:
        await done(operation="dance")
    assert raised.value.code == "items.operation"


def _picky(step: Step) -> list[list[Made]]:
    made: list[Made] = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            if item["json"]["n"] == 2:
                raise ItemFailed(index, "n is two")
            made.append(Made({"m": item["json"]["n"]}, paired=(0, index)))
    return [made]


def _refuses(_step: Step) -> list[list[Made]]:
    message = "no table is named"
    raise StepFailed(message)


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {**items_node.OPERATIONS, "picky": _picky, "refuses": _refuses}
    monkeypatch.setattr(items_node, "OPERATIONS", table)


@pytest.mark.usefixtures("operations")
async def test_an_items_error_ends_the_node_or_goes_on_in_its_place() -> None:
    inputs = [[source({"n": 1}, {"n": 2}, {"n": 3})]]
    with pytest.raises(NodeFailed, match="picky: item 1: n is two"):
        await done(operation="picky", inputs=inputs)
    found = await done(operation="picky", inputs=inputs, settings={"on_error": "continue"})
    jsons = [one["json"] for one in found.outputs["items"]]
    assert jsons == [{"m": 1}, {"error": "n is two"}, {"m": 3}]
    found = await done(operation="picky", inputs=inputs, settings={"on_error": "error_output"})
    assert [one["json"] for one in found.outputs["ports"]["0"]] == [{"m": 1}, {"m": 3}]
    assert [one["json"] for one in found.outputs["ports"]["1"]] == [{"n": 2, "error": "n is two"}]
    assert found.ports == ("0", "1")


@pytest.mark.usefixtures("operations")
async def test_an_error_of_the_whole_step_lets_the_input_through() -> None:
    inputs = [[source({"n": 1})]]
    with pytest.raises(NodeFailed, match="refuses: no table is named"):
        await done(operation="refuses", inputs=inputs)
    found = await done(operation="refuses", inputs=inputs, settings={"on_error": "continue"})
    assert [one["json"] for one in found.outputs["items"]] == [{"n": 1}]
    found = await done(operation="refuses", inputs=inputs, settings={"on_error": "error_output"})
    assert (found.port, found.outputs["items"]) == ("1", [])


def test_links_of_items_that_say_nothing_follow_where_that_is_plain() -> None:
    two = Input([{"json": {}}, {"json": {}}], [{"A": 0}, {"A": 1}])
    assert linked([[Made({}), Made({})]], (two,), "B") == [[{"A": 0, "B": 0}, {"A": 1, "B": 1}]]
    assert linked([[Made({})]], (two,), "B") == [[{"B": 0}]]
    one = Input([{"json": {}}], [{"A": 4}])
    assert linked([[Made({}), Made({})]], (one,), "B") == [[{"A": 4, "B": 0}, {"A": 4, "B": 1}]]


async def test_items_of_a_later_round_of_a_loop_say_so() -> None:
    found = await done(inputs=[[source(1, links=[{"A": [0, 3, 1]}])]], run_index=2)
    assert found.outputs["links"] == {"0": [{"A": [0, 3, 1], "Me": [0, 0, 2]}]}


def test_an_item_made_of_several_leads_where_all_of_them_lead() -> None:
    two = Input([{"json": {}}, {"json": {}}], [{"A": 0, "C": 5}, {"A": 1, "C": 5}])
    made = Made({}, paired=((0, 0), (0, 1), (7, 0), (0, 9)))
    assert linked([[], [made]], (two,), "B") == [[], [{"A": None, "C": 5, "B": [1, 0]}]]
