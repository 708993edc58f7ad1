"""Random workflows whose nodes can be undone, and what their logs say was done and undone."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.contracts.tasks import Task
from runfold.engine.decide.compensation import cancelling
from runfold.engine.evolve.compensation import NOT_BEGUN
from runfold.engine.evolve.runs import begin, evolve
from runfold.engine.state.scopes import plan_of
from runfold.errors import Failure
from runfold.graph.definition import Edge, Node, OnError, Retry, Workflow
from runfold.graph.plan.plan import Plan
from runfold.ids import address_of, attempt_id, split_address
from tests.support.engine_sim import RUN, Outcome, Script, Sim
from tests.support.graphs import Case, cases

CANCEL = "cancel"


@st.composite
def compensable(draw: st.DrawFn) -> Case:
    """A random graph in which some tasks name a node that undoes them, which may fail too."""
    case = draw(cases())
    nodes: list[Node] = []
    failures = dict(case.failures)
    for node in case.workflow.nodes:
        if node.type != "noop" or not draw(st.booleans()):
            nodes.append(node)
            continue
        undo = Node(
            id=f"undo-{node.id}",
            type="noop",
            retry=Retry(max_attempts=draw(st.integers(1, 2)), delay=draw(st.sampled_from([0, 1]))),
        )
        nodes += [replace(node, compensate=undo.id), undo]
        failures[undo.id] = draw(st.sampled_from([0, 0, 0, 1, -1]))
    return Case(replace(case.workflow, nodes=tuple(nodes)), failures)


@st.composite
def loops(draw: st.DrawFn) -> Case:
    """A loop with two branches an item, and something after it; each may fail, and be undone."""
    failures: dict[str, int] = {}

    def task(name: str, strategy: str = "fail") -> list[dict[str, Any]]:
        failures[name] = draw(st.sampled_from([0, 0, 0, -1]))
        on_error = {"strategy": strategy}
        node: dict[str, Any] = {"id": name, "type": "noop", "on_error": on_error}
        if not draw(st.booleans()):
            return [node]
        failures[f"undo-{name}"] = draw(st.sampled_from([0, 0, -1]))
        return [
            {**node, "compensate": f"undo-{name}"},
            {"id": f"undo-{name}", "type": "noop"},
        ]

    body = [*task("left"), *task("right"), *task("then")]
    edges = [{"source": "left", "target": "then"}]
    nodes = [
        Node(
            id="each",
            type="loop",
            config={
                "items": [1, 2, 3],
                "concurrency": draw(st.integers(1, 3)),
                "on_item_error": draw(st.sampled_from(["terminate", "continue"])),
                "nodes": body,
                "edges": edges,
            },
            on_error=OnError(draw(st.sampled_from(["fail", "skip"]))),
            compensate=draw(st.sampled_from(["", "undo-each"])),
        )
    ]
    if nodes[0].compensate:
        nodes.append(Node(id="undo-each", type="noop"))
        failures["undo-each"] = 0
    nodes += msgspec.convert(task("last"), list[Node])
    failures["last"] = draw(st.sampled_from([0, -1, -1]))
    return Case(Workflow(id="random", nodes=tuple(nodes), edges=(Edge("each", "last"),)), failures)


def scripted(case: Case) -> Script:
    """What attempts come to; inside loops, what fails does so in the second item only."""

    def script(task: Task) -> Outcome:
        fails = case.failures[task.node_id]
        if task.scope and not task.scope.endswith("[1]"):
            fails = 0
        return Outcome(ok=fails != -1 and task.attempt > fails, outputs={"output": task.node_id})

    return script


class SagaSim(Sim):
    """A run whose executors may drop what has not begun, once they hear of the compensation."""

    copies = False
    """Whether a task that is queued twice may be dropped in one place as it begins in another."""

    def _land_result(self) -> None:
        events = self.random.choice(self.results)
        first = events[0]
        if (
            isinstance(first, e.NodeRunStarted)
            and self.state.saga is not None
            and not self._task_of(first).undoes
            and (self.copies or first.id in self.ids or not self._has_copy(events))
            and self.random.random() < 0.5
        ):
            error = Failure(code=NOT_BEGUN, message="dropped", kind="cancelled")
            events[:] = [
                e.NodeRunFailed(
                    id=first.id.replace(":started", ":not_begun"),
                    run_id=first.run_id,
                    workflow_id=first.workflow_id,
                    node_id=first.node_id,
                    scope=first.scope,
                    attempt=first.attempt,
                    error=error,
                )
            ]
        self.land(events.pop(0))
        if not events:
            self.results.remove(events)

    def may_be_undone(self, event: e.NodeEvent) -> bool:
        """Whether a node has a compensation node, and no composite around it stands for it."""
        address = address_of(event.scope, event.node_id)
        completed = told_by(self.plan, self.log).completed
        covered = any(address.startswith(f"{one}[") for one in completed)
        return event.node_id in _compensable(self.plan) and not covered

    def _has_copy(self, events: list[e.AnyEvent]) -> bool:
        """Whether the task was queued twice, and the other copy may still be taken up.

        Only after the time in which the queue knows a copy: then one may begin as one is dropped.
        """
        return any(other is not events and other[0].id == events[0].id for other in self.results)

    def _task_of(self, event: e.NodeEvent) -> Task:
        address = address_of(event.scope, event.node_id)
        return self.dispatched[attempt_id(RUN, address, event.attempt)]

    def cancel(self) -> None:
        """Somebody cancels the run."""
        self.land(
            cancelling(self.plan, event_id=CANCEL, run_id=RUN, workflow_id="random", reason="r")
        )

    def replace_owner(self) -> None:
        """Another scheduler goes on from the log; what the old one sent may still arrive."""
        if self.random.random() < 0.5:
            self.appends.clear()
        if self.random.random() < 0.5:
            # What it had decided but not sent, nobody gets.
            self.results = [one for one in self.results if not isinstance(one[0], e.NodeRunStarted)]
        self.take_over()


class Told(msgspec.Struct):
    """What a log says, read without looking at how the engine keeps it."""

    completed: list[str]
    """Compensable nodes that succeeded, in order, without those a composite stands for."""
    undone: list[str]
    """Nodes whose compensation began, in order."""
    ended: list[str]
    """Nodes whose compensation ended, well or for good, in order."""


def told_by(plan: Plan, log: list[e.Recorded]) -> Told:
    """Read a log: an event counts when folding it changes the state."""
    first = log[0]
    assert isinstance(first.event, e.RunStarted)
    state, _ = begin(plan, first.event, first.seq, first.time)
    told = Told([], [], [])
    for record in log[1:]:
        after, _ = evolve(plan, state, record)
        counted, state = after is not state, after
        event = record.event
        if not counted or not isinstance(event, e.NodeEvent) or not event.node_id:
            continue
        address = address_of(event.scope, event.node_id)
        undone = undone_at(address)
        if undone:
            if undone not in told.undone:
                told.undone.append(undone)
            if isinstance(event, e.NodeRunSucceeded | e.NodeRunException):
                told.ended.append(undone)
        elif isinstance(event, e.NodeRunSucceeded | e.LoopSucceeded):
            covered = any(address.startswith(f"{one}[") for one in told.completed)
            if event.node_id in _compensable(plan) and not covered:
                told.completed = [
                    one for one in told.completed if not one.startswith(f"{address}[")
                ]
                told.completed.append(address)
    return told


def undone_at(address: str) -> str:
    """The address that a compensation node undoes; empty for any other node."""
    scope, node_id = split_address(address)
    if not node_id.startswith("undo-"):
        return ""
    return address_of(scope, node_id.removeprefix("undo-"))


def can_be_undone(case: Case, plan: Plan, address: str) -> bool:
    """Whether any attempt of what undoes an address succeeds."""
    scope, node_id = split_address(address)
    undo = f"undo-{node_id}"
    inner = plan_of(plan, scope)
    assert inner is not None
    task = Task(run_id=RUN, workflow_id="random", node_id=undo, node_type="noop", scope=scope)
    tries = range(1, inner.nodes[undo].retry.max_attempts + 1)
    return any(scripted(case)(replace(task, attempt=number)).ok for number in tries)


def _compensable(plan: Plan) -> set[str]:
    found: set[str] = set()
    for node in plan.nodes.values():
        if node.compensate:
            found.add(node.id)
        for body in node.bodies.values():
            found |= _compensable(body)
    return found
