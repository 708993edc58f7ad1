"""Answers `runfold.query.fetch`: gets a URL through the guard, and keeps the answer as a file."""

from __future__ import annotations

import msgspec

from runfold.contracts.fetching import LONGEST, Fetch, Fetched
from runfold.contracts.json_reader import read_json
from runfold.contracts.queries import FETCH
from runfold.errors import BusUnavailable, InvalidRequest, RunfoldError, Undecodable
from runfold.executor.files import AttemptFiles
from runfold.executor.node import QueryExecutor
from runfold_executor_http import http_request
from runfold_executor_http.calls import Call
from runfold_executor_http.outside import Outside
from runfold_executor_http.received import kept_as_file
from runfold_executor_http.replies import failed_status

MOST_SECONDS = 300.0
"""Of one fetch."""


async def fetched(outside: Outside, body: bytes) -> bytes:
    """Get what is asked for. What goes wrong with it is an answer too.

    Raises:
        InvalidRequest: `query.invalid`, `fetch.invalid`.
        BusUnavailable: The file cannot be stored.
    """
    try:
        asked = read_json(body, Fetch)
    except Undecodable as error:
        message = f"not a question: {error.message}"
        raise InvalidRequest(message, code="query.invalid") from error
    if len(asked.url) > LONGEST or not 0 < asked.timeout <= MOST_SECONDS:
        message = (
            f"a URL has at most {LONGEST} characters, and a timeout is over 0 and at most "
            f"{MOST_SECONDS:g} s"
        )
        raise InvalidRequest(message, code="fetch.invalid")
    try:
        answer = await _got(outside, asked)
    except BusUnavailable:
        raise
    except RunfoldError as error:
        answer = Fetched(error=error.failure())
    return msgspec.json.encode(answer)


async def _got(outside: Outside, asked: Fetch) -> Fetched:
    call = Call(method="GET", url=asked.url.strip(), timeout=asked.timeout)
    reply = await outside.egress.send(call)
    if reply.broken is not None:
        raise reply.broken
    if reply.failed:
        raise failed_status(call.method, reply)
    files = AttemptFiles(outside.files, outside.settings)
    try:
        return Fetched(file=await kept_as_file(reply, files), url=reply.url)
    finally:
        await files.close()


QUERY = QueryExecutor(FETCH, http_request.NODE, fetched)
