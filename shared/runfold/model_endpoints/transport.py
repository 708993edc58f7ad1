"""The HTTP client below openai's: what it takes from a server, and where it sends the key.

Imports openai, which is slow: import this module through `clients.open_clients`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx2
import openai

from runfold.contracts.secrecy import masked

TIMEOUT = openai.Timeout(600.0, connect=10.0)
"""Seconds without a byte, and to open a connection in; a node's timeout is the real limit."""
_ERROR_BODY = 64 * 1024
"""Bytes read of a response with an error status."""
_ERROR_STATUS = 300
_ENCODINGS = frozenset(("", "identity", "gzip", "deflate"))
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


class NotTaken(openai.OpenAIError):
    """A response that is not read. Its text says what was wrong with it."""


def http_client(base_url: str) -> httpx2.AsyncClient:
    """A client for one endpoint.

    It follows no redirect: key and prompt are for the configured endpoint alone.
    """
    url = urlsplit(base_url)
    is_local = url.hostname in _LOOPBACK
    is_plain = is_local and url.scheme == "http"
    return openai.DefaultAsyncHttpxClient(
        timeout=TIMEOUT,
        # A proxy from the environment is for the outside.
        trust_env=not is_local,
        # Certificates take a tenth of a second to load, and here nothing is ever encrypted.
        verify=not is_plain,
        follow_redirects=False,
        # Pieces arrive as they are written, and a few bytes cannot stand for many.
        headers={"accept-encoding": "identity"},
        event_hooks={"response": [_check]},
    )


async def _check(response: httpx2.Response) -> None:
    """Refuse a response that cannot be read safely, and bound the body of an error.

    Raises:
        NotTaken: For what two readers may read in two ways, and unknown compression.
    """
    headers = response.headers
    if "content-length" in headers and "transfer-encoding" in headers:
        message = "its response has both Content-Length and Transfer-Encoding"
        raise NotTaken(message)
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding not in _ENCODINGS:
        message = f"its response is encoded as {masked(encoding)[:40]!r}, although none was offered"
        raise NotTaken(message)
    stream = response.stream
    if response.status_code >= _ERROR_STATUS and isinstance(stream, httpx2.AsyncByteStream):
        response.stream = _Beginning(stream, _ERROR_BODY)


class _Beginning(httpx2.AsyncByteStream):
    """The first bytes of a body."""

    def __init__(self, body: httpx2.AsyncByteStream, most: int) -> None:
        self._body = body
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most
        async for piece in self._body:
            yield piece[:left]
            left -= len(piece)
            if left <= 0:
                return

    async def aclose(self) -> None:
        await self._body.aclose()
