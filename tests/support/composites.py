"""Random nested composites, and what a naive interpreter says they come to."""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

from hypothesis import strategies as st

from runfold.contracts.tasks import Task
from runfold.graph.definition import Workflow
from runfold.graph.loader import prepare
from runfold.ids import address_of
from tests.support.engine_sim import Outcome

Step = dict[str, Any]
BRANCHES = ("left", "right", "middle")


class Nested(NamedTuple):
    """A workflow of composites within each other, and which tasks fail."""

    workflow: Workflow
    steps: list[Step]
    bad: int
    """Of a hundred tasks, so many fail."""


class Failed(Exception):
    """A body failed for good."""


@st.composite
def nested(draw: st.DrawFn, depth: int = 3) -> Nested:
    steps = draw(bodies(depth))
    document: dict[str, Any] = {"id": "nested", "inputs": {}, "workflows": {}}
    document |= {"nodes": [_node(step, document["workflows"]) for step in steps]}
    workflow, _ = prepare(document)
    return Nested(workflow, steps, draw(st.sampled_from([0, 10, 30])))


@st.composite
def bodies(draw: st.DrawFn, depth: int) -> list[Step]:
    count = draw(st.integers(1, 3 if depth > 1 else 2))
    return [draw(steps_of(depth, f"n{place}")) for place in range(count)]


@st.composite
def steps_of(draw: st.DrawFn, depth: int, node_id: str) -> Step:
    kinds = ["task", "iteration", "count", "while", "batch", "parallel", "call"]
    kind = draw(st.sampled_from(kinds if depth else ["task"]))
    step: Step = {"id": node_id, "kind": kind}
    if kind == "task":
        return step
    if kind == "parallel":
        names = BRANCHES[: draw(st.integers(1, 3))]
        step["branches"] = {name: draw(bodies(depth - 1)) for name in names}
        step["tolerant"] = draw(st.booleans())
        step["concurrency"] = draw(st.integers(1, 3))
        return step
    step["body"] = draw(bodies(depth - 1))
    if kind != "call":
        step["size"] = draw(st.integers(0, 4))
        step["concurrency"] = draw(st.integers(1, 3))
        step["mode"] = draw(st.sampled_from(["terminate", "continue", "drop"]))
        step["batch"] = draw(st.integers(1, 3))
    return step


def _node(step: Step, workflows: dict[str, Any]) -> dict[str, Any]:
    node_id, kind = step["id"], step["kind"]
    if kind == "task":
        return {"id": node_id, "type": "noop"}
    if kind == "parallel":
        branches = {
            name: {"nodes": [_node(one, workflows) for one in body]}
            for name, body in step["branches"].items()
        }
        config: dict[str, Any] = {
            "branches": branches,
            "continue_on_error": step["tolerant"],
            "concurrency": step["concurrency"],
        }
        return {"id": node_id, "type": "parallel", "config": config}
    nodes = [_node(one, workflows) for one in step["body"]]
    if kind == "call":
        name = f"w{len(workflows)}"
        workflows[name] = {"inputs": {}, "nodes": nodes}
        return {"id": node_id, "type": "sub_workflow", "config": {"workflow": name}}
    config = {"nodes": nodes}
    if kind == "batch":
        config |= {"items": list(range(step["size"])), "batch_size": step["batch"]}
        config |= {"continue_on_error": step["mode"] != "terminate"}
        return {"id": node_id, "type": "batch", "config": config}
    config["on_item_error"] = step["mode"]
    if kind == "iteration":
        config |= {"items": list(range(step["size"])), "concurrency": step["concurrency"]}
        return {"id": node_id, "type": "iteration", "config": config}
    if kind == "count":
        config["count"] = step["size"]
    else:
        below = {"left": "{{index}}", "operator": "<", "right": step["size"]}
        config |= {"while": below, "max_iterations": 9, "keep": "all"}
    return {"id": node_id, "type": "loop", "config": config}


def fails(case: Nested, address: str) -> bool:
    return zlib.crc32(address.encode()) % 100 < case.bad


def scripted(case: Nested, task: Task) -> Outcome:
    """A task says where it is; some fail for good."""
    address = address_of(task.scope, task.node_id)
    return Outcome(not fails(case, address), {"output": address}, retryable=False)


def interpret(case: Nested) -> tuple[Any, int]:
    """What the run comes to, and how many failures it went past. Raises `Failed`."""
    past: list[str] = []
    return _body(case, case.steps, "", past), len(past)


def _body(case: Nested, steps: list[Step], scope: str, past: list[str]) -> Any:
    output = None
    for step in steps:
        output = _step(case, step, address_of(scope, step["id"]), past)
    return output


def _step(case: Nested, step: Step, address: str, past: list[str]) -> Any:
    match step["kind"]:
        case "task":
            if fails(case, address):
                raise Failed(address)
            return address
        case "call":
            return _body(case, step["body"], f"{address}[0]", past)
        case "parallel":
            found = {}
            for place, (name, body) in enumerate(step["branches"].items()):
                result = _tried(case, body, f"{address}[{name}.{place}]", past, step["tolerant"])
                if result:
                    found[name] = result[0]
            return found
        case _:
            results = []
            for index in range(step["size"]):
                tolerant = step["mode"] != "terminate"
                result = _tried(case, step["body"], f"{address}[{index}]", past, tolerant)
                if result:
                    results.append(result[0])
                elif step["mode"] == "continue" or step["kind"] == "batch":
                    results.append(None)
            return results


def _tried(
    case: Nested, body: list[Step], scope: str, past: list[str], tolerant: bool
) -> list[Any]:
    """The result in a list, which is empty for a failure that is gone past."""
    try:
        return [_body(case, body, scope, past)]
    except Failed:
        if not tolerant:
            raise
        past.append(scope)
        return []
