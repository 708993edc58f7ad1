"""An answer that refers to an agent shows each round while it is written; the last one stays."""

from __future__ import annotations

import msgspec

from runfold.contracts import events as e
from runfold.contracts.events import Recorded, RecordedChunk
from runfold.engine.answers.stream import AnswerStream
from runfold.engine.history.fold import Folder, Plans
from runfold.graph.loader import canonical_bytes, prepare
from runfold.graph.plan.plan import compile_plan
from tests.support.agents import Talk, agent, call, code_tool
from tests.support.engine_sim import RUN, Sim

END = {"id": "end", "type": "end", "config": {"answer": "{{helper.output}}"}}


def test_text_before_calls_is_replaced_by_the_next_round() -> None:
    workflow, _ = prepare({"id": "w", "nodes": [agent(code_tool()), END]})
    talk = Talk([[call("add", a=1)], "Three."])
    sim = Sim(compile_plan(workflow), talk)
    sim.run()
    started = msgspec.structs.replace(
        sim.started, definition=msgspec.Raw(canonical_bytes(workflow))
    )
    folder, _ = Folder.begin(Recorded(1, sim.log[0].time, started), Plans())
    answers = AnswerStream(folder)
    shown, pieces = "", []
    written = {"helper[model.0]": ["Let me ", "add."], "helper[model.2]": ["Th", "ree."]}
    for record in sim.log[1:]:
        for delta in answers.feed(record):
            shown = delta.text if delta.replace else shown + delta.text
            pieces.append(shown)
        event = record.event
        if isinstance(event, e.NodeRunStarted) and event.scope in written:
            for index, text in enumerate(written[event.scope]):
                for delta in answers.feed(_chunk(event.scope, index, text)):
                    shown = delta.text if delta.replace else shown + delta.text
                    pieces.append(shown)
    assert pieces == ["Let me ", "Let me add.", "Th", "Three."]


def _chunk(scope: str, index: int, text: str) -> RecordedChunk:
    chunk = e.StreamChunk(
        run_id=RUN, workflow_id="w", node_id="call", scope=scope, index=index, text=text
    )
    return RecordedChunk(index + 1, 1000.0, chunk)
