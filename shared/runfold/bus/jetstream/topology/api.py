"""The server's interface for streams and consumers, and waiting until it can answer.

A cluster that has just started, or has just lost a node, elects its leaders: for a moment it
refuses what it will take, or does not answer. Asking again within a bound is right then.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js import api
from nats.js.errors import APIError, NotFoundError, ServiceUnavailableError

from runfold.bus.jetstream.client.requests import asked
from runfold.errors import BusUnavailable

T = TypeVar("T")

log = structlog.get_logger("bus")

ANSWER_WITHIN = 3.0
"""Seconds without an answer after which the server is asked again."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
"""Seconds until the next try: the first pause, doubled up to the longest."""
TELL_AFTER = 5.0
"""Seconds between two lines of the log that say what is waited for."""
PASSING = frozenset({10005, 10009, 10041, 10048, 10058, 10118, 10119, 10124, 10167})
"""Server error codes: too few nodes known yet, not the leader, no group yet, created by another
client at this moment, offline, being moved, too many requests."""


async def call(nc: Client, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask the JetStream API once; returns the answer.

    Raises:
        APIError: When the server refuses.
        TimeoutError: When no answer comes.
        nats.errors.Error: When nothing listens, or the connection is closed.
    """
    payload = b"" if body is None else json.dumps(body).encode()
    answer = await asked(nc, f"$JS.API.{what}", payload, ANSWER_WITHIN)
    found: dict[str, Any] = json.loads(answer.data)
    if "error" in found:
        raise APIError.from_error(found["error"])
    return found


async def stream_info(nc: Client, stream: str) -> api.StreamInfo | None:
    """What a stream is, or None when there is none."""
    try:
        found: api.StreamInfo = api.StreamInfo.from_response(
            await call(nc, f"STREAM.INFO.{stream}")
        )
    except NotFoundError:
        return None
    return found


async def stream_infos(nc: Client) -> list[api.StreamInfo]:
    """Every stream of the account."""
    found: list[api.StreamInfo] = []
    while True:
        page = await call(nc, "STREAM.LIST", {"offset": len(found)})
        listed = page.get("streams") or []
        found.extend(api.StreamInfo.from_response(one) for one in listed)
        if not listed or len(found) >= page["total"]:
            return found


async def create_stream(nc: Client, config: api.StreamConfig) -> api.StreamInfo:
    """Create a stream; one that is there with the same configuration counts as created."""
    answer = await call(nc, f"STREAM.CREATE.{config.name}", config.as_dict())
    made: api.StreamInfo = api.StreamInfo.from_response(answer)
    return made


async def update_stream(nc: Client, config: api.StreamConfig) -> api.StreamInfo:
    """Change a stream."""
    answer = await call(nc, f"STREAM.UPDATE.{config.name}", config.as_dict())
    changed: api.StreamInfo = api.StreamInfo.from_response(answer)
    return changed


async def consumer_info(nc: Client, stream: str, name: str) -> api.ConsumerInfo:
    """What a consumer is. Raises `NotFoundError`."""
    answer = await call(nc, f"CONSUMER.INFO.{stream}.{name}")
    found: api.ConsumerInfo = api.ConsumerInfo.from_response(answer)
    return found


class Consumers(NamedTuple):
    """The consumers of a stream."""

    infos: list[api.ConsumerInfo]
    silent: list[str]
    """Names of those that have no leader just now."""


async def consumers(nc: Client, stream: str) -> Consumers:
    """Every consumer of a stream."""
    found = Consumers([], [])
    while True:
        offset = len(found.infos) + len(found.silent)
        page = await call(nc, f"CONSUMER.LIST.{stream}", {"offset": offset})
        listed, silent = page.get("consumers") or [], page.get("missing") or []
        found.infos.extend(api.ConsumerInfo.from_response(one) for one in listed)
        found.silent.extend(silent)
        if not (listed or silent) or offset + len(listed) + len(silent) >= page["total"]:
            return found


async def put_consumer(
    nc: Client, stream: str, config: api.ConsumerConfig, action: str
) -> api.ConsumerInfo:
    """Create or change a durable consumer.

    Args:
        nc: The connection.
        stream: Its stream.
        config: What it should be.
        action: `create` refuses to change one that is there, `update` to make a new one.
    """
    body = {"stream_name": stream, "config": config.as_dict(), "action": action}
    answer = await call(nc, f"CONSUMER.DURABLE.CREATE.{stream}.{config.durable_name}", body)
    put: api.ConsumerInfo = api.ConsumerInfo.from_response(answer)
    return put


def is_passing(error: Exception) -> bool:
    """Whether a refusal may be over in a moment: no answer, no leader, not enough nodes yet."""
    if isinstance(error, APIError):
        return isinstance(error, ServiceUnavailableError) or error.err_code in PASSING
    return isinstance(error, TimeoutError | nats.errors.NoRespondersError)


def reason_of(error: Exception) -> str:
    """The server's words."""
    if isinstance(error, APIError) and error.description:
        return f"{error.description} ({error.err_code})"
    if isinstance(error, ServiceUnavailableError | nats.errors.NoRespondersError):
        return "JetStream is not available"
    if isinstance(error, TimeoutError):
        return f"no answer within {ANSWER_WITHIN:.0f} s"
    return str(error) or type(error).__name__


class Patience:
    """Tries again what a cluster cannot do yet, until a time is over.

    Args:
        within: Seconds, over all that is asked.
    """

    def __init__(self, within: float) -> None:
        self._within = within
        loop = asyncio.get_running_loop()
        self._begun = loop.time()
        self._until = self._begun + within
        self._tell_at = self._begun

    async def until_done(self, what: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """What an attempt returns, once the server can do it.

        Raises:
            BusUnavailable: When the time is over, or the connection is closed.
            APIError: When the server refuses for good.
        """
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
        while True:
            try:
                return await attempt()
            except (APIError, nats.errors.Error, TimeoutError) as error:
                if isinstance(error, APIError) and not is_passing(error):
                    raise
                reason = reason_of(error)
                if not is_passing(error) or loop.time() + pause > self._until:
                    raise self._given_up(what, reason) from error
            if loop.time() >= self._tell_at:
                waited = round(loop.time() - self._begun, 1)
                log.warning("waiting for JetStream", what=what, reason=reason, waited=waited)
                self._tell_at = loop.time() + TELL_AFTER
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _given_up(self, what: str, reason: str) -> BusUnavailable:
        message = (
            f"{what}: waited up to {self._within:.0f} s for JetStream ({reason}): look at "
            "`runfold cluster status` and at the log of each NATS server"
        )
        return BusUnavailable(message, code="bus.not_ready")
