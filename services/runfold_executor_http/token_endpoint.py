"""Asks a token endpoint, through the same guard as every other request."""

from __future__ import annotations

import time

from runfold.connections.credentials import OAuth
from runfold.connections.tokens import Refused, Token, read_token, token_request
from runfold.contracts.json_reader import read_json
from runfold.contracts.secrecy import remember
from runfold.errors import Undecodable
from runfold.executor.redaction import Redaction
from runfold_executor_http.calls import Call
from runfold_executor_http.egress import Egress

SECONDS = 30.0
LARGEST = 256 * 1024
"""Bytes of an answer."""
_SECRET = ("refresh_token", "code", "code_verifier")
"""Fields of a request that no answer may show."""


async def ask_for_token(
    egress: Egress, client: OAuth, form: dict[str, str], refresh_token: str = ""
) -> Token:
    """A new token.

    Args:
        egress: The way out.
        client: The connection.
        form: What is asked for.
        refresh_token: The one in use, kept where the answer has none.

    Raises:
        Refused: The authorization server gives none.
        NodeFailed: It cannot be reached, or not as it should be.
    """
    request = token_request(client, form)
    sent = Redaction()  # what is kept of a refusal is read outside of any attempt, too
    for secret in (client.client_secret, *(form.get(name, "") for name in _SECRET)):
        sent.remember(secret)
    if basic := request.headers.get("authorization"):
        remember(basic.removeprefix("Basic "))
        sent.remember(basic.removeprefix("Basic "))
    reply = await egress.send(
        Call(
            method="POST",
            url=request.url,
            headers=request.headers,
            content=request.body,
            timeout=SECONDS,
            follow_redirects=False,
            max_bytes=LARGEST,
        )
    )
    if reply.broken is not None:
        raise reply.broken
    try:
        value = read_json(reply.body)
    except Undecodable:
        value = None
    if reply.status in (301, 302, 303, 307, 308):
        reason = "it redirects: name the address that answers in `token_url`"
        raise Refused(reason, "", final=True)
    return read_token(reply.status, value, time.time(), refresh_token, sent.without_secrets)
