"""Nodes that read along count only what their source came to, whatever lands when."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from runfold.contracts import events as e
from runfold.contracts.tasks import Task
from runfold.engine.decide.runs import decide
from runfold.graph.loader import prepare
from runfold.graph.plan.plan import compile_plan
from tests.support.engine_sim import Outcome, Sim, refold

RETRY = {"max_attempts": 3, "delay": "1s"}


def reading(node_id: str, source: str, **more: Any) -> dict[str, Any]:
    config = {"input": f"{{{{{source}.output}}}}", "replace": {"a": "b"}}
    return {"id": node_id, "type": "text_filter", "config": config, **more}


STRATEGIES: list[dict[str, Any]] = [
    {"strategy": "fail"},
    {"strategy": "skip"},
    {"strategy": "default_value", "value": "default"},
    {"strategy": "error_branch"},
]


@st.composite
def workflows(draw: st.DrawFn) -> dict[str, Any]:
    """A source, one or two readers of it, a reader of a reader; in an iteration or not."""
    more = {"retry": RETRY, "timeout": "5s", "on_error": draw(st.sampled_from(STRATEGIES))}
    nodes = [{"id": "write", "type": "llm", "config": {"prompt": "p"}, **more}]
    edges = []
    for node_id, source in (("one", "write"), ("two", "write"), ("three", "one")):
        if node_id != "two" or draw(st.booleans()):
            strategy = draw(st.sampled_from(STRATEGIES[:3]))
            nodes.append(reading(node_id, source, retry=RETRY, on_error=strategy))
            edges.append({"source": source, "target": node_id})
    if more["on_error"]["strategy"] == "error_branch":
        nodes.append({"id": "sorry", "type": "noop", "config": {"output": "sorry"}})
        edges.append({"source": "write", "target": "sorry", "port": "error"})
    body = {"nodes": nodes, "edges": edges}
    if draw(st.booleans()):
        over = {"items": [1, 2, 3], "concurrency": 2, "on_item_error": "continue", **body}
        return {"id": "w", "nodes": [{"id": "each", "type": "iteration", "config": over}]}
    return {"id": "w", **body}


@given(workflows(), st.integers(0, 2**32), st.integers(0, 9))
@settings(max_examples=120, deadline=None)
def test_a_reader_succeeds_with_what_its_source_came_to(
    document: dict[str, Any], seed: int, failing: int
) -> None:
    workflow, findings = prepare(document)
    assert not [finding for finding in findings if finding.level == "error"], findings
    plan = compile_plan(workflow)

    wrote: dict[tuple[str, str, int], str] = {}

    def script(task: Task) -> Outcome:
        ok = rng.randrange(10) >= failing
        if task.source is not None:
            read = wrote[task.scope, task.source.node_id, task.source.attempt]
        elif task.node_id in ("write", "sorry"):
            read = f"{task.scope}:{task.attempt}"
        else:
            (held,) = task.inputs.values()
            read = str(held["output"])
        wrote[task.scope, task.node_id, task.attempt] = read
        return Outcome(ok=ok, outputs={"output": read})

    rng = random.Random(seed)
    sim = Sim(plan, script, seed)
    steps = 0
    while not sim.state.ended and sim.step():
        steps += 1
        assert steps < 5_000
        for task in sim.stale:
            # An executor that was frozen says in the end what it made of half a text.
            sim.results.append(_zombie(task))
        sim.stale.clear()
        wanted = {effect.key for effect in decide(plan, sim.state)}
        assert wanted <= sim.sent
    assert sim.state.ended
    assert refold(plan, sim.log) == sim.state
    for address, node in sim.state.nodes.items():
        name = address.rpartition("/")[2]
        if name in ("one", "two", "three") and node.status == "succeeded":
            said = node.outputs["output"]
            source = sim.state.nodes[address.replace(name, "one" if name == "three" else "write")]
            assert said == str(source.outputs["output"]), (address, node, source)
            assert source.status in ("succeeded", "exception")


def _zombie(task: Task) -> list[e.AnyEvent]:
    return [
        e.NodeRunSucceeded(
            id=f"zombie:{task.scope}:{task.node_id}:{task.attempt}",
            run_id=task.run_id,
            workflow_id=task.workflow_id,
            node_id=task.node_id,
            scope=task.scope,
            attempt=task.attempt,
            outputs={"output": "half a text"},
        )
    ]
