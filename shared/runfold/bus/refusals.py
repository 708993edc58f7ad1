"""How queries are answered, and refusals of queries. The same for every bus."""

from __future__ import annotations

import structlog

from runfold.bus.ports.bus import Answering
from runfold.contracts.codec import encode
from runfold.contracts.queries import answerer
from runfold.errors import (
    BusUnavailable,
    Conflict,
    Failure,
    InvalidRequest,
    NotFound,
    PayloadTooLarge,
    RunfoldError,
)

log = structlog.get_logger("bus")

HEADER = "Runfold-Refused"
"""Header of an answer that is a `Failure`; its value says whose fault it is."""
ASKER = "asker"
ANSWERER = "answerer"
_ASKERS: dict[str, type[RunfoldError]] = {
    ASKER: InvalidRequest,
    "not_found": NotFound,
    "conflict": Conflict,
    "too_large": PayloadTooLarge,
}
"""Value of the header → the error that the asker gets, where the fault is its own."""


async def answered(
    verb: str, handler: Answering, body: bytes
) -> tuple[bytes, dict[str, str] | None]:
    """The body and the headers of an answer; what the handler raises is answered too."""
    try:
        return await handler(body), None
    except Exception as error:  # noqa: BLE001 -- the asker waits: any error is an answer
        failure, whose = refusal(verb, error)
        return encode(failure), {HEADER: whose}


def refusal(verb: str, error: Exception) -> tuple[Failure, str]:
    """The failure to answer with, and whose fault it is."""
    log.warning("query not carried out", verb=verb, exc_info=error)
    own = (value for value, kind in _ASKERS.items() if isinstance(error, kind))
    whose = next(own, ANSWERER)
    if isinstance(error, RunfoldError):
        return error.failure(), whose
    # A bug: the log has all of it, the asker gets nothing of its inside.
    return Failure(answerer(verb).code, "it failed; its log says why"), whose


def refused(verb: str, failure: Failure, whose: str) -> RunfoldError:
    """The asker's error: its own fault, or one after which asking again can help."""
    if whose in _ASKERS:
        return _ASKERS[whose](failure.message, code=failure.code, details=failure.details)
    message = f"the {answerer(verb).service} cannot answer {verb!r}: {failure.message}"
    return BusUnavailable(message, code=failure.code)
