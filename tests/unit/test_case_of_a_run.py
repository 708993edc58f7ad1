"""What a case made of a run says of its people, and what it names as left out."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import pytest

from runfold.cases.from_run import MadeCase, case_of
from runfold.contracts import events as e
from runfold.engine.history.fold import Plans
from runfold.errors import Conflict
from runfold.graph.loader import canonical_bytes, prepare
from runfold.graph.plan.plan import compile_plan
from tests.support.engine_sim import Outcome, Sim, answered

OPTIONS = [{"id": "red", "text": "Red"}, {"id": "blue", "text": "Blue"}]
ASKS = [
    {"id": "review", "type": "human_review", "config": {"message": "Good?"}},
    {"id": "form", "type": "input", "config": {"schema": {"size": {"type": "integer"}}}},
    {
        "id": "choice",
        "type": "question",
        "config": {"question": "?", "options": OPTIONS},
    },
    {"id": "words", "type": "question", "config": {"question": "Why?"}},
]
PORTS = {"review": ("approved", "rejected"), "choice": ("red", "blue")}
GIVEN: dict[str, dict[str, Any]] = {
    "review": {"action": "rejected", "feedback": "too long: cut it"},
    "form": {"action": "answered", "values": {"size": 3}},
    "choice": {"action": "blue", "feedback": "the darker"},
    "words": {"action": "answered", "feedback": "as I said: because"},
}
EVENT = {"id": "wait", "type": "wait", "config": {"event": "paid"}}


def run_of(nodes: list[dict[str, Any]], **given: Any) -> Sim:
    """A run of nodes one after the other, as far as it goes by itself."""
    edges = [
        {"source": one["id"], "target": two["id"], "port": port}
        for one, two in pairwise(nodes)
        for port in PORTS.get(one["id"], ("out",))
    ]
    workflow, _ = prepare({"id": "w", "nodes": nodes, "edges": edges})
    sim = Sim(compile_plan(workflow), **given)
    sim.started = msgspec.structs.replace(
        sim.started, definition=msgspec.Raw(canonical_bytes(workflow))
    )
    sim.log[0] = e.Recorded(1, sim.log[0].time, sim.started)
    sim.run()
    return sim


def answer(sim: Sim, node: str, **fields: Any) -> e.NodeRunWaiting:
    waiting = sim.state.nodes[node].waiting
    assert waiting is not None, node
    sim.land(answered(waiting, f"{node}:{fields}", **fields))
    return waiting


def made(sim: Sim) -> MadeCase:
    return case_of(sim.log, Plans(), "one")


def test_answers_are_as_the_command_takes_them() -> None:
    sim = run_of(ASKS)
    for node, fields in GIVEN.items():
        waiting = answer(sim, node, **fields)
        # One that came too late, and counted for nothing.
        sim.land(answered(waiting, f"{node}:late", action="approved", feedback="late"))
        sim.run()
    found = made(sim)
    assert found.case.answers == {
        "review": "rejected:too long: cut it",
        "form": {"size": 3},
        "choice": "blue",
        "words": "as I said: because",
    }
    assert (found.left_out, found.case.expect.status) == ((), "succeeded")


def test_a_run_that_goes_on_makes_no_case() -> None:
    with pytest.raises(Conflict, match="is running"):
        made(run_of(ASKS))


def test_what_a_case_cannot_have_is_named() -> None:
    file = {"$file": "0" * 64, "name": "a.txt", "media_type": "text/plain", "size": 1}
    sim = run_of([EVENT, {"id": "end", "type": "noop"}], inputs={"of": [file]})
    answer(sim, "wait", action="received", values={"subject": "paid", "event": {}})
    sim.run()
    left_out = [(one.node, one.reason.split(":")[0]) for one in made(sim).left_out]
    assert left_out == [
        ("wait", "events from outside are not in cases"),
        ("", "cases have no files"),
    ]


def test_each_attempt_is_a_reply_in_turn_and_a_failure_is_expected() -> None:
    node = {"id": "ask", "type": "llm", "config": {"prompt": "x"}, "retry": {"max_attempts": 2}}
    fails = Outcome(ok=False)
    case = made(run_of([node], script=lambda _: fails)).case
    first, second = case.replies["ask"]
    assert first["error"] == second["error"]
    assert case.expect.status == "failed"
    assert case.expect.error == first["error"]["code"]
    assert case.expect.outputs is msgspec.UNSET
