"""Which statuses a route can answer beside its successes: what it is decides nearly all of them."""

from __future__ import annotations

from collections.abc import Iterator

from runfold_gateway.door.origins import SAFE

DESCRIPTIONS = {
    400: "`cursor.invalid`: the cursor is none of this list's; `http.400`: the body is not whole",
    401: "`auth.required`, `auth.invalid`: the gateway asks for a key",
    403: "`origin.not_allowed`: a page of another site may not change anything",
    404: "`….not_found`: there is nothing of that id",
    408: "`http.408`: the body did not come in time",
    409: "The state of what it is about does not allow it; `code` and `detail` say why",
    412: "The stored draft is another than `If-Match` names; the problem has it",
    413: "`http.413`, `payload.too_large`: more than is taken",
    415: "`http.415`: a media type, charset or encoding that is not taken",
    421: "`host.not_allowed`: the name in `Host` is not the gateway's",
    416: "`file.range`: the file has no such bytes",
    422: "What was sent does not fit: a parameter, the body, or what they ask for",
    500: "`internal` or the code of what is stored and damaged; the log says more",
    503: "`bus.…`: NATS cannot be reached or is full; try again after `Retry-After`",
}
"""Every status that a problem can have."""
HEADERS = {
    401: ("WWW-Authenticate", "How to send a key"),
    503: ("Retry-After", "Seconds to wait"),
}
ALWAYS = (401, 421, 422, 500, 503)


def statuses(
    method: str, *, in_path: bool, body: bool, parameters: frozenset[str]
) -> Iterator[int]:
    """The statuses of problems that follow from what a route is."""
    yield from ALWAYS
    if method not in SAFE:
        yield 403
    if in_path:
        yield 404
    if in_path and method not in SAFE:
        yield 409
    if body:
        yield from (400, 408, 413, 415)
    if "cursor" in parameters:
        yield 400
    if "If-Match" in parameters:
        yield 412
