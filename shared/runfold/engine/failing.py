"""What a failed attempt means: another attempt, an exception the run goes past, or an end."""

from __future__ import annotations

from typing import Any

from runfold.contracts import events as e
from runfold.engine.extraction import tries
from runfold.engine.retry import delay_after, should_retry
from runfold.engine.scopes import failure_view, node_at
from runfold.engine.state import NodeState, RunState
from runfold.engine.writer import Writer
from runfold.errors import Failure
from runfold.graph.definition import ERROR, OUT
from runfold.graph.plan import Plan, PlanNode
from runfold.ids import address_of, attempt_id, parent_of_scope, split_address

UNKNOWN = Failure(code="internal", message="the attempt failed without saying why")


def decide_failing(
    plan: Plan, state: RunState, writer: Writer, scope: str, planned: PlanNode, node: NodeState
) -> e.AnyEvent:
    """The one event that follows a failed attempt."""
    failure = node.error or UNKNOWN
    # A composite is not retried as a whole: its items' attempts are, each on its own.
    if planned.body is None and should_retry(planned.retry, failure, tries(node)):
        return _retry(state, writer, scope, planned, node, failure)
    if planned.on_error.strategy != "fail":
        return _exception(writer, scope, planned, node, failure)
    if scope:
        return _fail_item(plan, writer, scope, failure)
    return writer.run(e.RunFailed, error=failure, node_id=planned.id, scope=scope)


def _retry(
    state: RunState,
    writer: Writer,
    scope: str,
    planned: PlanNode,
    node: NodeState,
    failure: Failure,
) -> e.NodeRunRetry:
    seed = attempt_id(state.run_id, address_of(scope, planned.id), node.attempt)
    delay = delay_after(planned.retry, failure, tries(node), seed)
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


def _fail_item(plan: Plan, writer: Writer, scope: str, failure: Failure) -> e.AnyEvent:
    """A node of a loop's item failed for good: the item does, and maybe the loop."""
    address, index = parent_of_scope(scope)
    outer, loop_id = split_address(address)
    loop = node_at(plan, address)
    attempt = writer.state.nodes[address].attempt
    if loop.config.get("on_item_error", "terminate") == "terminate":
        return writer.node(e.LoopFailed, outer, loop_id, attempt, error=failure, index=index)
    return writer.node(
        e.LoopItemFailed, outer, loop_id, attempt, of=str(index), index=index, error=failure
    )
