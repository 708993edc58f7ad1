"""Posts JSON to an endpoint of a model server that is not chat: `/embeddings`, `/rerank`.

Imports openai, which is slow: `clients.open_clients` imports what imports this module.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

import httpx2

from runfold.contracts.json_reader import VALUE, read_json
from runfold.contracts.secrecy import masked
from runfold.errors import NodeFailed, Undecodable
from runfold.executor.retry_after import retry_after
from runfold.model_endpoints import client_errors, failures
from runfold.model_endpoints.clients import Clients
from runfold.model_endpoints.providers import Endpoint
from runfold.model_endpoints.server_errors import error_in, page_text
from runfold.model_endpoints.server_failures import server_said

_STREAMED = {"X-Stainless-Raw-Response": "stream"}
"""Has the client hand the response over before its body is read: a body has a bound here."""
LONGEST = 1800.0
"""Seconds in which an answer must have come; a node's timeout is the real limit."""
_SHOWN = 200
"""Characters shown of what is not understood."""


async def post(
    clients: Clients,
    endpoint: Endpoint,
    path: str,
    body: dict[str, Any],
    lists: Collection[str],
) -> dict[str, Any]:
    """Post a request and read the JSON object that answers it.

    Args:
        clients: The service's.
        endpoint: Whose base URL the path is below.
        path: `/embeddings`.
        body: The request.
        lists: Members of which a right answer has one, as a list. An answer that is a list itself
            is taken for the first of them.

    Raises:
        NodeFailed: For an error of the server, and for what is not such an answer.
    """
    client = clients.get(endpoint)
    limit = asyncio.timeout(LONGEST)
    try:
        async with limit:
            response = await client.post(
                path, cast_to=httpx2.Response, body=body, options={"headers": _STREAMED}
            )
            try:
                received = await _body(response, endpoint)
            finally:
                await response.aclose()
    except TimeoutError as error:
        if not limit.expired():
            raise
        message = f"{failures.where(endpoint)} did not end its answer within {LONGEST:g} s"
        raise failures.failed(
            endpoint, "llm.timeout", "timeout", message, retryable=True
        ) from error
    except client_errors.RAISED as error:
        failed = client_errors.classify(error, endpoint)
        if failed is None:
            raise
        raise failed from error
    # A million numbers take a while to read.
    value = await asyncio.to_thread(_value, received, endpoint, path)
    if isinstance(value, list) and not error_in(value, is_whole=True):
        value = {next(iter(lists)): value}
    if isinstance(value, dict) and any(isinstance(value.get(name), list) for name in lists):
        return value
    said = error_in(value, is_whole=True)
    if said is not None:
        raise server_said(endpoint, said, wait=retry_after(response.headers))
    wanted = " or ".join(repr(name) for name in lists)
    raise malformed(endpoint, path, f"it has no list {wanted}")


def malformed(endpoint: Endpoint, path: str, what: str) -> NodeFailed:
    """An answer that is not what the path answers."""
    message = (
        f"{failures.where(endpoint)} gave no right answer to {path}: "
        f"{failures.shown(what, endpoint)}"
    )
    return failures.failed(endpoint, "llm.malformed_answer", "server", message, retryable=True)


async def _body(response: httpx2.Response, endpoint: Endpoint) -> bytes:
    received = bytearray()
    async for piece in response.aiter_bytes():
        received += piece
        if len(received) > VALUE.size:
            raise failures.too_long(endpoint, f"an answer of over {VALUE.size} bytes")
    return bytes(received)


def _value(received: bytes, endpoint: Endpoint, path: str) -> Any:
    try:
        return read_json(received)
    except Undecodable as error:
        begins = masked(page_text(received))[:_SHOWN]
        what = f"its JSON cannot be read, {error.message}; it begins {begins!r}"
        raise malformed(endpoint, path, what) from error
