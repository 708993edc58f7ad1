"""The client's connection, which goes on after any bytes that a message brings.

nats-py ends the loop that reads a connection for good when a subject or a header is not UTF-8, and
still counts as connected: one message from any client would make every service deaf. Such bytes
are replaced here; the reader of the message finds that it is not one of ours.

Its flush proves nothing either: the ping is written at once and overtakes what was sent before. A
service was thought to be listening, and a drained subscription to be over, before the server knew.
Here a ping waits its turn. Private methods of the library are overridden, which a test holds
against its releases.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from nats.aio.client import PING_PROTO, Client
from typing_extensions import override

log = structlog.get_logger("bus")


class Connection(Client):
    """A NATS client that no message can end."""

    @override
    async def _process_headers(self, headers: Any) -> Any:
        try:
            return await super()._process_headers(headers)
        except Exception as error:  # noqa: BLE001 -- bytes from anybody
            log.warning("headers cannot be read", reason=str(error))
            return None

    @override
    def _build_message(self, sid: Any, subject: Any, reply: Any, data: Any, headers: Any) -> Any:
        return super()._build_message(sid, _whole(subject), _whole(reply), data, headers)

    @override
    async def _send_ping(self, future: asyncio.Future[bool] | None = None) -> None:
        self._pongs.append(future or asyncio.get_running_loop().create_future())
        await self._send_command(PING_PROTO)
        await self._flush_pending()

    @override
    async def _process_pong(self) -> None:
        if self._pongs and self._pongs[0].done():  # no longer waited for: the loop would end by it
            self._pongs[0] = asyncio.get_running_loop().create_future()
        await super()._process_pong()


def _whole(name: Any) -> Any:
    """A subject's bytes as UTF-8; what is not is replaced."""
    try:
        name.decode()
    except UnicodeDecodeError:
        return name.decode("utf-8", "replace").encode()
    return name
