"""Whether, and as what, a dead letter may go back to where it came from. The same for every bus."""

from __future__ import annotations

import base64

import msgspec

from runfold.bus.ports import EventLog, KeptLetter
from runfold.contracts import subjects
from runfold.contracts.codec import decode_request, decode_task
from runfold.contracts.events import TERMINAL_RUN_EVENTS, event_type
from runfold.errors import Conflict, InvalidRequest, NotFound, Undecodable

TASKS = subjects.TASKS_ALL.removesuffix(">")
REQUESTS = subjects.REQUESTS_ALL.removesuffix(">")


class Again(msgspec.Struct, frozen=True):
    """A message that may be published once more."""

    subject: str
    body: bytes
    msg_id: str


async def again(kept: KeptLetter, events: EventLog) -> Again:
    """The message that a letter holds.

    Raises:
        InvalidRequest: It was no task and no request, was not kept whole, or cannot be read.
        Conflict: It is a task of a run that is gone, or has ended.
    """
    letter = kept.letter
    is_task = letter.source.startswith(TASKS)
    if not is_task and not letter.source.startswith(REQUESTS):
        message = (
            f"dead letter {kept.seq} came on {letter.source!r}: only tasks and requests can be "
            "queued again"
        )
        raise InvalidRequest(message, code="dead.not_queued")
    body = base64.b64decode(letter.body)
    if len(body) < letter.size:
        message = (
            f"dead letter {kept.seq} has {len(body)} of its message's {letter.size} bytes: too "
            "little to queue it again"
        )
        raise InvalidRequest(message, code="dead.cut")
    try:
        if is_task:
            await _check_run(decode_task(body).run_id, events)
        else:
            decode_request(letter.source.removeprefix(REQUESTS), body)
    except Undecodable as error:
        message = f"dead letter {kept.seq} would only come back: {error}"
        raise InvalidRequest(message, code="dead.unreadable") from error
    return Again(letter.source, body, f"dead:{kept.seq}:again")


async def _check_run(run_id: str, events: EventLog) -> None:
    records = await events.read_run(run_id)
    if not records:
        message = f"run {run_id!r} is gone: its task has nothing to go on"
        raise Conflict(message, code="run.gone", details={"run_status": "gone"})
    for record in records:
        if isinstance(record.event, TERMINAL_RUN_EVENTS):
            status = event_type(record.event).removeprefix("run_")
            message = f"run {run_id!r} has ended already: it is {status}"
            raise Conflict(message, code="run.ended", details={"run_status": status})


def no_letter(seq: int) -> NotFound:
    """The error for a letter that is not there."""
    return NotFound(f"no dead letter {seq}", code="dead.not_found")
