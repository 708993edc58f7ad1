"""Signs requests, so that who gets them knows who sent them."""

from __future__ import annotations

import time

from msgspec.structs import replace

from runfold.errors import InvalidRequest, NodeFailed
from runfold.executor.node import NodeContext
from runfold.graph.kinds.http_request import Sign
from runfold.ids import address_of
from runfold.values.signatures import sign_standard
from runfold_executor_http.calls import Call


def signed(call: Call, sign: Sign, ctx: NodeContext) -> Call:
    """A request with the headers that sign it.

    Raises:
        NodeFailed: `secret.missing`; `http.invalid`, when the request cannot be signed.
    """
    if call.sending is not None:
        message = "a body with files is streamed, and cannot be signed: send a part of it as text"
        raise NodeFailed(message, code="http.invalid", kind="input")
    message_id = sign.id or f"{ctx.run_id}:{address_of(ctx.scope, ctx.node_id)}"
    if not message_id.isascii() or not message_id.isprintable():
        message = f"sign.id is printable ASCII, not {message_id[:80]!r}"
        raise NodeFailed(message, code="http.invalid", kind="input")
    try:
        headers = sign_standard(
            ctx.secret(sign.secret), message_id, int(time.time()), call.content or b""
        )
    except InvalidRequest as error:
        raise NodeFailed(error.message, code="http.invalid", kind="input") from error
    kept = {name: value for name, value in call.headers.items() if name.lower() not in headers}
    return replace(call, headers={**kept, **headers})
