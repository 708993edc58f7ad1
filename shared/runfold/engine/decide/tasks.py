"""Handing nodes to executors: when all they need is there, or ahead, to read along."""

from __future__ import annotations

from runfold.contracts.tasks import StreamSource, Task
from runfold.engine.decide.effects import Dispatch
from runfold.engine.evolve.compensation import is_undoing
from runfold.engine.state.run import NodeState, RunState
from runfold.engine.state.scopes import everything, lookup_in_scope, plan_of
from runfold.graph.definition import OUT
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of, attempt_id
from runfold.values.references import EVERYTHING, prune


def dispatched(
    plan: Plan,
    state: RunState,
    scope: str,
    planned: PlanNode,
    attempt: int,
    source: StreamSource | None = None,
) -> Dispatch:
    """The task of an attempt, with the values that its configuration refers to."""
    address = address_of(scope, planned.id)
    if any(ref.root == EVERYTHING for ref in planned.refs):
        inputs = everything(plan, state, scope)
    else:
        inputs = prune(planned.refs, lookup_in_scope(plan, state, scope))
    if state.environment and any(ref.root == "env" for ref in planned.refs):
        inputs = {**inputs, "env": state.environment}
    task = Task(
        run_id=state.run_id,
        workflow_id=state.workflow_id,
        node_id=planned.id,
        node_type=planned.type,
        scope=scope,
        attempt=attempt,
        config=planned.config,
        inputs=inputs,
        timeout=planned.timeout,
        protection=planned.protection,
        traceparent=state.traceparent,
        source=source,
        undoes=is_undoing(state, address),
    )
    key = attempt_id(state.run_id, address, attempt)
    return Dispatch(planned.group, task, key)


def piped(
    plan: Plan, state: RunState, scope: str, planned: PlanNode, node: NodeState
) -> list[Dispatch]:
    """The tasks that read along with a running attempt, under its number.

    Nothing of theirs counts before the attempt has succeeded: until then the reading nodes are
    not even in the state. When it has, the same task is wanted again, under the same key.
    """
    inner = plan_of(plan, scope)
    if inner is None or state.saga is not None or state.steps >= plan.settings.max_steps:
        return []
    found = []
    for target in planned.targets.get(OUT, ()):
        pipe = inner.nodes[target].pipe
        if pipe is None or address_of(scope, target) in state.nodes:
            continue
        source = StreamSource(
            node_id=planned.id,
            attempt=node.attempt,
            # The state knows of no end of the attempt, so it is behind all that the state knows.
            after=state.last_seq,
            fields=pipe.fields,
        )
        found.append(dispatched(plan, state, scope, inner.nodes[target], node.attempt, source))
    return found
