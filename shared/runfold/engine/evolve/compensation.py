"""Compensation: a run that cannot reach its end undoes what it has completed, newest first.

Three phases, all of them folds of the log. Until attempts that may have begun have ended, nothing
is undone, so that the order is right whatever they come to. Then compensation nodes run one at a
time, like any other node. When none is left the run ends, by what became of them.
Why `run_compensating` ends nothing is told in the ADR on sagas.
"""

from __future__ import annotations

from msgspec.structs import replace
from rpds import HashTrieMap, List

from runfold.contracts import events as e
from runfold.engine.evolve.nodes import next_node
from runfold.engine.state.run import NodeState, RunState, Saga, Undoing
from runfold.engine.state.scopes import is_open, plan_of
from runfold.engine.state.usage import added
from runfold.graph.kinds import INLINE
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of, parent_of_scope, split_address

UNDER_WAY = frozenset({"ready", "running"})
"""Statuses of a task whose attempt an executor may have begun."""

NOT_BEGUN = "node.not_begun"
"""Code of the failure by which an executor says that it dropped a task it had not begun."""
Step = tuple[RunState, tuple[str, ...]]


# --- what is completed, and may have to be undone -------------------------------------------------


def completed(plan: Plan, state: RunState, address: str, planned: PlanNode) -> RunState:
    """Note that a node has succeeded: what undoes it stands for all that is inside."""
    if not planned.compensate or state.forking or _is_covered(plan, state, address):
        return state
    kept = state.completed
    if planned.group == INLINE:
        # A composite: nothing else that is decided inline can be undone.
        inside = f"{address}["
        kept = List([other for other in kept if not other.startswith(inside)])
    return replace(state, completed=kept.push_front(address))


def is_complete(plan: Plan, state: RunState) -> bool:
    """Whether every node has ended: then only success is left, and nothing is undone."""
    return state.scopes[""].ended == plan.forward


def settled_late(plan: Plan, state: RunState, record: e.Recorded, event: e.AnyNodeEvent) -> Step:
    """A fact about a node that nothing follows from any more: of a given-up scope, or of a saga.

    It counts only for whether the node has to be undone.
    """
    address = address_of(event.scope, event.node_id)
    planned, before = _planned(plan, address), state.nodes.get(address)
    if planned is None or before is None or not _may_matter(plan, address):
        return state, ()
    if state.saga is not None and _has_begun_after_all(before, event):
        before = replace(before, status="ready", error=None)
    elif before.status not in UNDER_WAY or (state.saga is not None and address not in state.open):
        return state, ()
    after = next_node(before, event, record.time)
    if after is None or (before.status == "running" and _is_unbegun(event)):
        return state, ()
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
    state, touched = _next(plan, state)
    return state, (address, *touched)


# --- from run_compensating on ---------------------------------------------------------------------


def begin_saga(plan: Plan, state: RunState, record: e.Recorded, event: e.RunCompensating) -> Step:
    """Stop all that goes forward; wait for what may be under way."""
    if state.saga is not None or is_complete(plan, state):
        return state, ()
    # Nothing was ever handed out of a run that waited for its place, or was being forked.
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
    state, touched = _next(plan, state)
    return state, ("", *under_way, *touched)


def is_undoing(state: RunState, address: str) -> bool:
    """Whether an address is that of the compensation node at work, or inside it."""
    undoing = state.saga.undoing if state.saga else None
    return undoing is not None and (address == undoing.by or address.startswith(f"{undoing.by}["))


def goes_on(state: RunState, address: str) -> bool:
    """Whether something may follow from a fact about a node."""
    if state.saga is not None and not is_undoing(state, address):
        return False
    return is_open(state, split_address(address)[0])


def counts(state: RunState, address: str) -> bool:
    """Whether what is to come of a node may still change the run."""
    return goes_on(state, address) or (state.saga is not None and address in state.open)


def undone(plan: Plan, state: RunState) -> Step:
    """The compensation node at work has ended: the next one's turn."""
    saga = state.saga
    if saga is None or saga.undoing is None:
        return state, ()
    state = replace(
        state,
        saga=replace(saga, undoing=None, log=(*saga.log, saga.undoing)),
        open=state.open.discard(saga.undoing.by),
    )
    state, touched = _next(plan, state)
    return state, (saga.undoing.by, *touched)


def _next(plan: Plan, state: RunState) -> Step:
    saga = state.saga
    if saga is None or saga.undoing or state.open or not state.completed:
        return state, ("",)
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
    """The address of the node that undoes one."""
    planned = _planned(plan, address)
    scope, _ = split_address(address)
    return address_of(scope, planned.compensate if planned else "")


def _under_way(plan: Plan, state: RunState) -> list[str]:
    found = []
    for address, node in state.nodes.items():
        if node.status in UNDER_WAY:
            planned = _planned(plan, address)
            if planned is None or planned.group == INLINE:
                continue
            if planned.compensate or _is_covered(plan, state, address):
                found.append(address)
    return sorted(found)


def _has_begun_after_all(node: NodeState, event: e.AnyNodeEvent) -> bool:
    """Whether a task was dropped from one place of its queue, and begun from another."""
    begun = isinstance(event, e.NodeRunStarted | e.NodeRunSucceeded)
    dropped = node.status == "failing" and node.error is not None and node.error.code == NOT_BEGUN
    return begun and dropped


def _is_unbegun(event: e.AnyNodeEvent) -> bool:
    """Whether a task was dropped; of one that was queued twice, the other copy may run."""
    return isinstance(event, e.NodeRunFailed) and event.error.code == NOT_BEGUN


def _may_matter(plan: Plan, address: str) -> bool:
    """Whether a node can be undone, by itself or with a composite around it."""
    while True:
        planned = _planned(plan, address)
        if planned is not None and planned.compensate:
            return True
        scope, _ = split_address(address)
        if not scope:
            return False
        address, _ = parent_of_scope(scope)


def _is_covered(plan: Plan, state: RunState, address: str) -> bool:
    """Whether a composite around an address has succeeded, and is undone as a whole."""
    scope, _ = split_address(address)
    while scope:
        around, _ = parent_of_scope(scope)
        planned = _planned(plan, around)
        held = state.nodes.get(around)
        if planned and planned.compensate and held and held.status == "succeeded":
            return True
        scope, _ = split_address(around)
    return False


def _planned(plan: Plan, address: str) -> PlanNode | None:
    scope, node_id = split_address(address)
    inner = plan_of(plan, scope)
    return inner.nodes.get(node_id) if inner else None
