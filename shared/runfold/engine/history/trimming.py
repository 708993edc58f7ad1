"""Nodes that no future decision can read, so that their state can be dropped.

This keeps the memory of long runs small. It is for callers that only decide; views need all nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from runfold.contracts import events as e
from runfold.engine.state.composites import Composite
from runfold.engine.state.runs import RunState
from runfold.engine.state.scopes import plan_of
from runfold.graph.plan.plan import Plan
from runfold.ids import address_of, child_scope


def no_longer_needed(plan: Plan, before: RunState, event: e.AnyEvent) -> list[str]:
    """Addresses whose nodes can be dropped after an event.

    Args:
        plan: The run's plan.
        before: The state before the event.
        event: An event that changed the state.
    """
    match event:  # the most frequent first
        case e.NodeRunStarted() | e.LoopNext():
            return []
        case e.NodeRunSucceeded() | e.NodeRunFailed() | e.NodeRunCancelled():
            indexes = None
        case (
            e.LoopItemSucceeded()
            | e.LoopItemFailed()
            | e.StateHandlerSucceeded()
            | e.AgentToolsSucceeded()
            | e.AgentRoundSucceeded()
            | e.AgentRoundFailed()
            | e.ToolApprovalSucceeded()
            | e.ToolCallSucceeded()
            | e.ToolCallFailed()
        ):
            indexes = (event.index,)
        case e.LoopSucceeded() | e.LoopFailed():
            indexes = None
        case e.TimerFired() if event.timer == "timeout":
            indexes = None
        case _:
            return []
    address = address_of(event.scope, event.node_id)
    node = before.nodes.get(address)
    composite = node.composite if node is not None else None
    if composite is None:
        return []
    ended = composite.unrecorded if indexes is None else indexes
    inside = (_inside(plan, before, address, composite, index) for index in ended)
    return list(chain.from_iterable(inside))


def _inside(
    plan: Plan, before: RunState, address: str, composite: Composite, index: int
) -> Iterator[str]:
    scope = child_scope(address, index, composite.body_name(index))
    body = plan_of(plan, scope)
    for node_id in body.nodes if body else ():
        at = address_of(scope, node_id)
        held = before.nodes.get(at)
        if held is None:
            continue
        yield at
        if held.composite is not None:
            # The nodes of scopes whose result is recorded were dropped when it was.
            for further in held.composite.unrecorded:
                yield from _inside(plan, before, at, held.composite, further)
