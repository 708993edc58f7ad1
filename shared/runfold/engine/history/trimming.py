"""Which nodes of a run nothing is decided by any more, so that long runs need little memory.

Only who keeps a run in order to decide about it lets them go; whoever shows it keeps them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runfold.contracts import events as e
from runfold.engine.evolve.loops import body_name
from runfold.engine.state.run import Loop, NodeState, RunState
from runfold.engine.state.scopes import plan_of
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of, child_scope


def no_longer_needed(plan: Plan, before: RunState, event: e.AnyEvent) -> list[str]:
    """Addresses that may be let go of once an event has counted.

    Args:
        plan: The run's plan.
        before: The state before the event.
        event: One that changed the state.
    """
    match event:
        case e.LoopItemSucceeded() | e.LoopItemFailed():
            return list(_of_composite(plan, before, event, (event.index,)))
        case e.LoopSucceeded() | e.LoopFailed():
            return list(_of_composite(plan, before, event, None))
        case e.NodeRunSucceeded() | e.NodeRunFailed() | e.NodeRunCancelled() | e.TimerFired():
            return list(_of_composite(plan, before, event, None))
        case _:
            return []


def _of_composite(
    plan: Plan, before: RunState, event: e.NodeEvent, indexes: Iterable[int] | None
) -> Iterator[str]:
    """What is inside some of a composite's scopes; None: all whose result is not recorded."""
    address = address_of(event.scope, event.node_id)
    node, inner = before.nodes.get(address), plan_of(plan, event.scope)
    if node is None or node.loop is None or inner is None:
        return
    if indexes is None and not _ends(event):
        return
    planned = inner.nodes[event.node_id]
    for index in _left_open(node.loop) if indexes is None else indexes:
        yield from _inside(plan, before, address, planned, node, index)


def _ends(event: e.NodeEvent) -> bool:
    """Whether an event about a composite can only be its ending."""
    return not isinstance(event, e.TimerFired) or event.timer == "timeout"


def _inside(
    plan: Plan, before: RunState, address: str, planned: PlanNode, node: NodeState, index: int
) -> Iterator[str]:
    if node.loop is None:
        return
    scope = child_scope(address, index, body_name(planned, node.loop, index))
    body = plan_of(plan, scope)
    for inner in body.nodes.values() if body else ():
        at = address_of(scope, inner.id)
        held = before.nodes.get(at)
        if held is None:
            continue
        yield at
        if held.loop is not None:
            for further in _left_open(held.loop):
                yield from _inside(plan, before, at, inner, held, further)


def _left_open(loop: Loop) -> list[int]:
    """Scopes whose result was never recorded: the others were let go of when it was."""
    return [*loop.under_way, *loop.settled]
