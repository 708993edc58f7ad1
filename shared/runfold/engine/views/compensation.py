"""The compensation log: which completed nodes are undone, in which order, and how far that is."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from runfold.engine.evolve.compensation import undone_by
from runfold.engine.state.nodes import GAVE_OUTPUTS, NodeState
from runfold.engine.state.runs import RunState, Undoing
from runfold.errors import Failure
from runfold.graph.plan.plan import Plan
from runfold.ids import split_address


class CompensationView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One completed node that is to be undone. Times are Unix seconds of the stream."""

    node: str
    address: str
    by: str
    """Address of the node that undoes it."""
    status: str
    """pending, running, compensated, failed; cancelled when the run ended first."""
    attempt: int = 1
    error: Failure | None = None
    started_at: float | None = None
    finished_at: float | None = None


def compensation_log(plan: Plan, state: RunState) -> tuple[CompensationView, ...]:
    """The nodes to undo, in that order; empty unless the run compensates or has compensated."""
    return tuple(_entry(state, one) for one in _in_order(plan, state))


def _in_order(plan: Plan, state: RunState) -> Iterator[Undoing]:
    if state.saga is None:
        return
    yield from state.saga.log
    if state.saga.undoing is not None:
        yield state.saga.undoing
    for address in state.completed:
        yield Undoing(address, undone_by(plan, address))


def _entry(state: RunState, one: Undoing) -> CompensationView:
    _, node_id = split_address(one.address)
    held = state.nodes.get(one.by) or NodeState(status="ready")
    return CompensationView(
        node=node_id,
        address=one.address,
        by=one.by,
        status=_status(state, held),
        attempt=held.attempt,
        error=held.error,
        started_at=held.started_at,
        finished_at=held.finished_at if held.status in GAVE_OUTPUTS else None,
    )


def _status(state: RunState, held: NodeState) -> str:
    match held.status:
        case "succeeded":
            return "compensated"
        case "exception":
            return "failed"
        case _ if state.ended:
            return "cancelled"
        case _:
            return "pending" if held.started_at is None else "running"
