"""A step that items come to along several connections runs once for each, as n8n's nodes do."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runfold.executor.node import Outcome
from runfold.graph.kinds.items import ItemsConfig
from runfold_executor_code.items import node as items_node
from runfold_executor_code.items.arrivals import others_of, run_of, runs_of
from runfold_executor_code.items.reading import arrivals_of
from tests.support.node_contexts import RecordingContext


def config_of(**config: Any) -> ItemsConfig:
    return msgspec.convert({"operation": "noOp", "node": "Me", **config}, ItemsConfig)


async def done(**config: Any) -> Outcome:
    return await items_node.run_items(RecordingContext(), config_of(**config), {})


def came(node: str, *numbers: int, run: list[int] | None = None, **more: Any) -> dict[str, Any]:
    """What a node gave, in one run of it."""
    places = [[0, at, 0, run] if run else at for at in range(len(numbers))]
    return {
        "items": [{"json": {"n": number}} for number in numbers],
        "links": [{node: place} for place in places],
        "node": node,
        "output": 0,
        **more,
    }


def numbers_of(config: ItemsConfig) -> list[list[list[int]]]:
    return [
        [[item["json"]["n"] for item in one.items] for one in inputs]
        for inputs in runs_of(config, arrivals_of(config.inputs))
    ]


async def test_each_connection_is_a_run_of_its_own() -> None:
    found = await done(operation="limit", inputs=[[came("A", 1, 2), came("B", 3, rank=1)]])
    assert [one["json"]["n"] for one in found.outputs["items"]] == [1, 3]
    assert [one["pairedItem"] for one in found.outputs["items"]] == [{"item": 0}, {"item": 0}]
    links = [one["Me"] for one in found.outputs["links"]["0"]]
    assert links == [0, [0, 1, 0, [1]]]


@pytest.mark.parametrize(
    ("inputs", "runs"),
    [
        ([[came("A", 1, rank=1), came("B", 2, rank=0)]], [[[2]], [[1]]]),
        ([[came("A", 1, run=[0]), came("A", 2, run=[1]), came("B", 3)]], [[[3]], [[1]], [[2]]]),
        ([[came("A", 1, 2)], [came("B", 3)]], [[[1, 2], [3]]]),
        ([[came("A", 1), came("B", 2, rank=1)], [came("C", 3)]], [[[2], [3]], [[1], []]]),
        ([[came("A", 1), came("B", 2, run=[0])], [came("C", 3)]], [[[1], [3]], [[2], []]]),
        ([[], [came("C", 3)]], [[[], [3]]]),
        ([[{"from": [came("A", 1), came("A", 2, run=[3])], "rank": 2}]], [[[1]], [[2]]]),
    ],
)
def test_runs_come_in_the_order_of_n8n(inputs: list[Any], runs: list[Any]) -> None:
    assert numbers_of(config_of(operation="merge", inputs=inputs)) == runs


def test_a_branch_is_chosen_when_all_inputs_are_there() -> None:
    inputs = [[came("A", 1), came("B", 2, rank=1)], [came("C", 3)]]
    config = config_of(operation="merge", parameters={"mode": "chooseBranch"}, inputs=inputs)
    assert numbers_of(config) == [[[2], [3]]]


def test_portions_of_a_loop_are_made_of_all_that_comes() -> None:
    inputs = [[came("A", 1), came("B", 2, rank=1)]]
    assert numbers_of(config_of(operation="splitInBatches", inputs=inputs)) == [[[1, 2]]]


@pytest.mark.parametrize(
    ("source", "round_", "name"),
    [
        (came("A", 1, run=[2], rank=1), 0, (2, 1)),
        (came("A", 1, run=[4, 2], rank=1, wide=True), 0, (5, 2, 1)),
        ({"from": [came("A", 1, run=[2])], "loop": "in"}, 0, (2, 0)),
        ({"from": [came("A", 1)], "loop": "back"}, 3, (3,)),
    ],
)
def test_a_run_is_named_by_the_way_to_it(source: Any, round_: int, name: tuple[int, ...]) -> None:
    config = config_of(inputs=[[source]], run_index=round_)
    (inputs,) = runs_of(config, arrivals_of(config.inputs))
    assert run_of(inputs) == name


def test_names_of_runs_do_not_grow_with_the_rounds_of_a_loop() -> None:
    source = came("A", 1, run=[2, 5, 1])
    source["links"][0]["Me"] = [0, 0, 6, [2, 6]]
    config = config_of(inputs=[[{"from": [source], "loop": "back"}]], run_index=7)
    (inputs,) = runs_of(config, arrivals_of(config.inputs))
    assert run_of(inputs) == (2, 7)


def test_a_node_is_read_as_it_last_ran_before() -> None:
    links = [{"X": 0}, {"X": [0, 1, 0, [1]]}, {"X": [0, 2, 0, [1]]}, {"X": [0, 3, 0, [4]]}]
    others = {"X": {"ports": {"0": [1, 2, 3, 4]}, "links": {"0": links}}, "Y": None}
    assert others_of(others, (3,))["X"]["runs"] == [{"0": [0, 1]}, {"0": [1, 3]}, {"0": [3, 4]}]
    assert [others_of(others, run)["X"]["run"] for run in ((), (1, 2), (5,))] == [0, 1, 2]
    assert others_of(others, ())["Y"] is None


async def test_results_go_to_the_runs_of_their_items() -> None:
    results = {"output": [[{"a": 1}, {"a": 2}], None, [{"a": 3}]], "failed": []}
    inputs = [[came("A", 1, 2), came("B", 3, rank=1)]]
    found = await done(operation="collect", inputs=inputs, results=results)
    assert [one["json"] for one in found.outputs["items"]] == [{"a": 1}, {"a": 2}, {"a": 3}]
    assert [one["B"] for one in found.outputs["links"]["0"][2:]] == [0]
    one_for_all = {"output": [[{"a": 1}]], "failed": []}
    found = await done(operation="collect", inputs=inputs, results=one_for_all)
    assert [one["json"] for one in found.outputs["items"]] == [{"a": 1}]
