"""Compensation: a run that cannot reach its end undoes what it has completed, newest first.

Three phases, all of them folds of the log. First the run waits for attempts that may have begun, so
that the order is right. Then compensation nodes run one at a time, like any other node. When none
is left the run ends, and how depends on what became of them. ADR 15 tells why `run_compensating`
ends nothing.
"""

from __future__ import annotations

from msgspec.structs import replace
from rpds import HashTrieMap, List

from runfold.contracts import events as e
from runfold.engine.evolve.nodes import next_node
from runfold.engine.state.nodes import NodeState
from runfold.engine.state.runs import RunState, Saga, Undoing
from runfold.engine.state.scopes import is_open, planned_at
from runfold.engine.state.step import RUN, UNTOUCHED, Step
from runfold.engine.state.usage import added
from runfold.errors import Failure
from runfold.graph.kinds import INLINE
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of, parent_of_scope, split_address

UNDER_WAY = frozenset({"ready", "running"})
"""Statuses of a task whose attempt an executor may have begun."""

NOT_BEGUN = "node.not_begun"
"""Code of the failure by which an executor says that it dropped a task it had not begun."""


# --- nodes that are completed, and may have to be undone ------------------------------------------


def completed(plan: Plan, state: RunState, address: str, planned: PlanNode) -> RunState:
    """Note a node that has succeeded and can be undone, in place of all that is inside it."""
    if not planned.compensate or state.forking or _is_covered(plan, state, address):
        return state
    kept = state.completed
    if planned.group == INLINE:
        # A composite: nothing else that is decided inline can be undone.
        inside = f"{address}["
        kept = List([other for other in kept if not other.startswith(inside)])
    return replace(state, completed=kept.push_front(address))


def is_complete(plan: Plan, state: RunState) -> bool:
    """Whether every node has ended: the run can only succeed now."""
    return state.scopes[""].ended == plan.forward


def evolve_late(plan: Plan, state: RunState, record: e.Recorded, event: e.AnyNodeEvent) -> Step:
    """Fold an event about a node of a closed scope, or of a run that compensates.

    It only matters for whether the node has to be undone.
    """
    address = address_of(event.scope, event.node_id)
    planned, before = planned_at(plan, address), state.nodes.get(address)
    if planned is None or before is None or not _may_matter(plan, address):
        return state, UNTOUCHED
    if state.saga is not None and _has_begun_after_all(before, event):
        before = replace(before, status="ready", error=None)
    elif before.status not in UNDER_WAY or (state.saga is not None and address not in state.open):
        return state, UNTOUCHED
    after = next_node(planned, before, event, record.time)
    if after is None or (before.status == "running" and _is_unbegun(event)):
        return state, UNTOUCHED
    state = replace(
        state,
        last_seq=record.seq,
        now=record.time,
        usage=state.usage if after.usage is None else added(state.usage, after.usage),
        nodes=state.nodes.insert(address, after),
    )
    if after.status == "succeeded":
        state = completed(plan, state, address, planned)
    if state.saga is None:
        return state, (address,)
    opened = state.open.discard(address)
    if after.status in UNDER_WAY:
        opened = opened.insert(address, None)
    state = replace(state, open=opened)
    state, touched = _begin_next(plan, state)
    return state, (address, *touched)


# --- from run_compensating on ---------------------------------------------------------------------


def begin_saga(plan: Plan, state: RunState, record: e.Recorded, event: e.RunCompensating) -> Step:
    """Stop everything that goes forward, and wait for attempts that may be under way."""
    if state.saga is not None or is_complete(plan, state):
        return state, UNTOUCHED
    # A run that is queued, or is being forked, has handed out no task.
    idle = state.status == "queued" or state.forking
    under_way = [] if idle else _under_way(plan, state)
    state = replace(
        state,
        status="compensating",
        pause_reason="",
        parked=False,
        error=None if event.cause == "cancel" else event.error,
        error_address=address_of(event.scope, event.node_id) if event.node_id else "",
        cancel_reason=event.reason if event.cause == "cancel" else "",
        saga=Saga(cause=event.cause, error=event.error),
        open=HashTrieMap(dict.fromkeys(under_way)),
        last_seq=record.seq,
        now=record.time,
    )
    state, touched = _begin_next(plan, state)
    return state, ("", *under_way, *touched)


def has_undone_all(state: RunState, saga: Saga) -> bool:
    """Whether nothing is left to undo, and no attempt is under way that may have to be."""
    return not (state.open or saga.undoing or state.completed)


def left_as_it_is(state: RunState) -> Failure | None:
    """What a run that ends now leaves to be undone; None when that is nothing, or as it was wanted.

    A run decides to end when all is undone. A task that was queued twice, and reported as dropped
    by one executor, may come to a result before that event is in the log: the event ends the run
    all the same, as every reader of the log relies on. A run that is cancelled while it is paused
    is left as it is.
    """
    saga = state.saga
    if saga is None or state.status == "paused" or has_undone_all(state, saga):
        return None
    nodes = {*state.completed, *state.open}
    if saga.undoing is not None:
        nodes = nodes - {saga.undoing.by} | {saga.undoing.address}
    left = sorted(nodes)
    message = (
        f"{', '.join(left)}: not undone, since the result came when the run had decided to end"
    )
    return Failure(
        code="run.compensation_failed",
        message=message,
        kind="internal",
        details={"nodes": left, "cause": saga.error.code},
    )


def is_undoing(state: RunState, address: str) -> bool:
    """Whether an address is that of the undoing node under way, or inside it."""
    undoing = state.saga.undoing if state.saga else None
    return undoing is not None and (address == undoing.by or address.startswith(f"{undoing.by}["))


def can_advance(state: RunState, address: str) -> bool:
    """Whether an event about a node may lead to further ones."""
    if state.saga is not None and not is_undoing(state, address):
        return False
    return is_open(state, split_address(address)[0])


def counts(state: RunState, address: str) -> bool:
    """Whether a later event about a node may still change the run."""
    return can_advance(state, address) or (state.saga is not None and address in state.open)


def undoing_ended(plan: Plan, state: RunState) -> Step:
    """Note that the undoing under way has ended, and begin the next one."""
    saga = state.saga
    if saga is None or saga.undoing is None:
        return state, UNTOUCHED
    state = replace(
        state,
        saga=replace(saga, undoing=None, log=(*saga.log, saga.undoing)),
        open=state.open.discard(saga.undoing.by),
    )
    state, touched = _begin_next(plan, state)
    return state, (saga.undoing.by, *touched)


def _begin_next(plan: Plan, state: RunState) -> Step:
    saga = state.saga
    if saga is None or saga.undoing or state.open or not state.completed:
        return state, RUN
    address = next(iter(state.completed))
    by = undone_by(plan, address)
    ready = NodeState(status="ready", changed_at=state.now)
    state = replace(
        state,
        completed=state.completed.drop_first(),
        nodes=state.nodes.insert(by, ready),
        open=state.open.insert(by, None),
        saga=replace(saga, undoing=Undoing(address, by)),
    )
    return state, (by,)


def undone_by(plan: Plan, address: str) -> str:
    """The address of the node that undoes the one at an address."""
    planned = planned_at(plan, address)
    scope, _ = split_address(address)
    return address_of(scope, planned.compensate if planned else "")


def _under_way(plan: Plan, state: RunState) -> list[str]:
    found = []
    for address, node in state.nodes.items():
        if node.status in UNDER_WAY:
            planned = planned_at(plan, address)
            if planned is None or planned.group == INLINE:
                continue
            if planned.compensate or _is_covered(plan, state, address):
                found.append(address)
    return sorted(found)


def _has_begun_after_all(node: NodeState, event: e.AnyNodeEvent) -> bool:
    """Whether one copy of a task was dropped unbegun and another copy has begun."""
    begun = isinstance(event, e.NodeRunStarted | e.NodeRunSucceeded)
    dropped = node.status == "failing" and node.error is not None and node.error.code == NOT_BEGUN
    return begun and dropped


def _is_unbegun(event: e.AnyNodeEvent) -> bool:
    """Whether a task was dropped unbegun. If it was queued twice, the other copy may run."""
    return isinstance(event, e.NodeRunFailed) and event.error.code == NOT_BEGUN


def _may_matter(plan: Plan, address: str) -> bool:
    """Whether a node can be undone, alone or together with a composite around it."""
    while True:
        planned = planned_at(plan, address)
        if planned is not None and planned.compensate:
            return True
        scope, _ = split_address(address)
        if not scope:
            return False
        address, _ = parent_of_scope(scope)


def _is_covered(plan: Plan, state: RunState, address: str) -> bool:
    """Whether a composite around an address has succeeded and is undone as a whole."""
    scope, _ = split_address(address)
    while scope:
        around, _ = parent_of_scope(scope)
        planned = planned_at(plan, around)
        held = state.nodes.get(around)
        if planned and planned.compensate and held and held.status == "succeeded":
            return True
        scope, _ = split_address(around)
    return False
