"""Answers of every shape: sources that think, pass on, read along, fail and begin again."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runfold.contracts import events as e
from runfold.contracts.tasks import Task
from runfold.engine.answers.speaker import AnswerDelta
from runfold.engine.answers.stream import AnswerStream
from runfold.engine.history.fold import Folder, Plans
from runfold.graph.loader import canonical_bytes, prepare
from runfold.ids import address_of
from runfold_gateway.frames import FrameMaker, Place, place_in
from tests.support.engine_sim import Outcome, Sim

Message = e.Recorded | e.RecordedChunk


def llm(node_id: str, **more: Any) -> dict[str, Any]:
    return {"id": node_id, "type": "llm", "config": {"prompt": "p"}, **more}


def answer(node_id: str, text: str) -> dict[str, Any]:
    return {"id": node_id, "type": "answer", "config": {"answer": text}}


def edges(*pairs: str) -> list[dict[str, str]]:
    made = []
    for pair in pairs:
        source, target, *port = pair.split(">")
        made.append({"source": source, "target": target, **({"port": port[0]} if port else {})})
    return made


RETRY = {"max_attempts": 2, "delay": "0s"}
GO_ON = {"strategy": "default_value", "value": "sorry"}
BY_N = {"condition": {"left": "{{n}}", "operator": "equals", "right": 1}}
FILTER = {
    "id": "clean",
    "type": "text_filter",
    "config": {"input": "{{a.output}}", "replace": {"x": "y"}},
}
WORKFLOWS: dict[str, dict[str, Any]] = {
    "an end": {
        "nodes": [
            llm("a", retry=RETRY, on_error=GO_ON),
            {"id": "end", "type": "end", "config": {"output": "A: {{a.output}}, {{n}}"}},
        ],
    },
    "an end that answers": {
        "nodes": [
            llm("a", retry=RETRY, on_error=GO_ON),
            {"id": "end", "type": "end", "config": {"answer": "{{a.reasoning}}/{{a.output}}"}},
        ],
    },
    "a filter": {
        "nodes": [
            llm("a", retry=RETRY, on_error=GO_ON),
            FILTER,
            answer("say", "<{{clean.output}}>"),
        ],
    },
    "side by side, the later written first": {
        "nodes": [
            llm("b"),
            answer("second", "2 {{b.output}}"),
            llm("a", retry=RETRY, on_error=GO_ON),
            answer("first", "1 {{a.output}}"),
            answer("third", "3"),
        ],
        "edges": edges("a>first", "first>b", "b>second", "a>third"),
    },
    "whichever was taken": {
        "nodes": [
            {"id": "which", "type": "condition", "config": BY_N},
            llm("a", retry=RETRY, on_error={"strategy": "skip"}),
            llm("b"),
            llm("c"),
            {
                "id": "any",
                "type": "aggregate",
                "config": {"values": ["{{b.output}}", "{{a.output}}", "{{c.output}}"]},
            },
            answer("say", "= {{any.output}}"),
        ],
        "edges": edges("which>a>true", "which>b>false", "a>any", "b>any", "c>any", "any>say"),
    },
    "items": {
        "nodes": [
            answer("hello", "items:"),
            {
                "id": "each",
                "type": "iteration",
                "config": {
                    "items": [1, 2, 3],
                    "concurrency": 2,
                    "on_item_error": "continue",
                    "nodes": [llm("a", retry=RETRY), answer("say", "{{index}} {{a.output}}{{n}}")],
                    "edges": edges("a>say"),
                },
            },
            answer("bye", "that is all"),
        ],
        "edges": edges("hello>each", "each>bye"),
    },
    "a sub-workflow": {
        "nodes": [
            {
                "id": "call",
                "type": "sub_workflow",
                "config": {"workflow": "inner"},
                "retry": RETRY,
                "on_error": {"strategy": "skip"},
            },
            answer("bye", "bye"),
        ],
        "workflows": {
            "inner": {
                "nodes": [llm("a"), llm("b"), answer("say", "{{a.output}}-{{b.output}}")],
                "edges": edges("a>b", "b>say"),
            }
        },
    },
    "a sub-workflow that is referred to": {
        "nodes": [
            {"id": "call", "type": "sub_workflow", "config": {"workflow": "inner"}},
            answer("say", "they say {{call.answer}}"),
        ],
        "workflows": {
            "inner": {"nodes": [llm("b"), answer("said", "{{b.output}}")], "edges": edges("b>said")}
        },
    },
}


BODY = {
    "nodes": [llm("a", retry=RETRY, on_error=GO_ON), answer("say", "{{a.output}}{{n}}")],
    "edges": edges("a>say"),
}
CALL = {"id": "call", "type": "sub_workflow", "config": {"workflow": "inner"}}
INNER = {"inner": {"variables": {"n": 3}, **BODY}}
COMPOSITES: dict[str, dict[str, Any]] = {
    "iteration": {"items": [1, 2, 3], "concurrency": 2, **BODY},
    "loop": {"count": 3, **BODY},
    "batch": {"items": [1, 2, 3], "batch_size": 2, **BODY},
    "parallel": {"branches": {"left": BODY, "right": BODY}},
    "sub_workflow": {"workflow": "inner"},
}
REFERRING: dict[str, dict[str, Any]] = {
    "an answer": answer("bye", "told {{box.output}} and {{box}}"),
    "an answer with a filter": answer("bye", "{{box.output | string | upper}}"),
    "an end": {"id": "end", "type": "end", "config": {"outputs": {"all": "{{box.output}}"}}},
    "an end that answers": {"id": "bye", "type": "end", "config": {"answer": "{{box.output}}!"}},
}
WORKFLOWS |= {
    f"{kind} with answers inside that {who} refers to": {
        "nodes": [{"id": "box", "type": kind, "config": config}, referring],
        "edges": edges(f"box>{referring['id']}"),
        "workflows": INNER,
    }
    for kind, config in COMPOSITES.items()
    for who, referring in REFERRING.items()
    # A sub-workflow that only answers has no `output`.
    if kind != "sub_workflow"
} | {
    "a sub-workflow that an end refers to": {
        "nodes": [
            CALL,
            {"id": "end", "type": "end", "config": {"outputs": {"all": "{{call.answer}}"}}},
        ],
        "workflows": INNER,
    },
    "a sub-workflow that a filter refers to": {
        "nodes": [CALL, answer("bye", "{{call.answer | upper}}")],
        "workflows": INNER,
    },
    "a sub-workflow that perhaps an answer passes on": {
        "nodes": [
            CALL,
            {"id": "if", "type": "condition", "config": BY_N},
            answer("said", "they say {{call.answer}}"),
            answer("bye", "bye"),
        ],
        "edges": edges("call>if", "if>said>true", "if>bye>false"),
        "workflows": INNER,
    },
    "a sub-workflow whose end answers something else": {
        "nodes": [CALL, answer("bye", "they say {{call.answer}}")],
        "workflows": {
            "inner": {
                "variables": {"n": 3},
                "nodes": [
                    *BODY["nodes"],
                    {"id": "end", "type": "end", "config": {"answer": "something else"}},
                ],
                "edges": edges("a>say", "say>end"),
            }
        },
    },
}
PASSED_ON = {
    "a sub-workflow that is referred to",
    "a sub-workflow that perhaps an answer passes on",
}
"""Here answers inside may be sent as a part of the answer that passes them on."""


def words(task: Task) -> list[str]:
    return [f"{task.scope}", f"{task.node_id}x", f" {task.attempt} "]


class Told:
    """A run with its chunks, in an order in which a viewer may see them."""

    def __init__(self, document: dict[str, Any], seed: int, failing: int, n: int) -> None:
        workflow, _ = prepare({"id": "w", "variables": {"n": n}, **document})
        self.plans = Plans()
        definition = msgspec.Raw(canonical_bytes(workflow))
        rng = self.rng = random.Random(seed)
        tasks: dict[tuple[str, int], Task] = {}

        def script(task: Task) -> Outcome:
            tasks[address_of(task.scope, task.node_id), task.attempt] = task
            ok = task.node_id != "a" or rng.randrange(10) >= failing
            said = "".join(words(task))
            return Outcome(ok=ok, outputs={"output": said, "reasoning": f"hm {task.node_id}"})

        self.sim = Sim(self.plans.of(bytes(definition)), script, seed)
        self.sim.run()
        started = msgspec.structs.replace(self.sim.started, definition=definition)
        self.messages: list[Message] = [e.Recorded(1, 1000.0, started)]
        self._chunks = 0
        pending: list[list[e.StreamChunk]] = []
        for record in self.sim.log[1:]:
            event = record.event
            about = isinstance(event, e.NodeEvent) and address_of(event.scope, event.node_id)
            task = tasks.get((about, event.attempt)) if about else None
            if isinstance(event, e.NodeRunSucceeded | e.NodeRunFailed) and task is not None:
                self._tell([one for one in pending if one[0].node_id == task.node_id], whole=True)
            else:
                self._tell(pending, whole=False)
            pending = [one for one in pending if one]
            self.messages.append(record)
            if isinstance(event, e.NodeRunStarted) and task is not None:
                pending.append(self._pieces(task))

    def _pieces(self, task: Task) -> list[e.StreamChunk]:
        thoughts = [("reasoning", "hm "), ("reasoning", task.node_id)]
        pieces = list(enumerate([*thoughts, *(("output", word) for word in words(task))]))
        if self.rng.random() < 0.3:
            # Its executor died after some pieces; another began anew.
            pieces = [(0, ("reasoning", "er")), (1, ("output", "lost")), *pieces]
        return [
            e.StreamChunk(
                run_id="run-1",
                workflow_id="w",
                node_id=task.node_id,
                scope=task.scope,
                attempt=task.attempt,
                index=index,
                kind="reasoning" if name == "reasoning" else "text",
                name=name,
                text=text,
            )
            for index, (name, text) in pieces
        ]

    def _tell(self, pending: list[list[e.StreamChunk]], *, whole: bool) -> None:
        for chunks in pending:
            count = len(chunks) if whole else self.rng.randint(0, len(chunks))
            for _ in range(count):
                self._chunks += 1
                self.messages.append(e.RecordedChunk(self._chunks, 1000.0, chunks.pop(0)))


class Viewer:
    """What a client makes of the pieces."""

    def __init__(self) -> None:
        self.said: dict[tuple[str, str, str], str] = {}
        self.order: list[tuple[str, str]] = []
        self.indexes: dict[tuple[str, str], int] = {}

    def take(self, delta: AnswerDelta) -> None:
        who = (delta.scope, delta.node_id)
        key = (*who, delta.kind)
        self.said[key] = ("" if delta.replace else self.said.get(key, "")) + delta.text
        if who not in self.indexes:
            self.order.append(who)
        assert self.order[-1] == who, "answers interleave"
        assert delta.index == self.indexes.get(who, -1) + 1
        self.indexes[who] = delta.index
        if delta.kind == "reasoning" and not delta.replace:
            self.said.setdefault((*who, "text"), "")


SHAPES = pytest.mark.parametrize("name", WORKFLOWS)
RUNS = given(st.integers(0, 2**32), st.integers(0, 8), st.integers(0, 1))


@SHAPES
@RUNS
@settings(max_examples=30, deadline=None)
def test_pieces_add_up_one_answer_at_a_time(name: str, seed: int, failing: int, n: int) -> None:
    told = Told(WORKFLOWS[name], seed, failing, n)
    folder, _ = Folder.begin(told.messages[0], told.plans)
    stream, viewer = AnswerStream(folder), Viewer()
    for message in told.messages[1:]:
        for delta in stream.feed(message):
            viewer.take(delta)
    state = told.sim.state
    assert state.ended
    if state.status == "failed":
        return
    for (scope, node_id, kind), text in viewer.said.items():
        held = state.nodes.get(address_of(scope, node_id))
        if kind == "text":
            ran = held is not None and held.status == "succeeded"
            whole = str(held.outputs.get("answer", held.outputs.get("output"))) if ran else ""
            assert text == whole, (scope, node_id)
    spoken = {address_of(scope, node_id) for scope, node_id in viewer.order}
    for address, node in state.nodes.items():
        if name in PASSED_ON and address.startswith("call[") and ("", "said") in viewer.order:
            continue
        if address.rpartition("/")[2] in ("say", "first", "second", "third", "hello", "bye"):
            assert (node.status != "succeeded") or address in spoken
    if {("", "first"), ("", "second")} <= set(viewer.order):
        # What leads to the other comes first, however they are written down.
        assert viewer.order.index(("", "first")) < viewer.order.index(("", "second"))
    items = [scope for scope, _ in viewer.order if scope.startswith("each")]
    assert items == sorted(items)


def test_thoughts_come_before_what_follows_them_and_apart_from_it() -> None:
    told = Told(WORKFLOWS["an end"], 3, 0, 1)
    folder, _ = Folder.begin(told.messages[0], told.plans)
    stream = AnswerStream(folder)
    deltas = [delta for message in told.messages[1:] for delta in stream.feed(message)]
    kinds = [delta.kind for delta in deltas]
    assert "".join(d.text for d in deltas if d.kind == "reasoning") == "hm a"
    assert "".join(d.text for d in deltas if d.kind == "text") == "A: ax 1 , 1"
    first = kinds.index("reasoning")
    assert all(delta.text == "A: " for delta in deltas[:first])
    assert "reasoning" not in kinds[first + kinds.count("reasoning") :]


@SHAPES
@RUNS
@settings(max_examples=20, deadline=None)
def test_a_client_that_comes_back_gets_the_rest(name: str, seed: int, failing: int, n: int) -> None:
    told = Told(WORKFLOWS[name], seed, failing, n)
    maker = FrameMaker("run-1", told.plans)
    batches = [maker.batch(message) for message in told.messages]
    whole = [line for batch in batches for line in frames_of(batch.body(Place(), as_lines=False))]
    cut = told.rng.randrange(len(whole) - 1)
    after = place_in(whole[cut].partition("id: ")[2].partition("\n")[0])
    rest = []
    for batch in batches:
        rest += frames_of(batch.body(after, as_lines=False))
        if after.event <= batch.place.event and after.chunk <= batch.place.chunk:
            after = Place()
    assert rest == whole[cut + 1 :]


def frames_of(body: bytes) -> list[str]:
    return [frame for frame in body.decode().split("\n\n") if frame]
