"""Triggers, inputs, outputs, and circles as loops: how nodes of n8n are joined here."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.n8n_documents import edges, flow, imported, line_of, natives, node

CIRCLE = flow(
    node("Go", "manualTrigger"),
    node("Loop", "splitInBatches", 3),
    node("Work", "set", 3.4),
    node("After", "noOp"),
    links="""
        Go > Loop
        Loop.1 > Work
        Work > Loop
        Loop.0 > After
    """,
)


def test_several_triggers_are_entries_and_the_one_by_hand_is_first() -> None:
    found = imported(
        flow(
            node("Hook", "webhook", 2, parameters={"path": "a/b", "httpMethod": "POST"}),
            node("Hand", "manualTrigger"),
            node("Chat", "ai:chatTrigger"),
            node("Next", "noOp"),
            links="Hook > Next\nHand > Next\nChat > Next",
        )
    )
    joined = edges(found)
    assert {("entry", "Hook", "Hook"), ("entry", "Chat", "Chat")} <= joined
    assert ("entry", "else", "Hand") in joined
    assert found.definition["inputs"]["trigger"]["default"] == ""
    (webhook,) = found.definition["settings"]["webhooks"]
    assert webhook["path"] == "a/b"
    assert webhook["inputs"]["trigger"] == "Hook"
    sources = natives(found)["Next"]["config"]["inputs"][0]
    assert [one["node"] for one in sources] == ["Hand", "Chat", "Hook"]
    assert line_of(found, "Next").result == "mapped"


def test_a_document_without_a_trigger_begins_at_the_nodes_that_none_leads_to() -> None:
    found = imported(flow(node("A", "noOp"), node("B", "noOp"), links="A > B"))
    assert ("begin", "out", "begin_here") in edges(found)
    assert ("begin_here", "out", "A") in edges(found)
    assert [one.node for one in found.report] == ["A", "B"]


def test_what_no_trigger_leads_to_is_kept_and_never_runs() -> None:
    found = imported(
        flow(
            node("Go", "manualTrigger"),
            node("Lost", "noOp"),
            node("After", "noOp"),
            node("Off", "webhook", disabled=True),
            links="Lost > After",
        )
    )
    assert ("unused", "true", "Lost") in edges(found)
    assert ("unused", "true", "Off") in edges(found)
    assert "never runs" in line_of(found, "After").reason


def test_in_v0_what_an_input_waits_for_begins_as_well() -> None:
    document = flow(
        node("Go", "manualTrigger"),
        node("Left", "noOp"),
        node("Right", "noOp"),
        node("Both", "merge", 2),
        links="Go > Left\nLeft > Both.0\nRight > Both.1",
    )
    found = imported({**document, "settings": {}})
    assert {("begin", "out", "begin_empty"), ("begin_empty", "out", "Right")} <= edges(found)
    assert [one.node for one in found.report] == ["Go", "Left", "Right", "Both"]
    assert ("unused", "true", "Right") in edges(imported(document))


def test_a_node_that_is_turned_off_passes_its_first_input_on() -> None:
    found = imported(
        flow(
            node("Go", "manualTrigger"),
            node("Off", "httpRequest", 4.2, disabled=True, parameters={"url": "http://x"}),
            links="Go > Off",
        )
    )
    assert natives(found)["Off"]["config"]["operation"] == "noOp"
    assert line_of(found, "Off").result == "mapped"


def test_a_connection_from_an_output_that_a_node_has_not_is_said() -> None:
    found = imported(
        flow(
            node("Go", "manualTrigger"),
            node("If", "if", 2.2),
            node("B", "noOp"),
            links="Go > If\nIf.1 > B\nIf.2 > B",
        )
    )
    assert ("If", "1", "B") in edges(found)
    assert "connection 2 to B is left out" in line_of(found, "If").reason


def test_an_error_output_comes_after_the_nodes_own() -> None:
    found = imported(
        flow(
            node("Go", "manualTrigger"),
            node("Do", "set", 3.4, onError="continueErrorOutput"),
            node("Good", "noOp"),
            node("Bad", "noOp"),
            links="Go > Do\nDo.0 > Good\nDo.1 > Bad",
        )
    )
    assert {("Do", "0", "Good"), ("Do", "1", "Bad")} <= edges(found)
    assert natives(found)["Do"]["config"]["settings"] == {"on_error": "error_output"}


def test_a_circle_is_a_loop_and_what_leaves_it_goes_on_afterwards() -> None:
    found = imported(CIRCLE)
    loop = natives(found)["Loop_loop"]
    assert loop["type"] == "loop"
    assert [one["id"] for one in loop["config"]["nodes"]][:2] == ["Loop", "Work"]
    assert loop["config"]["do_while"] == {
        "or": [{"left": "{{Work.ports.0}}", "operator": "not_empty"}]
    }
    assert loop["config"]["max_iterations"] == 10_000
    assert natives(found)["Loop"]["config"]["state"] == "{{state_Loop}}"
    assert natives(found)["Work"]["config"]["run_index"] == "{{index}}"
    assert natives(found)["After"]["config"]["inputs"] == [["{{Loop_loop.out_Loop_0}}"]]
    assert ("Loop_loop_left", "out_Loop_0", "After") in edges(found)
    assert {one.result for one in found.report} == {"mapped"}


def test_a_circle_made_by_hand_has_the_entered_node_as_its_head() -> None:
    found = imported(
        flow(
            node("Go", "manualTrigger"),
            node("Ask", "wait", 1.1),
            node("Done?", "if", 2.2),
            node("After", "noOp"),
            links="Go > Ask\nAsk > Done?\nDone?.1 > Ask\nDone?.0 > After",
        )
    )
    loop = natives(found)["Ask_loop"]["config"]
    assert loop["do_while"]["or"][0]["left"] == "{{Done.ports.1}}"
    assert "gate" not in str(loop["nodes"][0]["id"])
    assert ("Ask_loop_left", "out_Done_0", "After") in edges(found)


def test_a_circle_that_is_entered_at_two_places_says_where_a_round_begins() -> None:
    found = imported(
        flow(
            node("Go", "manualTrigger"),
            node("A", "noOp"),
            node("B", "noOp"),
            links="Go > A\nGo > B\nA > B\nB > A",
        )
    )
    loop = natives(found)["A_loop"]["config"]
    begin = loop["nodes"][0]
    assert begin["type"] == "selector"
    assert [one["id"] for one in begin["config"]["branches"]] == ["A", "B"]


def test_circles_inside_circles_are_loops_inside_loops() -> None:
    found = imported(
        flow(
            node("Go", "manualTrigger"),
            node("Outer", "splitInBatches", 3),
            node("Inner", "splitInBatches", 3),
            node("Work", "noOp"),
            node("After", "noOp"),
            links="""
                Go > Outer
                Outer.1 > Inner
                Inner.1 > Work
                Work > Inner
                Inner.0 > Outer
                Outer.0 > After
            """,
        )
    )
    outer = natives(found)["Outer_loop"]["config"]
    assert "Inner_loop" in [one["id"] for one in outer["nodes"]]
    assert outer["do_while"]["or"][0]["left"] == "{{Inner_loop.out_Inner_0}}"
    assert natives(found)["Outer"]["config"]["inputs"] == [["{{in_Outer_0}}", "{{back_Outer_0}}"]]


def test_nodes_in_a_loop_are_read_from_around_it_as_they_last_were() -> None:
    document = {**CIRCLE, "nodes": list(CIRCLE["nodes"])}
    document["nodes"][3] = node(
        "After", "set", 3.4, parameters={"v": "={{ $('Work').first().json.x }}"}
    )
    found = imported(document)
    assert natives(found)["After"]["config"]["others"] == {
        "Work": {
            "ports": "{{Loop_loop.last_Work.ports}}",
            "links": "{{Loop_loop.last_Work.links}}",
        }
    }


def test_expressions_name_other_nodes_in_every_way() -> None:
    texts = [
        "={{ $('A').item.json.x }}",
        '={{ $("B").all() }}',
        "={{ $node['C'].json.y }}",
        "={{ $node.D.json.y }}",
        "={{ $items('E')[0].json }}",
        "={{ $('it\\'s').first() }}",
        "={{ $('unknown').first() }}",
    ]
    names = ["A", "B", "C", "D", "E", "it's"]
    found = imported(
        flow(
            node("Go", "manualTrigger"),
            *(node(name, "noOp") for name in names),
            node("Reads", "set", 3.4, parameters={"texts": texts}),
            links="\n".join(f"Go > {name}" for name in (*names, "Reads")),
        )
    )
    assert set(natives(found)["Reads"]["config"]["others"]) == set(names)


def test_runs_of_a_node_in_a_loop_are_kept_where_they_are_told_apart() -> None:
    def made(program: str) -> dict[str, Any]:
        read = node("Read", "code", 2, parameters={"jsCode": program})
        connections = {**CIRCLE["connections"], "After": {"main": [[{"node": "Read"}]]}}
        document = {**CIRCLE, "nodes": [*CIRCLE["nodes"], read], "connections": connections}
        return natives(imported(document))

    found = made("return $('Work').all(0, 1);")
    loop = next(one for one in found.values() if one["type"] == "loop")
    assert loop["config"]["variables"]["runs_Work"] == []
    told = found["Read"]["config"]["others"]["Work"]
    assert told["rounds"] == "{{" + loop["id"] + ".runs_Work}}"
    assert "runs_Work" not in str(made("return $('Work').all();"))


@pytest.mark.parametrize(
    ("settings", "zone"),
    [
        ({}, "America/New_York"),
        ({"timezone": "DEFAULT"}, "America/New_York"),
        ({"timezone": "Asia/Tokyo"}, "Asia/Tokyo"),
    ],
)
def test_a_workflow_without_a_time_zone_has_that_of_n8n(
    settings: dict[str, str], zone: str
) -> None:
    daily = {"rule": {"interval": [{"field": "days", "triggerAtHour": 9}]}}
    document = flow(
        node("Daily", "scheduleTrigger", 1.2, parameters=daily),
        node("A", "set", 3.4),
        links="Daily > A",
        settings=settings,
    )
    found = imported(document)
    assert natives(found)["A"]["config"]["workflow"]["timezone"] == zone
    assert found.definition["settings"]["schedules"][0]["timezone"] == zone


def test_what_leaves_a_loop_in_several_rounds_is_said() -> None:
    document = {**CIRCLE, "nodes": [*CIRCLE["nodes"], node("Aside", "noOp")]}
    leading = {"main": [[*CIRCLE["connections"]["Work"]["main"][0], {"node": "Aside"}]]}
    document["connections"] = {**CIRCLE["connections"], "Work": leading}
    found = imported(document)
    assert "goes on when it is over" in line_of(found, "Work").reason
    assert line_of(found, "Loop").reason == ""


def test_circles_too_deep_inside_others_are_cut_and_said() -> None:
    names = [f"n{at}" for at in range(9)]
    all_to_all = "\n".join(f"{one} > {other}" for one in names for other in names)
    found = imported(
        flow(
            node("Go", "manualTrigger"),
            *(node(name, "noOp") for name in names),
            links=f"Go > n0\n{all_to_all}",
        )
    )
    assert any("is left out" in one.reason for one in found.report)


@pytest.mark.parametrize(
    ("order", "sources"), [("v1", ["B", "Go"]), ("v0", ["Go", "B"]), (None, ["Go", "B"])]
)
def test_connections_into_one_input_are_read_in_the_order_of_execution(
    order: str | None, sources: list[str]
) -> None:
    document = flow(
        node("Go", "manualTrigger"),
        node("A", "noOp", position=[1, -9]),
        node("B", "noOp", position=[2, -9]),
        node("C", "noOp", position=[3, 0]),
        links="Go > C\nGo > A\nA > B\nB > C",
        settings={"executionOrder": order} if order else {},
    )
    (feed,) = natives(imported(document))["C"]["config"]["inputs"]
    assert [one["node"] for one in feed] == sources


def test_the_last_nodes_give_what_the_run_gives() -> None:
    found = imported(flow(node("Chat", "ai:chatTrigger"), node("A", "noOp"), links="Chat > A"))
    made = natives(found)
    assert made["last"]["config"]["inputs"][0][0]["node"] == "A"
    assert set(made["result"]["config"]["outputs"]) == {"items", "answer"}
    assert found.definition["inputs"]["query"]["type"] == "string"
