"""Tokens by client credentials: in memory alone, one question to the server at a time."""

from __future__ import annotations

import asyncio
import time

from runfold.connections.credentials import ClientCredentials
from runfold.connections.store import Stored
from runfold.connections.tokens import Refused, Token, for_client
from runfold.errors import NodeFailed
from runfold.lru import LruMap
from runfold_executor_http.egress import Egress
from runfold_executor_http.token_endpoint import ask_for_token

KEPT = 256
Key = tuple[str, int]


class Tokens:
    """Tokens of this process, by connection and its revision.

    Args:
        egress: The way out.
    """

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._tokens: LruMap[Key, Token] = LruMap(KEPT)
        self._asking: dict[Key, asyncio.Lock] = {}

    async def get(self, stored: Stored, client: ClientCredentials, refused: str = "") -> str:
        """An access token that has not ended.

        Args:
            stored: The connection.
            client: Its credentials.
            refused: A token that the service did not take: another one is wanted.

        Raises:
            NodeFailed: `connection.refused`, or what keeps the server from being asked.
        """
        key = stored.name, stored.revision
        token = self._tokens.get(key)
        if token is not None and _serves(token, refused):
            return token.access_token
        lock = self._asking.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                token = self._tokens.get(key)
                if token is None or not _serves(token, refused):
                    token = await self._asked(stored, client)
                    self._tokens[key] = token
                return token.access_token
        finally:
            if not lock.locked():
                self._asking.pop(key, None)

    async def _asked(self, stored: Stored, client: ClientCredentials) -> Token:
        try:
            return await ask_for_token(self._egress, client, for_client(client))
        except Refused as refused:
            raise refused_token(stored.name, refused) from refused


def _serves(token: Token, refused: str) -> bool:
    return token.access_token != refused and token.is_fresh(time.time())


def refused_token(name: str, refused: Refused) -> NodeFailed:
    """The failure when an authorization server gives no token."""
    return NodeFailed(
        f"connection {name!r}: the authorization server gives no token: {refused}",
        code="connection.refused",
        kind="auth" if refused.final else "server",
        retryable=not refused.final,
        details={"connection": name, "error": refused.error},
    )
