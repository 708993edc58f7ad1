"""Validates an event against the state machine that it is sent to."""

from __future__ import annotations

from runfold.engine.evolve.compensation import can_advance
from runfold.engine.state.nodes import NodeState
from runfold.engine.state.runs import RunState
from runfold.engine.state.scopes import node_at
from runfold.engine.state.state_machines import MOST_QUEUED, Machine
from runfold.errors import Conflict, InvalidRequest
from runfold.graph.kinds.state_machine import events_of, is_final
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of, review_token, split_address


def machine_with(state: RunState, token: str) -> str | None:
    """The address of the active state machine that has a token, or None."""
    for address in state.open:
        node = state.nodes[address]
        if machine_under_way(node) and token == review_token(state.run_id, address, node.attempt):
            return address if can_advance(state, address) and not state.ended else None
    return None


def machine_under_way(node: NodeState) -> Machine | None:
    """A node's state machine, while it is active."""
    machine = node.composite
    return machine if node.status == "active" and isinstance(machine, Machine) else None


def is_resting(planned: PlanNode, node: NodeState) -> bool:
    """Whether a node is a state machine that waits for the next event."""
    machine = machine_under_way(node)
    if machine is None or is_final(planned.config, machine.state):
        return False
    is_entered = machine.entered or machine.state not in planned.bodies
    has_work = bool(machine.target) or machine.next_event is not None
    return is_entered and machine.is_idle and not has_work


def events_taken(planned: PlanNode, node: NodeState) -> tuple[str, ...]:
    """The events that a machine takes where it rests; all that it knows while it is busy."""
    machine = machine_under_way(node)
    if machine is None:
        return ()
    return events_of(planned.config, machine.state if is_resting(planned, node) else "")


def check_event(plan: Plan, state: RunState, address: str, event: str) -> None:
    """Refuse an event that the machine at an address cannot take.

    Raises:
        InvalidRequest: None of its states takes such an event.
        Conflict: The state that it rests in does not take it, or its queue is full.
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
        message = (
            f"state machine {where!r} in state {machine.state!r} does not accept event {event!r}; "
            f"{takes}"
        )
        raise Conflict(message, code="machine.not_taken", details={**details, "takes": taken})
    if machine is not None and machine.is_full:
        message = (
            f"{MOST_QUEUED} events wait for state machine {where!r}, which is the most: "
            f"send {event!r} again later"
        )
        raise Conflict(message, code="machine.full", details=details)
