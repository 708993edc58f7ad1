"""What a failed attempt means: another attempt, an exception the run goes past, or an end."""

from __future__ import annotations

from typing import Any

from runfold.contracts import events as e
from runfold.engine.decide.compensation import giving_up
from runfold.engine.decide.event_writer import Writer
from runfold.engine.decide.extraction import tries_of_reading
from runfold.engine.decide.loops import Rounds
from runfold.engine.decide.retries import delay_after, should_retry
from runfold.engine.decide.sub_workflows import called_failed
from runfold.engine.evolve.edges import LOST, first_attempt
from runfold.engine.state.run import Loop, NodeState, RunState
from runfold.engine.state.scopes import failure_view, node_at, plan_of
from runfold.errors import Failure
from runfold.graph.definition import ERROR, OUT
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of, attempt_id, parent_of_scope, split_address

UNKNOWN = Failure(code="internal", message="the attempt failed without saying why")


def decide_failing(
    plan: Plan, state: RunState, writer: Writer, scope: str, planned: PlanNode, node: NodeState
) -> e.AnyEvent:
    """The one event that follows a failed attempt."""
    failure = node.error or UNKNOWN
    # Neither a composite nor a join is retried as a whole: what is inside or before it is.
    tries = tries_of_reading(node) or node.attempt - _first_attempt(state, scope, planned) + 1
    composed = planned.bodies or planned.join is not None
    if not composed and should_retry(planned.retry, failure, tries):
        return _retry(state, writer, scope, planned, node, failure, tries)
    if planned.on_error.strategy != "fail":
        return _exception(writer, scope, planned, node, failure)
    if planned.undoes:
        # What could not be undone keeps nothing else from being undone.
        return _exception(writer, scope, planned, node, failure)
    if _is_lost(plan, scope, planned):
        return _lost(writer, scope, planned, node, failure)
    if scope:
        return _fail_item(plan, writer, scope, failure)
    return giving_up(plan, writer, failure, node_id=planned.id, scope=scope)


def _first_attempt(state: RunState, scope: str, planned: PlanNode) -> int:
    if planned.pipe is None:
        return 1
    return first_attempt(planned, state.nodes.get(address_of(scope, planned.pipe.source)))


def _retry(
    state: RunState,
    writer: Writer,
    scope: str,
    planned: PlanNode,
    node: NodeState,
    failure: Failure,
    tries: int,
) -> e.NodeRunRetry:
    seed = attempt_id(state.run_id, address_of(scope, planned.id), node.attempt)
    delay = delay_after(planned.retry, failure, tries, seed)
    return writer.node(
        e.NodeRunRetry,
        scope,
        planned.id,
        node.attempt + 1,
        error=failure,
        delay=delay,
        due=node.changed_at + delay,
    )


def _exception(
    writer: Writer, scope: str, planned: PlanNode, node: NodeState, failure: Failure
) -> e.NodeRunException:
    strategy = planned.on_error.strategy
    outputs: dict[str, Any] = {"error": failure_view(node)}
    port = OUT if OUT in planned.ports else planned.ports[-1]
    match strategy:
        case "error_branch":
            port = ERROR
        case "default_value":
            value = planned.on_error.value
            outputs |= value if isinstance(value, dict) else {}
            outputs.setdefault("output", value)
        case _:
            strategy = "continue" if strategy == "fail" else strategy
            outputs["output"] = None
    return writer.node(
        e.NodeRunException,
        scope,
        planned.id,
        node.attempt,
        error=failure,
        strategy=strategy,
        outputs=outputs,
        port=port,
    )


def _is_lost(plan: Plan, scope: str, planned: PlanNode) -> bool:
    """Whether all ways from a node lead to a join that goes on without failed branches."""
    inner = plan_of(plan, scope)
    join = inner.nodes[planned.guard].join if inner and planned.guard else None
    return join is not None and join.ignore_errors


def _lost(
    writer: Writer, scope: str, planned: PlanNode, node: NodeState, failure: Failure
) -> e.NodeRunException:
    return writer.node(
        e.NodeRunException,
        scope,
        planned.id,
        node.attempt,
        error=failure,
        strategy="continue",
        outputs={"error": failure_view(node), "output": None},
        port=LOST,
    )


def _fail_item(plan: Plan, writer: Writer, scope: str, failure: Failure) -> e.AnyEvent:
    """A node of a composite's item failed for good: the item does, and maybe the composite."""
    address, index = parent_of_scope(scope)
    outer, _ = split_address(address)
    planned, node = node_at(plan, address), writer.state.nodes[address]
    if planned.calls or planned.type == "state_machine":
        return called_failed(writer, outer, planned, node.attempt, failure, scope)
    loop = node.loop or Loop(items=[])
    return Rounds(plan, writer.state, writer, outer, planned, node, loop).item_failed(
        index, failure
    )
