"""Events from outside: subjects, conditions bound when the wait begins, and what a wait becomes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.engine.decide.effects import Listen
from runfold.errors import InvalidRequest, NodeFailed
from runfold.graph.external import (
    bound,
    checked_event_id,
    checked_subject,
    covers,
    holds,
    rendered_pattern,
    subject_problem,
)
from runfold.graph.loader import load_workflow, prepare
from runfold.graph.plan.plan import compile_plan
from runfold.values.references import lookup_in
from tests.support.engine_sim import Sim, answered

TOKENS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("pattern", "subject", "fits"),
    [
        ("orders.paid", "orders.paid", True),
        ("orders.paid", "orders.paid.late", False),
        ("orders.*", "orders.paid", True),
        ("orders.*", "orders", False),
        ("*.paid", "orders.paid", True),
        ("orders.>", "orders.paid.late", True),
        ("orders.>", "orders", False),
        ("orders.*.late", "orders.paid.early", False),
    ],
)
def test_a_pattern_covers_what_nats_would_say(pattern: str, subject: str, fits: bool) -> None:
    assert covers(pattern, subject) is fits


@given(TOKENS)
def test_a_subject_covers_itself_and_its_wildcards(tokens: list[str]) -> None:
    subject = ".".join(tokens)
    assert covers(subject, subject)
    for place in range(len(tokens)):
        assert covers(".".join([*tokens[:place], "*", *tokens[place + 1 :]]), subject)
        assert not covers(".".join([*tokens[:place], "x", *tokens[place + 1 :]]), subject)
        assert place == 0 or covers(".".join([*tokens[:place], ">"]), subject)


@pytest.mark.parametrize(
    "subject",
    [
        *("", "a..b", "a b", ".a", "a.", "a.*", "a.>", "*", "x" * 201),
        *("a\x00b", "a\u202eb", "a/b", "a\\b", "a\u200bb", "a\ud800", "a\nb", "a%2fb", "a\ufeff"),
    ],
)
def test_what_is_no_subject_is_refused(subject: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        checked_subject(subject)
    assert caught.value.code == "signal.subject"


def test_an_id_becomes_a_part_of_headers_and_is_checked() -> None:
    for event_id in ("", "payment-4711", "é", "a b", "x" * 200):
        assert checked_event_id(event_id) == event_id
    for event_id in ("x" * 201, "x" * 70_000, "a\r\nNats-Expected-Stream: y", "\x00", "\x7f"):
        with pytest.raises(InvalidRequest) as caught:
            checked_event_id(event_id)
        assert caught.value.code == "signal.id"
        assert len(str(caught.value)) < 300


def test_a_pattern_has_its_wildcards_where_they_may_be() -> None:
    assert not subject_problem("a.*.b.>", is_pattern=True)
    for pattern in ("a.>.b", "a*", ">a", "a..b"):
        assert subject_problem(pattern, is_pattern=True)


def test_what_is_put_into_a_pattern_cannot_widen_it() -> None:
    written = "orders.{{order}}.paid"
    assert rendered_pattern(written, lookup_in({"order": 7})) == "orders.7.paid"
    for order in ("*", ">", "7.8", "", "a b"):
        with pytest.raises(NodeFailed) as caught:
            rendered_pattern(written, lookup_in({"order": order}))
        assert caught.value.code == "wait.subject"


MATCH = {
    "and": [
        {"left": "{{event.order.id}}", "operator": "equals", "right": "{{order}}"},
        {"or": [{"left": "{{event.amount}}", "operator": ">", "right": 10}, False]},
    ]
}


def test_a_condition_is_bound_to_values_and_reads_the_event_later() -> None:
    match = bound(MATCH, lookup_in({"order": "7"}))
    assert match["bound"] == ["7", 10]
    assert holds(match, {"order": {"id": "7"}, "amount": 11})
    assert not holds(match, {"order": {"id": "8"}, "amount": 11})
    assert not holds(match, {"order": {"id": "7"}, "amount": 3})
    for payload in (None, [], "text", {"order": 7}):
        assert not holds(match, payload)
    assert holds({}, None)


def test_text_of_a_run_is_never_a_template_of_the_condition() -> None:
    condition = {"left": "{{event.key}}", "operator": "equals", "right": "{{given}}"}
    match = bound(condition, lookup_in({"given": "{{event.key}}"}))
    assert not holds(match, {"key": "secret"})
    assert holds(match, {"key": "{{event.key}}"})


def wait(**config: Any) -> dict[str, Any]:
    return {"id": "w", "nodes": [{"id": "paid", "type": "wait", "config": config}]}


@pytest.mark.parametrize(
    "config",
    [
        {"event": "a..b"},
        {"event": "a", "duration": 1},
        {"event": "a", "match": "event.x > 1"},
        {"event": "a", "match": {"left": "{{event.x}}-{{y}}", "operator": "equals", "right": 1}},
        {"event": "a", "match": {"left": "{{event.x}}", "operator": "is like", "right": 1}},
        {"event": "a", "timeout": "soon"},
        {"duration": 1, "match": {"left": "{{event.x}}", "operator": "exists"}},
    ],
)
def test_what_can_be_known_is_said_by_the_checks(config: dict[str, Any]) -> None:
    found = load_workflow({**wait(**config), "inputs": {"y": {}}}).findings
    assert any(one.level == "error" and one.path.startswith("nodes[0].config") for one in found)


def test_what_a_condition_reads_of_the_run_is_checked_and_the_event_is_no_input() -> None:
    document = wait(event="orders.paid", match=MATCH)
    assert not [one for one in load_workflow(document).findings if one.level == "error"]
    declared = {**document, "inputs": {"other": {}}}
    errors = [one for one in load_workflow(declared).findings if one.level == "error"]
    assert ["'order'" in one.message for one in errors] == [True]


def waiting_sim(ports: dict[str, str], **config: Any) -> Sim:
    document = wait(event="orders.*", **config)
    document["nodes"] += [{"id": end, "type": "noop"} for end in ports.values()]
    document["edges"] = [
        {"source": "paid", "target": end, "port": port} for port, end in ports.items()
    ]
    workflow, _ = prepare(document)
    sim = Sim(compile_plan(workflow), inputs={"order": "7"} if "match" in config else None)
    while (held := sim.state.nodes["paid"]).status != "waiting":
        assert sim.step()
    assert held.waiting is not None
    return sim


def test_the_event_is_what_the_node_gives() -> None:
    sim = waiting_sim({"out": "next"}, match=MATCH)
    waiting = sim.state.nodes["paid"].waiting
    assert waiting is not None
    assert (waiting.waiting_for, waiting.subject, waiting.match["bound"]) == (
        "event",
        "orders.*",
        ["7", 10],
    )
    values = {"subject": "orders.paid", "event": {"amount": 11}}
    sim.land(answered(waiting, "i", action="received", values=values))
    outputs = sim.run().nodes["paid"].outputs
    assert (outputs["event"], outputs["subject"]) == ({"amount": 11}, "orders.paid")
    assert outputs["output"] == {"amount": 11}


def test_an_event_that_does_not_come_in_time() -> None:
    told = waiting_sim({"out": "next", "timeout": "late"}, timeout="5s").run()
    assert (told.nodes["late"].status, told.nodes["next"].status) == ("succeeded", "skipped")
    untold = waiting_sim({"out": "next"}, timeout="5s").run()
    assert untold.error is not None
    assert (untold.error.code, untold.error.kind) == ("wait.timeout", "timeout")


def test_a_wait_is_noted_by_an_effect_of_its_own() -> None:
    workflow, _ = prepare(wait(event="orders.paid"))
    plan = compile_plan(workflow)
    sim = Sim(plan)
    from runfold.engine.decide.runs import decide

    effects = decide(plan, sim.state)
    assert [type(effect) for effect in effects] == [Listen]
