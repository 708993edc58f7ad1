"""Random workflows for property tests, and what a naive interpreter makes of them."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st

from runfold.graph.definition import Edge, Node, OnError, Retry, Workflow
from tests.support.engine_sim import Outcome


class Case(msgspec.Struct, frozen=True):
    """A workflow, and how many times each task node fails before it succeeds (-1: always)."""

    workflow: Workflow
    failures: dict[str, int]


@st.composite
def cases(draw: st.DrawFn, *, failing: bool = True, max_nodes: int = 9) -> Case:
    """A random connected acyclic graph of tasks and conditions with random error strategies."""
    count = draw(st.integers(1, max_nodes))
    nodes, edges, failures = [Node(id="start", type="start")], [], {}
    branching: dict[str, bool] = {"start": False}
    for number in range(count):
        node_id = f"n{number}"
        is_condition = draw(st.booleans()) and number < count - 1
        sources = draw(
            st.lists(st.sampled_from(sorted(branching)), min_size=1, max_size=3, unique=True)
        )
        strategy = "fail"
        if is_condition:
            answer = draw(st.booleans())
            condition = {"left": 1, "operator": "equals", "right": 1 if answer else 2}
            nodes.append(Node(id=node_id, type="condition", config={"condition": condition}))
        else:
            strategy = draw(
                st.sampled_from(["fail", "skip", "default_value", "error_branch", "continue"])
            )
            retry = Retry(max_attempts=draw(st.integers(1, 3)), delay=draw(st.sampled_from([0, 1])))
            on_error = OnError(strategy=strategy, value="fallback")
            nodes.append(Node(id=node_id, type="noop", retry=retry, on_error=on_error))
            fails = draw(st.sampled_from([0, 0, 0, 1, 2, -1])) if failing else 0
            if strategy == "fail" and fails and not failing:
                fails = 0
            failures[node_id] = fails
        for source in sources:
            kind = next(node for node in nodes if node.id == source)
            ports = ["true", "false"] if kind.type == "condition" else ["out"]
            if kind.on_error.strategy == "error_branch":
                ports.append("error")
            edges.append(Edge(source, node_id, draw(st.sampled_from(ports))))
        branching[node_id] = is_condition
    return Case(
        Workflow(id="random", nodes=tuple(nodes), edges=tuple(edges)),
        failures,
    )


def scripted(case: Case, node_id: str, attempt: int) -> Outcome:
    """What attempt number `attempt` of a node comes to in a case."""
    fails = case.failures[node_id]
    return Outcome(ok=fails != -1 and attempt > fails, outputs={"output": f"{node_id}#{attempt}"})


def interpret(case: Case) -> tuple[dict[str, str], set[str]]:
    """Each node's final status by plain recursion, and the nodes whose failure ends the run."""
    statuses: dict[str, str] = {}
    ports: dict[str, str] = {}
    fatal: set[str] = set()
    for node in case.workflow.nodes:
        incoming = [edge for edge in case.workflow.edges if edge.target == node.id]
        taken = [edge for edge in incoming if ports.get(edge.source) == edge.port]
        if incoming and not taken:
            statuses[node.id], ports[node.id] = "skipped", ""
        elif node.type == "start":
            statuses[node.id], ports[node.id] = "succeeded", "out"
        elif node.type == "condition":
            condition = node.config["condition"]
            statuses[node.id] = "succeeded"
            ports[node.id] = "true" if condition["left"] == condition["right"] else "false"
        else:
            tries = range(1, node.retry.max_attempts + 1)
            if any(scripted(case, node.id, attempt).ok for attempt in tries):
                statuses[node.id], ports[node.id] = "succeeded", "out"
            elif node.on_error.strategy == "fail":
                statuses[node.id], ports[node.id] = "failing", ""
                fatal.add(node.id)
            else:
                statuses[node.id] = "exception"
                is_branch = node.on_error.strategy == "error_branch"
                ports[node.id] = "error" if is_branch else "out"
    return statuses, fatal
