"""Questions answered in any order, rightly, wrongly and twice: the fold of the log decides."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from runfold.contracts import events as e
from runfold.contracts.tasks import Task
from runfold.engine.accept.replies import checked_reply, open_wait
from runfold.engine.decide.runs import decide
from runfold.errors import RunfoldError
from runfold.graph.loader import prepare
from runfold.graph.plan.plan import compile_plan
from tests.support.engine_sim import Outcome, Sim, answered, refold, succeed

FIELDS = ("a", "b")
ASK = {
    "id": "ask",
    "type": "question",
    "retry": {"max_attempts": 3, "delay": 0.1},
    "config": {
        "question": "{{item}}?",
        "options": ["yes", "no"],
        "allow_text": True,
        "timeout": "1h",
        "extract": {"max_follow_ups": 2, "fields": {name: {"required": True} for name in FIELDS}},
    },
}
DONE = [{"id": f"on_{port}", "type": "noop"} for port in ("yes", "default", "late")]
EDGES = [
    {"source": "ask", "target": "on_yes", "port": "yes"},
    {"source": "ask", "target": "on_default", "port": "default"},
    {"source": "ask", "target": "on_late", "port": "timeout"},
]
LOOP = {
    "items": [1, 2, 3],
    "concurrency": 2,
    "on_item_error": "continue",
    "nodes": [ASK, *DONE],
    "edges": EDGES,
}
WORKFLOW, _ = prepare({"id": "w", "nodes": [{"id": "each", "type": "loop", "config": LOOP}]})
PLAN = compile_plan(WORKFLOW)
SAID = ("yes", "no", "a", "b", "a b", "nothing", "", "maybe")


def model(chance: random.Random, task: Task) -> Outcome:
    """Finds the fields that are named in a text; fails now and then."""
    if task.node_type != "extract":
        return succeed(task)
    if chance.random() < 0.3:
        return Outcome(ok=False)
    asked: dict[str, Any] = task.inputs["_asked"]
    words = asked["text"].split()
    fields = {**asked["known"], **{name: name for name in FIELDS if name in words}}
    missing = [name for name in FIELDS if name not in fields]
    return Outcome(outputs={"fields": fields, "missing": missing})


def answer(sim: Sim, waiting: e.NodeRunWaiting, action: str, words: str, number: int) -> None:
    sim.land(answered(waiting, f"{waiting.token}:{number}", action=action, feedback=words))


@given(st.integers(0, 2**32))
@settings(max_examples=120, deadline=None)
def test_every_order_ends_and_folds_to_the_same(seed: int) -> None:
    chance = random.Random(seed)
    sim = Sim(PLAN, lambda task: model(chance, task), seed)
    tokens: set[str] = set()
    number = 0
    while not sim.state.ended:
        waits = [record.event for record in sim.log if isinstance(record.event, e.NodeRunWaiting)]
        tokens |= {waiting.token for waiting in waits}
        if waits and chance.random() < 0.4:
            number += 1
            waiting, said = chance.choice(waits), chance.choice(SAID)
            action = chance.choice(("", "answered", said))
            try:
                open_wait(sim.state, waiting.token)
                reply = checked_reply(waiting, action, {}, said)
                action = reply.action
            except RunfoldError:
                if chance.random() < 0.5:
                    continue
            # Refused or not, it may have come into the log some other way.
            answer(sim, waiting, action, said, number)
        elif not sim.step():
            break
    assert sim.state.status in ("succeeded", "partial_succeeded"), sim.state.error
    assert refold(PLAN, sim.log) == sim.state
    assert not sim.state.open
    assert decide(PLAN, sim.state) == []
    asked = [record.event for record in sim.log if isinstance(record.event, e.NodeRunWaiting)]
    assert len(tokens) == len({(one.scope, one.node_id, one.attempt) for one in asked})
    assert max(one.follow_ups for one in asked) <= 2
    for address, node in sim.state.nodes.items():
        if address.endswith("/ask") and node.port == "default":
            assert set(node.outputs["fields"]) == set(FIELDS)
