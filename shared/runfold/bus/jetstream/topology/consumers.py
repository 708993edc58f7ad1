"""A durable consumer at the start of a feed: created when it is missing, else left as it is."""

from __future__ import annotations

import structlog
from nats.aio.client import Client
from nats.js import api
from nats.js.errors import APIError, NotFoundError

from runfold.bus.jetstream.topology.api import consumer_info, put_consumer
from runfold.bus.jetstream.topology.differences import of_durable
from runfold.bus.jetstream.topology.wanted import Durable

log = structlog.get_logger("bus")

EXISTS = frozenset({10148, 10013, 10105})
"""Server error codes: a consumer of that name is there, and it is another."""


async def ensured(nc: Client, durable: Durable, *, owner: bool) -> float:
    """Make sure that a consumer is there; returns the seconds of silence it allows.

    Args:
        nc: The connection.
        durable: What it should be.
        owner: Whether one that differs is changed: only on a server that is ours alone.

    Raises:
        APIError: When the server refuses.
        TimeoutError: When it does not answer.
        nats.errors.Error: When nothing listens, or the connection is closed.
    """
    config = await _found_or_created(nc, durable)
    differences = [one for one in of_durable(durable, config) if not one.fixed or not owner]
    if differences and owner:
        changed = config.evolve(**durable.compared)
        config = _config(await put_consumer(nc, durable.stream, changed, "update"), durable)
    elif differences:
        for difference in differences:
            log.warning("topology differs", what=str(difference), fix="runfold cluster apply")
    return float(config.ack_wait or durable.fields["ack_wait"])


async def _found_or_created(nc: Client, durable: Durable) -> api.ConsumerConfig:
    """Look first: many processes share a consumer, and one alone makes it."""
    try:
        info = await consumer_info(nc, durable.stream, durable.name)
    except NotFoundError:
        try:
            info = await put_consumer(nc, durable.stream, durable.config(), "create")
        except APIError as error:
            if error.err_code not in EXISTS:
                raise
            info = await consumer_info(nc, durable.stream, durable.name)
    return _config(info, durable)


def _config(info: api.ConsumerInfo, durable: Durable) -> api.ConsumerConfig:
    return durable.config() if info.config is None else info.config
