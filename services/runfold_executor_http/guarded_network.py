"""The guard beneath HTTP: connects to addresses that the policy allows, and to no others.

A host is resolved once, its addresses are judged, and the connection goes to one that passed. A
second look-up, which could answer otherwise, never happens.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import httpcore

from runfold_executor_http import failures
from runfold_executor_http.addresses import Address, Policy, parsed

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Host and port to addresses, as text."""


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Opens connections to addresses that the policy allows."""

    def __init__(self, policy: Policy, resolve: Resolve) -> None:
        self._policy = policy
        self._resolve = resolve
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first allowed address of a host that answers."""
        addresses = await self.passed(host, port)
        refused = failures.Unreachable("no address")
        for address in addresses:
            try:
                return await self._sockets.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except httpcore.ConnectError as error:
                refused = failures.Unreachable(str(error))
        raise refused

    async def passed(self, host: str, port: int) -> list[Address]:
        """The allowed addresses of a host, in the resolver's order.

        Raises:
            NodeFailed: `http.blocked` when none is allowed, `http.dns` when there is none.
        """
        found = [one for text in await self._looked_up(host, port) if (one := parsed(text))]
        if self._policy.trusts(host):
            return found
        verdicts = {address: self._policy.judge(address) for address in found}
        passed = [address for address, verdict in verdicts.items() if verdict.allowed]
        if not passed and verdicts:
            address, verdict = next(iter(verdicts.items()))
            raise failures.blocked(host, address, verdict.why)
        return passed

    async def _looked_up(self, host: str, port: int) -> list[str]:
        try:
            found = await self._resolve(host, port)
        except (socket.gaierror, UnicodeError) as error:
            later = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
            raise failures.no_address(host, retryable=later) from error
        if not found:
            raise failures.no_address(host, retryable=False)
        return found


async def system_resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver. Raises `socket.gaierror` when it knows no address."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
