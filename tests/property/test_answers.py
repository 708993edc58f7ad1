"""An answer's pieces are its text, in whatever order its sources speak."""

from __future__ import annotations

import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from runfold.contracts import events as e
from runfold.engine.answers.stream import AnswerStream
from runfold.engine.history.fold import Folder, Plans
from runfold.graph.loader import canonical_bytes, prepare
from tests.support.engine_sim import Outcome, Sim

TEXTS = {"a": ["one ", "two ", "three"], "b": ["four"], "c": ["fi", "ve"]}
WORKFLOW = {
    "id": "answers",
    "variables": {"x": 1},
    "nodes": [
        *({"id": name, "type": "llm", "config": {"prompt": "p"}} for name in TEXTS),
        {
            "id": "which",
            "type": "condition",
            "config": {"condition": {"left": "{{x}}", "operator": "equals", "right": 1}},
        },
        {"id": "never", "type": "llm", "config": {"prompt": "p"}},
        {"id": "first", "type": "answer", "config": {"answer": "<{{b.output}}|{{a.output}}>"}},
        {"id": "second", "type": "answer", "config": {"answer": "[{{c.output}}{{never.output}}]"}},
        {"id": "third", "type": "answer", "config": {"answer": "never"}},
    ],
    "edges": [
        {"source": "a", "target": "first"},
        {"source": "b", "target": "first"},
        {"source": "c", "target": "which"},
        {"source": "which", "target": "second", "port": "true"},
        {"source": "which", "target": "never", "port": "false"},
        {"source": "never", "target": "second"},
        {"source": "never", "target": "third"},
    ],
}


def spoken(task: object) -> Outcome:
    return Outcome(outputs={"output": "".join(TEXTS[task.node_id])})


@given(st.integers(0, 2**32), st.booleans())
@settings(max_examples=120, deadline=None)
def test_pieces_add_up_to_the_answer(seed: int, interrupted: bool) -> None:
    workflow, _ = prepare(WORKFLOW)
    plans = Plans()
    definition = msgspec.Raw(canonical_bytes(workflow))
    sim = Sim(plans.of(bytes(definition)), spoken, seed)
    sim.run()
    assert sim.state.status == "succeeded"
    started = msgspec.structs.replace(sim.started, definition=definition)
    folder, _ = Folder.begin(e.Recorded(1, 1000.0, started), plans)
    stream = AnswerStream(folder)
    said: dict[str, str] = {}
    order: list[str] = []
    rng = random.Random(seed)

    def feed(message: object) -> None:
        for delta in stream.feed(message):
            before = "" if delta.replace else said.get(delta.node_id, "")
            said[delta.node_id] = before + delta.text
            if delta.node_id not in order:
                order.append(delta.node_id)

    chunks = 0
    for record in sim.log[1:]:
        event = record.event
        if isinstance(event, e.NodeRunSucceeded) and event.node_id in TEXTS:
            pieces = list(enumerate(TEXTS[event.node_id]))
            if interrupted and rng.random() < 0.5:
                # The first executor died after some pieces; another began anew.
                pieces = [(0, "lost"), *pieces]
            for index, text in pieces:
                chunks += 1
                chunk = e.StreamChunk(
                    run_id="run-1",
                    workflow_id="answers",
                    node_id=event.node_id,
                    index=index,
                    text=text,
                )
                feed(e.RecordedChunk(chunks, 1000.0, chunk))
        feed(record)
    assert said == {"first": "<four|one two three>", "second": "[five]"}
    final = {node_id: sim.state.nodes[node_id].outputs["answer"] for node_id in ("first", "second")}
    assert said == final
