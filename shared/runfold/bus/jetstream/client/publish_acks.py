"""What a stream answers to a published message: its ack, or why it does not take it."""

from __future__ import annotations

import msgspec

from runfold.errors import BusUnavailable, InvalidRequest, RunfoldError

PASSING = frozenset({10008, 10009, 10118, 10158, 10164, 10167})
"""Server error codes: no leader yet, not the leader, offline, the same id or a conflicting write is
under way, too many requests."""
STREAM_FULL = frozenset({10077, 10047, 10023})
"""Server error codes: message or byte limit, storage, resources."""
SCHEDULE_REFUSED = frozenset((10189, 10223))
"""Server error codes: a schedule's pattern, or its time zone."""
SEQUENCE_MISMATCH = 10071


class PublishError(msgspec.Struct):
    """Why a stream does not take a message."""

    code: int = 0
    err_code: int = 0
    description: str = ""


class PublishAck(msgspec.Struct):
    """The answer."""

    seq: int = 0
    duplicate: bool = False
    error: PublishError | None = None


class SequenceMismatch(RunfoldError):
    """The subject already has a message where none was expected."""

    code = "bus.sequence_mismatch"


def refusal(subject: str, error: PublishError) -> RunfoldError:
    """An error of ours for one of the server's."""
    if error.err_code == SEQUENCE_MISMATCH:
        return SequenceMismatch(f"{subject} has a message already")
    if error.err_code in SCHEDULE_REFUSED:
        message = f"NATS refuses the schedule: {error.description}"
        return InvalidRequest(message, code="cron.refused")
    full = error.err_code in STREAM_FULL
    message = f"NATS refuses {subject}: {error.description}"
    return BusUnavailable(message, code="bus.full" if full else None)
