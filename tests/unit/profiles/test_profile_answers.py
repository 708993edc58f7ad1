"""What is streamed of an answer is what the profile makes of it in the end: nothing is replaced."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runfold.contracts.events import Recorded
from runfold.engine.answers.stream import AnswerStream
from runfold.engine.history.fold import Folder, Plans
from runfold.graph.loader import canonical_bytes, prepare
from runfold.graph.plan.plan import compile_plan
from tests.support.engine_sim import Sim, succeed

OUTPUTS = {"yes": True, "list": ["a", "b"], "n": 2.0, "null": None, "object": {"k": 1}}


@pytest.mark.parametrize(
    ("profile", "text"),
    [
        ("dify", 'True|- a\n- b|2.0||{\n  "k": 1\n}|v.gone|nowhere.x'),
        ("coze", 'true|["a","b"]|2||{"k":1}||'),
        ("", 'true|["a","b"]|2||{"k":1}||'),
    ],
)
def test_pieces_of_an_answer_are_written_by_its_profile(profile: str, text: str) -> None:
    gone = "|{{v.gone}}|{{nowhere.x}}" if profile else "||"
    answer = "{{v.yes}}|{{v.list}}|{{v.n}}|{{v.null}}|{{v.object}}" + gone
    nodes: list[dict[str, Any]] = [
        {"id": "v", "type": "values", "config": {"outputs": OUTPUTS}},
        {"id": "a", "type": "answer", "profile": profile, "config": {"answer": answer}},
    ]
    if not profile:
        del nodes[1]["profile"]
    edges = [{"source": "v", "target": "a"}]
    workflow, _ = prepare({"id": "w", "nodes": nodes, "edges": edges})
    sim = Sim(compile_plan(workflow), succeed)
    state = sim.run()
    definition = msgspec.Raw(canonical_bytes(workflow))
    started = msgspec.structs.replace(sim.started, definition=definition)
    folder, _ = Folder.begin(Recorded(1, sim.log[0].time, started), Plans())
    answers = AnswerStream(folder)
    pieces = [delta for record in sim.log[1:] for delta in answers.feed(record)]
    assert not [piece for piece in pieces if piece.replace]
    assert "".join(piece.text for piece in pieces) == text == state.nodes["a"].outputs["answer"]
