"""Validates a request to pause, resume, retry or fork a run against the run's state.

Clients ask first, so that a wrong request is refused at once. The scheduler asks again, and its
answer counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from runfold.contracts.events import Recorded
from runfold.engine.state.runs import RunState
from runfold.errors import Conflict, InvalidRequest, NotFound


def check_pause(state: RunState) -> None:
    """Raise `Conflict` unless the run can be paused."""
    if state.status not in ("running", "compensating"):
        raise _wrong_state(state, "cannot be paused", "only a running run can", "run.not_running")


def check_resume(state: RunState) -> None:
    """Raise `Conflict` unless the run is paused."""
    if state.status != "paused":
        raise _wrong_state(state, "cannot be resumed", "only a paused run can", "run.not_paused")


def check_retry(state: RunState, from_node: str) -> None:
    """Check that a run can be run again, from a node when one is named.

    Raises:
        Conflict: The run has not ended, or nothing in it failed and no node is named.
        NotFound: The run did not reach the node.
    """
    if not state.ended:
        first = "cancel it first" if state.saga is None else "wait until it has ended"
        raise _wrong_state(state, "cannot be retried", first, "run.not_ended")
    if state.saga is not None and state.saga.log:
        why = "what it had completed was undone; start a new run, or fork it before that"
        raise _wrong_state(state, "cannot be retried", why, "run.compensated")
    if not from_node and state.status in ("succeeded", "partial_succeeded"):
        why = "nothing failed it: name the node to run again from"
        raise _wrong_state(state, "cannot be retried", why, "run.nothing_failed")
    if from_node and from_node not in state.nodes:
        known = ", ".join(sorted(state.nodes)[:12])
        message = f"run {state.run_id!r} never came to node {from_node!r}; it came to {known}"
        raise NotFound(message, code="node.not_found", details={"run_status": state.status})


def forked_at(run_id: str, records: Sequence[Recorded], at: int) -> int:
    """The sequence of a run's newest event up to another sequence: there it can be forked.

    Raises:
        InvalidRequest: It has no event up to there; the message names the range.
    """
    up_to = [record.seq for record in records if record.seq <= at]
    if up_to:
        return up_to[-1]
    message = (
        f"run {run_id!r} has no event up to sequence {at}: its {len(records)} events are "
        f"from {records[0].seq} to {records[-1].seq}"
    )
    details = {"first": records[0].seq, "last": records[-1].seq}
    raise InvalidRequest(message, code="fork.no_such_event", details=details)


def _wrong_state(state: RunState, what: str, hint: str, code: str) -> Conflict:
    message = f"run {state.run_id!r} is {state.status} and {what}: {hint}"
    return Conflict(message, code=code, details={"run_status": state.status})
