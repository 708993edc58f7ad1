"""A stored connection at work in a session: each request is given its credentials.

Imports what the SDK sends requests with: import it lazily.
"""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Iterable, Iterator

import httpx2

from runfold.connections.credentials import SECRET, Basic
from runfold.errors import BusUnavailable, NodeFailed, RunfoldError
from runfold_executor_http.calls import Call
from runfold_executor_http.connections import Connections, Opened, unusable
from runfold_executor_http.mcp_client import failures

_TOKENS = 2
"""The newest tokens that are known: the one in use, and the one that it replaced."""


class Authorized:
    """Gives requests to one server the credentials of one connection.

    Args:
        server: Its name.
        connections: Fetch and renew tokens.
        opened: The connection.
        declared: The names of headers that the operator has declared.
    """

    def __init__(
        self, server: str, connections: Connections, opened: Opened, declared: Iterable[str]
    ) -> None:
        self._server = server
        self._connections = connections
        self._declared = frozenset(name.lower() for name in (*declared, "cookie"))
        self._opened = opened
        self._tokens: deque[str] = deque(maxlen=_TOKENS)

    @property
    def name(self) -> str:
        """The connection's."""
        return self._opened.name

    @property
    def secrets(self) -> Iterator[str]:
        """What nothing may show."""
        credentials = self._opened.credentials
        for field in SECRET[type(credentials)]:
            if value := getattr(credentials, field):
                yield value
        if isinstance(credentials, Basic):
            pair = f"{credentials.username}:{credentials.password}"
            yield base64.b64encode(pair.encode()).decode()
        yield from tuple(self._tokens)

    async def given(self, request: httpx2.Request, sent: dict[str, str]) -> httpx2.Request:
        """A request with the credentials; the SDK keeps its own, which libraries may log.

        Args:
            request: As the SDK sends it.
            sent: See `Connections.given`.

        Raises:
            NodeFailed: There is no token, or its header is declared as well. Nothing was sent.
        """
        present = request.headers.items()
        declared = {name: value for name, value in present if name.lower() in self._declared}
        call = Call(method=request.method, url=str(request.url), headers=declared)
        try:
            call = await self._connections.given(call, (self._opened,), sent)
        except BusUnavailable as error:
            raise failures.unavailable(self._server, error.message) from error
        except NodeFailed as error:
            if error.code != "http.invalid":
                raise
            message = f"with connection {self.name!r}, {error.message}; the operator must mend that"
            raise failures.failed(
                self._server, "invalid", message, kind="input", connection=self.name
            ) from error
        except RunfoldError as error:
            raise unusable(self.name, error) from error
        for token in sent.values():
            if token not in self._tokens:
                self._tokens.append(token)
        headers = request.headers.copy()
        headers.update(call.headers)
        return httpx2.Request(
            request.method,
            call.url,
            headers=headers,
            content=request.content if request.method == "POST" else None,
            extensions=request.extensions,
        )
