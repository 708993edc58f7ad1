"""Which events a state machine takes now, and what is said to who sends another."""

from __future__ import annotations

from runfold.engine.evolve.compensation import goes_on
from runfold.engine.state.run import NodeState, RunState
from runfold.engine.state.scopes import node_at
from runfold.engine.state.state_machines import MOST_QUEUED, Machine
from runfold.errors import Conflict, InvalidRequest
from runfold.graph.kinds.state_machine import events_of, is_final
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of, review_token, split_address


def machine_with(state: RunState, token: str) -> str | None:
    """The address of the state machine under way that has a token, or None."""
    for address in state.open:
        node = state.nodes[address]
        if machine_under_way(node) and token == review_token(state.run_id, address, node.attempt):
            return address if goes_on(state, address) and not state.ended else None
    return None


def machine_under_way(node: NodeState) -> Machine | None:
    """A node's state machine, while it is under way."""
    return node.loop.machine if node.status == "looping" and node.loop is not None else None


def is_resting(planned: PlanNode, node: NodeState) -> bool:
    """Whether a node is a state machine that does nothing before the next event comes."""
    loop, machine = node.loop, machine_under_way(node)
    if loop is None or machine is None or is_final(planned.config, machine.state):
        return False
    is_entered = machine.entered or machine.state not in planned.bodies
    is_busy = loop.under_way or loop.settled or machine.target or machine.next
    return is_entered and not is_busy


def events_taken(planned: PlanNode, node: NodeState) -> tuple[str, ...]:
    """The events a machine takes where it rests; all it knows while that may still change."""
    machine = machine_under_way(node)
    if machine is None:
        return ()
    return events_of(planned.config, machine.state if is_resting(planned, node) else "")


def check_event(plan: Plan, state: RunState, address: str, event: str) -> None:
    """Refuse an event that the machine at an address cannot take.

    Raises:
        InvalidRequest: No state of it takes such an event.
        Conflict: The state it rests in does not, or too many wait to be handled.
    """
    planned, node = node_at(plan, address), state.nodes[address]
    scope, _ = split_address(address)
    machine = machine_under_way(node)
    details = {"node": planned.id, "scope": scope, "event": event}
    where = address_of(scope, planned.id)
    known = events_of(planned.config)
    if event not in known:
        message = f"state machine {where!r} has no event {event!r}; events: {', '.join(known)}"
        raise InvalidRequest(message, code="machine.unknown_event", details=details)
    taken = events_taken(planned, node)
    if machine is not None and event not in taken:
        takes = f"it takes: {', '.join(taken)}" if taken else "it takes none"
        message = f"state machine {where!r} is in {machine.state!r}, not open to {event!r}; {takes}"
        raise Conflict(message, code="machine.not_taken", details={**details, "takes": taken})
    if machine is not None and machine.is_full:
        message = f"{MOST_QUEUED} events wait for state machine {where!r}: send {event!r} again"
        raise Conflict(message, code="machine.full", details=details)
