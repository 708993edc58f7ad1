"""The kinds the scheduler decides itself: what a ready one writes, what an answered one does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfold.contracts import events as e
from runfold.engine.decide.assignments import assignments_of
from runfold.engine.decide.compensation import asked_for
from runfold.engine.decide.event_writer import Writer
from runfold.engine.decide.joins import aggregate_fields, join_fields
from runfold.engine.decide.loop_starts import loop_started
from runfold.engine.decide.node_context import Fields, Ready, rendered_object
from runfold.engine.decide.outputs import predecessors_output
from runfold.engine.decide.state_machines import started_fields as machine_started
from runfold.engine.decide.sub_workflows import started_fields
from runfold.engine.decide.waits import human_review, input_, question, wait
from runfold.engine.state.run import NodeState, RunState
from runfold.engine.state.scopes import lookup_in_scope, plan_of
from runfold.errors import Failure, RunfoldError
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.graph.selecting import chosen, in_order, needs_all
from runfold.ids import address_of
from runfold.values.conditions import evaluate
from runfold.values.json_text import text_of
from runfold.values.references import Lookup
from runfold.values.templates import render

SILENT = frozenset({"skipped", "cancelling", "cancelled"})
"""Statuses of nodes that will never say anything."""
COMPENSATE = "compensate"
"""The one kind that writes an event about the run."""
Written = (
    e.NodeRunSucceeded
    | e.NodeRunWaiting
    | e.LoopStarted
    | e.SubWorkflowStarted
    | e.VariablesAssigned
    | e.StateMachineStarted
)


def decide_ready(
    plan: Plan, state: RunState, writer: Writer, scope: str, planned: PlanNode, node: NodeState
) -> e.AnyEvent:
    """The event by which a ready inline node succeeds, fails, or begins to wait or loop."""
    here = Ready(plan, state, scope, planned, node, lookup_in_scope(plan, state, scope))
    try:
        if planned.type == COMPENSATE:
            reason = text_of(render(planned.config.get("reason", ""), here.lookup))
            return asked_for(writer, scope, planned.id, reason)
        kind, fields_of = _KINDS[planned.type]
        fields = fields_of(here)
        if fields is None:
            return writer.node(e.NodeRunSkipped, scope, planned.id, node.attempt)
    except RunfoldError as error:
        failure = _naming(error, planned.id)
        return writer.node(e.NodeRunFailed, scope, planned.id, node.attempt, error=failure)
    return writer.node(kind, scope, planned.id, node.attempt, **fields)


def _naming(error: RunfoldError, node_id: str) -> Failure:
    failure = error.failure()
    prefix = f"node {node_id!r}: "
    message = failure.message if failure.message.startswith("node ") else prefix + failure.message
    return Failure(
        code=failure.code,
        message=message,
        kind=failure.kind,
        details={"node": node_id, **failure.details},
    )


def _start(_here: Ready) -> Fields:
    return {}


def _end(here: Ready) -> Fields:
    config = here.planned.config
    if "outputs" in config:
        return {"outputs": rendered_object(here, "outputs", config["outputs"])}
    for name in ("output", "answer"):
        if name in config:
            return {"outputs": {name: render(config[name], here.lookup)}}
    inner = plan_of(here.plan, here.scope) or here.plan
    output = predecessors_output(inner, here.state, here.scope, here.planned.id)
    return {"outputs": {"output": output}}


def _answer(here: Ready) -> Fields:
    text = text_of(render(here.planned.config.get("answer", ""), _skipped_as_nothing(here)))
    return {"outputs": {"answer": text, "output": text}}


def _skipped_as_nothing(here: Ready) -> Lookup:
    """In an answer, nodes that were skipped or given up have nothing to say: that is no mistake."""

    def lookup(root: str) -> Any:
        held = here.state.nodes.get(address_of(here.scope, root))
        silent = held is not None and held.status in SILENT
        return _Nothing() if silent else here.lookup(root)

    return lookup


class _Nothing(dict[str, Any]):
    """Has every key, and each of them is nothing."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> Any:
        return None


def _condition(here: Ready) -> Fields:
    result = evaluate(here.planned.config["condition"], here.lookup)
    port = "true" if result else "false"
    return {"outputs": {"result": result, "branch": port, "output": result}, "port": port}


def _selector(here: Ready) -> Fields:
    config = here.planned.config
    strategy = config.get("strategy", "first_match")
    holding = []
    for branch in in_order(config.get("branches", ())):
        if evaluate(branch.get("condition", True), here.lookup):
            holding.append(branch)
            if not needs_all(strategy):
                break
    seed = f"{here.state.run_id}:{address_of(here.scope, here.planned.id)}"
    return selected(chosen(strategy, holding, seed))


def selected(ports: tuple[str, ...]) -> Fields:
    """What a selector that takes some ports writes."""
    fields: Fields = {"outputs": {"branch": ports[0], "output": ports[0]}, "port": ports[0]}
    if len(ports) > 1:
        fields["outputs"] = {"branch": ports[0], "output": list(ports)}
        fields["ports"] = ports
    return fields


def _loop(here: Ready) -> Fields:
    return loop_started(here.planned, here.lookup)


def _jump(_here: Ready) -> Fields:
    return {}


def _assign(here: Ready) -> Fields:
    return {"assignments": assignments_of(here)}


_KINDS: dict[str, tuple[type[Written], Callable[[Ready], Fields | None]]] = {
    "start": (e.NodeRunSucceeded, _start),
    "end": (e.NodeRunSucceeded, _end),
    "answer": (e.NodeRunSucceeded, _answer),
    "condition": (e.NodeRunSucceeded, _condition),
    "selector": (e.NodeRunSucceeded, _selector),
    "human_review": (e.NodeRunWaiting, human_review),
    "input": (e.NodeRunWaiting, input_),
    "question": (e.NodeRunWaiting, question),
    "wait": (e.NodeRunWaiting, wait),
    "loop": (e.LoopStarted, _loop),
    "iteration": (e.LoopStarted, _loop),
    "batch": (e.LoopStarted, _loop),
    "parallel": (e.LoopStarted, _loop),
    "sub_workflow": (e.SubWorkflowStarted, started_fields),
    "state_machine": (e.StateMachineStarted, machine_started),
    "assign": (e.VariablesAssigned, _assign),
    "join": (e.NodeRunSucceeded, join_fields),
    "aggregate": (e.NodeRunSucceeded, aggregate_fields),
    "break": (e.NodeRunSucceeded, _jump),
    "continue": (e.NodeRunSucceeded, _jump),
}

INLINE_TYPES = frozenset(_KINDS) | {COMPENSATE}
