"""Changes what differs: for an operator's command, and for the owner of an embedded server.

One asset at a time, and each one's copies are waited for: a cluster that copies all of them at once
has nothing left for its work.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from functools import partial

import msgspec
from nats.aio.client import Client
from nats.js import api
from nats.js.errors import APIError

from runfold.bus.jetstream.topology.api import (
    Patience,
    consumers,
    put_consumer,
    reason_of,
    stream_info,
    update_stream,
)
from runfold.bus.jetstream.topology.differences import Difference, of_assets, of_durable
from runfold.bus.jetstream.topology.provision import (
    READY_WITHIN,
    Topology,
    create_missing,
    look,
    replicas_for_new,
)
from runfold.bus.jetstream.topology.wanted import (
    MAX_ACK_PENDING,
    Asset,
    Durable,
    assets,
    due_queue,
    executor_queue,
    request_queue,
)
from runfold.contracts import subjects
from runfold.errors import ConfigurationError
from runfold.settings import Settings

COPIED_WITHIN = 300.0
"""Seconds that the copies of one stream are waited for; longer ones go on by themselves."""
LOOK_EVERY = 0.2
"""Seconds between two looks at how far copies are."""
GROUP = subjects.group_durable("x").removesuffix("x")
"""Begins the names of executor groups' consumers."""


class Plan(msgspec.Struct, frozen=True):
    """What `apply` would do."""

    topology: Topology
    consumers: list[tuple[Durable, api.ConsumerConfig]]
    """Durable consumers that are there."""
    differences: list[Difference]
    """Of streams, buckets, object stores and consumers."""

    @property
    def changes(self) -> list[Difference]:
        """What can be changed in place."""
        return [one for one in self.differences if not one.fixed]

    @property
    def fixed(self) -> list[Difference]:
        """What cannot be changed in place."""
        return [one for one in self.differences if one.fixed]


class Step(msgspec.Struct, frozen=True):
    """One thing that was done, or that the server refused."""

    label: str
    did: str = ""
    refused: str = ""


async def plan(
    nc: Client, settings: Settings, limits: Mapping[str, int], patience: Patience
) -> Plan:
    """Compare everything with what it should be.

    Args:
        nc: The connection.
        settings: What they should be; only what was set is compared.
        limits: Executor group → tasks in hand over all its processes, 0 for no limit.
        patience: How long the server may take.

    Raises:
        BusUnavailable: When the server does not answer in time.
    """
    topology = await look(nc, settings, patience)
    found: list[tuple[Durable, api.ConsumerConfig]] = []
    differences = list(topology.differences)
    for stream in (subjects.REQUESTS, subjects.TIMERS, subjects.TASKS):
        if stream not in topology.streams:
            continue
        asking = partial(consumers, nc, stream)
        listed = await patience.until_done(f"look at the consumers of {stream}", asking)
        for info in listed.infos:
            wanted = _durable(settings, limits, stream, info.name)
            if wanted is not None and info.config is not None:
                found.append((wanted, info.config))
                differences += of_durable(wanted, info.config)
    return Plan(topology, found, differences)


async def apply(
    nc: Client, settings: Settings, plan: Plan, patience: Patience
) -> AsyncIterator[Step]:
    """Create what is missing and change what can be changed, one after the other.

    Raises:
        BusUnavailable: When the server does not answer in time.
        ConfigurationError: When it refuses to create something.
    """
    topology, labels = plan.topology, {one.label for one in plan.changes}
    if topology.missing:
        replicas = replicas_for_new(nc, settings, topology)
        for asset in topology.missing:
            one = Topology(topology.streams, [asset], [])
            topology = await create_missing(nc, one, replicas, patience)
            yield Step(asset.label, did="created")
    for asset in assets(settings):
        if asset.label in labels:
            yield await _change_stream(nc, asset, topology, patience)
    for durable, config in plan.consumers:
        if durable.label in labels:
            yield await _change_consumer(nc, durable, config, patience)


async def adopt(nc: Client, settings: Settings, topology: Topology) -> None:
    """Change what differs on a server that is ours alone.

    Raises:
        ConfigurationError: When the server refuses, or something cannot be changed in place.
    """
    plan = Plan(topology, [], topology.differences)
    for one in plan.fixed:
        message = f"{one}; {one.fixed}"
        raise ConfigurationError(message, code="bus.topology")
    async for step in apply(nc, settings, plan, Patience(READY_WITHIN)):
        if step.refused:
            message = f"NATS refuses the change of the {step.label}: {step.refused}"
            raise ConfigurationError(message, code="bus.topology")


async def _change_stream(nc: Client, asset: Asset, topology: Topology, patience: Patience) -> Step:
    info = topology.streams[asset.stream]
    wanted = {one.field: one for one in of_assets([asset], topology.streams) if not one.fixed}
    fields = {name: value for name, value in asset.compared.items() if name in wanted}
    if "replicas" in wanted:
        fields["num_replicas"] = wanted["replicas"].wanted
    config = info.config.evolve(**fields)
    try:
        await patience.until_done(f"change {asset.label}", lambda: update_stream(nc, config))
    except APIError as error:
        return Step(asset.label, refused=reason_of(error))
    if "num_replicas" in fields:
        return await _copied(nc, asset, fields["num_replicas"])
    return Step(asset.label, did="changed")


async def _copied(nc: Client, asset: Asset, replicas: int) -> Step:
    """Wait until all copies of a stream have all it holds."""
    patience = Patience(COPIED_WITHIN)

    async def current() -> bool:
        info = await stream_info(nc, asset.stream)
        return info is not None and is_current(info, replicas)

    loop = asyncio.get_running_loop()
    until = loop.time() + COPIED_WITHIN
    while not await patience.until_done(f"copies of {asset.label}", current):
        if loop.time() > until:
            return Step(asset.label, did="changed; its copies are still being made")
        await asyncio.sleep(LOOK_EVERY)
    return Step(asset.label, did=f"changed; it has {replicas} copies")


async def _change_consumer(
    nc: Client, durable: Durable, found: api.ConsumerConfig, patience: Patience
) -> Step:
    changed = {one.field for one in of_durable(durable, found) if not one.fixed}
    fields = {name: value for name, value in durable.compared.items() if name in changed}
    config = found.evolve(**fields)
    try:
        await patience.until_done(
            f"change {durable.label}", lambda: put_consumer(nc, durable.stream, config, "update")
        )
    except APIError as error:
        return Step(durable.label, refused=reason_of(error))
    return Step(durable.label, did="changed")


def is_current(info: api.StreamInfo, replicas: int) -> bool:
    """Whether a stream has a leader, and as many other copies that have all it has."""
    cluster = info.cluster
    if cluster is None:
        return replicas == 1
    others = cluster.replicas or []
    ready = [peer for peer in others if peer.current and not peer.offline]
    return bool(cluster.leader) and len(others) == len(ready) == replicas - 1


def _durable(
    settings: Settings, limits: Mapping[str, int], stream: str, name: str
) -> Durable | None:
    """What a consumer of ours should be; None for one of somebody else's."""
    if stream == subjects.REQUESTS and name == subjects.REQUESTS_DURABLE:
        return request_queue(settings)
    if stream == subjects.TIMERS and name == subjects.DUE_DURABLE:
        return due_queue(settings)
    if stream != subjects.TASKS or not name.startswith(GROUP):
        return None
    group = name.removeprefix(GROUP)
    durable = executor_queue(settings, group)
    # A limit is one group's own: the setting of this shell is no wish for all of them.
    unset = durable.unset | {"max_ack_pending"}
    fields = durable.fields
    if group in limits:
        unset -= {"max_ack_pending"}
        fields = {**fields, "max_ack_pending": limits[group] or MAX_ACK_PENDING}
    return msgspec.structs.replace(durable, fields=fields, unset=unset)
