"""Nodes that no future decision can read, so that their state can be dropped.

This keeps the memory of long runs small. It is for callers that only decide; views need all nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
    match event:
        case e.LoopItemSucceeded() | e.LoopItemFailed() | e.StateHandlerSucceeded():
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
    """Nodes inside some of a composite's scopes; None: all whose result is not recorded."""
    address = address_of(event.scope, event.node_id)
    node = before.nodes.get(address)
    if node is None or node.composite is None:
        return
    if indexes is None and not _ends(event):
        return
    composite = node.composite
    for index in composite.unrecorded if indexes is None else indexes:
        yield from _inside(plan, before, address, composite, index)


def _ends(event: e.NodeEvent) -> bool:
    """Whether an event about a composite can only be its end."""
    return not isinstance(event, e.TimerFired) or event.timer == "timeout"


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
