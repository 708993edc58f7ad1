"""Whether, and as what, a dead letter may go back to where it came from. The same for every bus."""

from __future__ import annotations

import msgspec

from runfold.bus.ports.stores import KeptLetter
from runfold.bus.run_log import RunLog
from runfold.contracts import subjects
from runfold.contracts.codec import decode_request, decode_task
from runfold.contracts.tasks import Task
from runfold.engine.evolve.compensation import counts
from runfold.engine.history.fold import Folder
from runfold.engine.views.runs import node_document
from runfold.errors import Conflict, InvalidRequest, NotFound, Undecodable
from runfold.ids import address_of

TASKS = subjects.TASKS_ALL.removesuffix(">")
REQUESTS = subjects.REQUESTS_ALL.removesuffix(">")


class Again(msgspec.Struct, frozen=True):
    """A message that may be published once more."""

    subject: str
    body: bytes
    msg_id: str


async def again(kept: KeptLetter, runs: RunLog) -> Again:
    """The message that a letter holds.

    Raises:
        InvalidRequest: It was no task and no request, was not kept whole, or cannot be read.
        Conflict: It is a task of a run that is gone, has ended or cannot be read, or of an attempt
            that is settled.
    """
    letter = kept.letter
    is_task = letter.source.startswith(TASKS)
    if not is_task and not letter.source.startswith(REQUESTS):
        message = (
            f"dead letter {kept.seq} came on {letter.source!r}: only tasks and requests can be "
            "queued again"
        )
        raise InvalidRequest(message, code="dead.not_queued")
    body = letter.message()
    if len(body) < letter.size:
        message = (
            f"dead letter {kept.seq} has {len(body)} of its message's {letter.size} bytes: too "
            "little to queue it again"
        )
        raise InvalidRequest(message, code="dead.cut")
    try:
        if is_task:
            await _check_task(decode_task(body), runs)
        else:
            decode_request(letter.source.removeprefix(REQUESTS), body)
    except Undecodable as error:
        message = f"dead letter {kept.seq} would only come back: {error}"
        raise InvalidRequest(message, code="dead.unreadable") from error
    return Again(letter.source, body, f"dead:{kept.seq}:again")


async def _check_task(task: Task, runs: RunLog) -> None:
    """A task is worth something only while its own attempt may still come to a result."""
    run_id = task.run_id
    folder = await runs.find(run_id)
    if folder is None:
        message = f"run {run_id!r} is gone: its task has nothing to go on"
        raise Conflict(message, code="run.gone", details={"run_status": "gone"})
    if address_of(task.scope, task.node_id) not in folder.state.nodes:
        # Its item may have ended: only the whole log has what came of it.
        folder = await runs.whole(run_id)
    _check_attempt(task, folder)


def _check_attempt(task: Task, folder: Folder) -> None:
    run_id, state = task.run_id, folder.state
    if state.ended:
        message = f"run {run_id!r} has ended already: it is {state.status}"
        raise Conflict(message, code="run.ended", details={"run_status": state.status})
    address = address_of(task.scope, task.node_id)
    node = state.nodes.get(address)
    is_due = (
        node is not None
        and node.status in ("ready", "running")
        and node.attempt == task.attempt
        and counts(state, address)
    )
    if not is_due:
        # In the words of the API, which tell what was given up from what runs.
        status = node_document(folder.plan, state, address).status if node is not None else "absent"
        message = (
            f"attempt {task.attempt} of node {address!r} in run {run_id!r} would be work for "
            f"nothing: the node is {status}" + (f" at attempt {node.attempt}" if node else "")
        )
        details = {"run_id": run_id, "node": address, "node_status": status}
        raise Conflict(message, code="node.settled", details=details)


def no_letter(seq: int) -> NotFound:
    """The error for a letter that is not there."""
    return NotFound(f"no dead letter {seq}", code="dead.not_found")
