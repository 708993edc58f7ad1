"""The task that extracts fields from an answer, and how often it was tried."""

from __future__ import annotations

from runfold.contracts.tasks import Task
from runfold.engine.decide.effects import Dispatch
from runfold.engine.evolve.extraction import failed_to_extract
from runfold.engine.state.run import NodeState, RunState
from runfold.engine.state.scopes import lookup_in_scope
from runfold.graph.kinds.extract import KIND as EXTRACT
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of, attempt_id
from runfold.values.references import prune, references_in

_ROOT = "_asked"
"""What the task's configuration calls that which was said: never text of it, which would be read
as a template."""


def tries_of_reading(node: NodeState) -> int:
    """Which try of reading the same answer an attempt is that failed in it; 0: it did not."""
    if node.waiting is not None and failed_to_extract(node):
        return node.attempt - node.waiting.attempt + 1
    return 0


def extraction(
    plan: Plan, state: RunState, scope: str, planned: PlanNode, node: NodeState
) -> Dispatch:
    """The task that reads what a node was answered."""
    waiting, answer = node.waiting, node.answer
    config = dict(planned.config["extract"])
    config.pop("max_follow_ups", None)
    inputs = prune(references_in(config), lookup_in_scope(plan, state, scope))
    asked = {
        "text": answer.feedback if answer else "",
        "question": waiting.message if waiting else "",
        "known": node.outputs.get("fields", {}),
    }
    task = Task(
        run_id=state.run_id,
        workflow_id=state.workflow_id,
        node_id=planned.id,
        node_type=EXTRACT.type,
        scope=scope,
        attempt=node.attempt,
        config=config | {name: f"{{{{{_ROOT}.{name}}}}}" for name in asked},
        inputs=inputs | {_ROOT: asked},
        timeout=planned.timeout,
        traceparent=state.traceparent,
        part=EXTRACT.type,
    )
    address = address_of(scope, planned.id)
    return Dispatch(EXTRACT.group, task, attempt_id(state.run_id, address, node.attempt))
