"""Creates what is missing, and reports what differs. Nothing that exists is changed here.

Every process does this at its start, many of them at once, perhaps while the cluster still elects
its leaders: one's creation is another's success, and what cannot be done yet is tried again.
"""

from __future__ import annotations

import msgspec
import structlog
from nats.aio.client import Client
from nats.js import api
from nats.js.errors import APIError

from runfold.bus.jetstream.client.leader import is_clustered
from runfold.bus.jetstream.topology.api import (
    Patience,
    create_stream,
    is_passing,
    reason_of,
    stream_info,
)
from runfold.bus.jetstream.topology.differences import Difference, most_replicas, of_assets
from runfold.bus.jetstream.topology.wanted import LOGS, Asset, assets
from runfold.contracts import subjects
from runfold.errors import ConfigurationError
from runfold.settings import Settings

log = structlog.get_logger("bus")

READY_WITHIN = 60.0
"""Seconds that a cluster is given until it can do what a start needs."""


class Topology(msgspec.Struct, frozen=True):
    """What was found, after what was missing was created."""

    streams: dict[str, api.StreamInfo]
    missing: list[Asset]
    differences: list[Difference]

    def is_replicated(self, stream: str) -> bool:
        """Whether a stream has copies, which may be a moment behind."""
        info = self.streams.get(stream)
        return info is not None and (info.config.num_replicas or 1) > 1


async def look(nc: Client, settings: Settings, patience: Patience) -> Topology:
    """What is there, compared with what should be.

    Raises:
        BusUnavailable: When the server does not answer in time.
    """
    wanted = assets(settings)
    found: dict[str, api.StreamInfo] = {}
    for asset in wanted:
        info = await _info(nc, asset, patience)
        if info is not None:
            found[asset.stream] = info
    missing = [asset for asset in wanted if asset.stream not in found]
    return Topology(found, missing, of_assets(wanted, found))


async def provide(
    nc: Client, settings: Settings, *, within: float = READY_WITHIN, create: bool = True
) -> Topology:
    """Look at everything, create what is missing, and log what differs.

    Args:
        nc: The connection.
        settings: What they should be.
        within: Seconds until a cluster must be able to do it.
        create: Whether to create: a command that only looks does not.

    Raises:
        BusUnavailable: When JetStream cannot do it in time; the message says what was waited for.
        ConfigurationError: When the server refuses, or nothing says how many copies to make.
    """
    patience = Patience(within)
    topology = await look(nc, settings, patience)
    if topology.missing:
        await _refuse_to_replace(nc, topology, patience)
        if create:
            replicas = replicas_for_new(nc, settings, topology)
            topology = await create_missing(nc, topology, replicas, patience)
        elif subjects.EVENTS not in topology.streams:
            message = "this NATS has no streams of runfold: start a service on it first"
            raise ConfigurationError(message, code="bus.no_topology")
    for difference in topology.differences:
        log.warning("topology differs", what=str(difference), fix="runfold cluster apply")
    return topology


def replicas_for_new(nc: Client, settings: Settings, topology: Topology) -> int:
    """How many copies a new stream gets: as asked for, else as the others have, else one.

    Raises:
        ConfigurationError: When a cluster has nothing yet and no setting says how many.
    """
    if not any("num_replicas" in asset.unset for asset in topology.missing):
        return settings.replicas
    others = most_replicas(topology.streams.values())
    if others:
        return others
    if is_clustered(nc):
        message = (
            "this NATS is a cluster and has no streams of runfold yet: set RUNFOLD_REPLICAS to the "
            "number of copies (3 for three servers) for the first start"
        )
        raise ConfigurationError(message, code="bus.replicas_unset")
    return settings.replicas


async def create_missing(
    nc: Client, topology: Topology, replicas: int, patience: Patience
) -> Topology:
    """Create what is missing, in order.

    Raises:
        BusUnavailable: When JetStream cannot do it in time.
        ConfigurationError: When the server refuses.
    """
    found = dict(topology.streams)
    for asset in topology.missing:
        found[asset.stream] = await _created(nc, asset, replicas, patience)
    # What another process has created meanwhile may be of other settings.
    return Topology(found, [], [*topology.differences, *of_assets(topology.missing, found)])


async def _created(nc: Client, asset: Asset, replicas: int, patience: Patience) -> api.StreamInfo:
    async def attempt() -> api.StreamInfo:
        try:
            return await create_stream(nc, asset.config(replicas))
        except (APIError, TimeoutError) as error:
            if isinstance(error, APIError) and not is_passing(error):
                raise
            # Somebody else may have created it, or the answer alone was lost.
            info = await stream_info(nc, asset.stream)
            if info is None:
                raise
            return info

    try:
        return await patience.until_done(f"create {asset.label}", attempt)
    except APIError as error:
        message = f"NATS refuses to create the {asset.label}: {reason_of(error)}{_hint(replicas)}"
        raise ConfigurationError(message, code="bus.topology") from error


async def _refuse_to_replace(nc: Client, topology: Topology, patience: Patience) -> None:
    """A log that is gone while the queues are there was lost: nothing makes an empty one of it.

    Logs are created first. So one that is missing after the last stream was seen is not one that
    another process is about to create.

    Raises:
        ConfigurationError: When a log was lost.
    """
    lost = [asset for asset in topology.missing if asset.stream in LOGS]
    if not lost or subjects.REQUESTS not in topology.streams:
        return
    for asset in lost:
        if await _info(nc, asset, patience) is None:
            message = (
                f"the {asset.label} is missing although others of runfold are there: it was "
                "removed or lost. Restore it from a backup, or have an empty one made with "
                "`runfold cluster apply`"
            )
            raise ConfigurationError(message, code="bus.log_missing")


async def _info(nc: Client, asset: Asset, patience: Patience) -> api.StreamInfo | None:
    try:
        return await patience.until_done(
            f"look at {asset.label}", lambda: stream_info(nc, asset.stream)
        )
    except APIError as error:
        message = f"NATS refuses to tell of the {asset.label}: {reason_of(error)}"
        raise ConfigurationError(message, code="bus.topology") from error


def _hint(replicas: int) -> str:
    return "; RUNFOLD_REPLICAS asks for copies" if replicas > 1 else ""
