"""The client's connection, which goes on after any bytes that a message brings.

nats-py ends the loop that reads a connection for good when a subject or a header is not UTF-8, and
still counts as connected: one message from any client would make every service deaf. Such bytes
are replaced here; the reader of the message finds that it is not one of ours. Private methods of
the library are overridden, which a test holds against its releases.
"""

from __future__ import annotations

from typing import Any

import structlog
from nats.aio.client import Client
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


def _whole(name: Any) -> Any:
    """A subject's bytes as UTF-8; what is not is replaced."""
    try:
        name.decode()
    except UnicodeDecodeError:
        return name.decode("utf-8", "replace").encode()
    return name
