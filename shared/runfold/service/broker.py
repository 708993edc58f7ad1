"""FastStream's broker, connected the way all of runfold connects, and what is answered on it.

The hot path is not here: tasks, events and requests are read by the bus on the same connection;
docs/adr/0004-faststream-at-the-edges.md says why.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from faststream.nats import NatsBroker, NatsMessage
from faststream.nats.response import NatsResponse
from faststream.nats.security import NatsToken, NatsUserPassword
from typing_extensions import override

from runfold.bus.jetstream.client.link import Link
from runfold.service.channels import Channel, channels_of
from runfold.settings import Settings

if TYPE_CHECKING:
    from types import TracebackType

    from nats.aio.client import Client

Respond = Callable[[bytes], Awaitable[NatsResponse]]

log = logging.getLogger("runfold.answers")
log.setLevel(logging.ERROR)  # what FastStream says of each message and connection, the bus says


class ServiceBroker(NatsBroker):
    """The broker of one service.

    Args:
        service: The service's name.
        settings: Where NATS is.
    """

    def __init__(self, service: str, settings: Settings) -> None:
        self.service = service
        self.link = Link(settings)
        super().__init__(**_as_faststream(self.link.options), apply_types=False, logger=log)
        self._answered: list[tuple[Any, Channel]] = []  # FastStream itself holds them weakly

    @property
    def contract(self) -> list[Channel]:
        """What the service receives and sends: here, and through the bus."""
        live = set(map(id, self.subscribers))
        answered = [channel for subscriber, channel in self._answered if id(subscriber) in live]
        through_bus = (
            channel
            for channel in channels_of(self.service)
            if channel.reply is None or channel.direction == "send"
        )
        return [*answered, *through_bus]

    def answer(self, channel: Channel, respond: Respond) -> Any:
        """Subscribe to a channel's requests; returns the subscriber."""
        subscriber = self.subscriber(
            channel.address,
            queue=channel.shared_by,
            title=channel.title,
            description=channel.description,
            decoder=_as_bytes,
        )
        subscriber(respond)
        self._answered.append((subscriber, channel))
        return subscriber

    async def leave(self, subscribers: list[Any]) -> None:
        """Take no more requests, and answer those that were delivered."""
        for subscriber in subscribers:
            taken, subscriber.subscription = subscriber.subscription, None
            if taken is not None and self.link.client.is_connected:
                await taken.drain()

    @override
    async def connect(self) -> Client:
        async with self.link.reaching():
            client = await super().connect()
        self.link.adopt(client)
        return client

    @override
    async def start(self) -> None:
        await super().start()
        # A subscription is written later: from here on, the server knows all of them.
        await self.link.client.flush()

    @override
    async def stop(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> None:
        if not self.link.opened or self.link.client.is_connected:
            await super().stop(exc_type, exc_val, exc_tb)
        elif not self.link.client.is_closed:
            # What lost its server cannot be drained, only closed.
            await self.link.client.close()


def _as_faststream(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a connection, with its credentials where FastStream takes them."""
    rest = dict(options)
    user, password, token = (rest.pop(name, None) for name in ("user", "password", "token"))
    if user is not None:
        rest["security"] = NatsUserPassword(user, password)
    elif token is not None:
        rest["security"] = NatsToken(token)
    return rest


async def _as_bytes(message: NatsMessage) -> bytes:
    """Bodies are read by our own codec, which is strict and says what is wrong."""
    return message.body
