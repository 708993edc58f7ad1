"""Where the copies of each stream and consumer are, and whether they are up to date."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from nats.aio.client import Client
from nats.js import api

from runfold.bus.jetstream.client.leader import is_clustered
from runfold.bus.jetstream.topology.api import Patience, consumers
from runfold.bus.jetstream.topology.provision import look
from runfold.bus.jetstream.topology.wanted import assets
from runfold.contracts import subjects
from runfold.settings import Settings

QUEUES = (subjects.TASKS, subjects.REQUESTS, subjects.TIMERS)
"""Streams with durable consumers."""


class AssetState(msgspec.Struct, frozen=True):
    """One stream, bucket, object store or consumer as the cluster has it."""

    label: str
    leader: str
    copies: list[str]
    """Names of the servers with the other copies."""
    messages: int
    """What it holds; for a consumer, what is still to be delivered and acknowledged."""
    bytes: int = 0
    problem: str = ""
    """What is wrong, or empty."""


async def states(nc: Client, settings: Settings, patience: Patience) -> list[AssetState]:
    """Every asset in the order of creation, then the consumers of the work queues.

    Raises:
        BusUnavailable: When the server does not answer in time.
    """
    topology = await look(nc, settings, patience)
    clustered = is_clustered(nc)
    found: list[AssetState] = []
    for asset in assets(settings):
        info = topology.streams.get(asset.stream)
        if info is None:
            found.append(AssetState(asset.label, "", [], 0, problem="is missing"))
            continue
        held = (info.state.messages, info.state.bytes)
        found.append(_state(asset.label, info.cluster, *held, clustered=clustered))
    for stream in QUEUES:
        if stream in topology.streams:
            found += await _consumers(nc, stream, patience, clustered=clustered)
    return found


async def _consumers(
    nc: Client, stream: str, patience: Patience, *, clustered: bool
) -> list[AssetState]:
    infos = await patience.until_done(
        f"look at the consumers of {stream}", lambda: consumers(nc, stream)
    )
    return [
        _state(
            f"consumer {info.name} of {stream}",
            info.cluster,
            (info.num_pending or 0) + (info.num_ack_pending or 0),
            clustered=clustered,
        )
        for info in infos
    ]


def _state(
    label: str, cluster: api.ClusterInfo | None, messages: int, size: int = 0, *, clustered: bool
) -> AssetState:
    if cluster is None or not clustered:
        return AssetState(label, "the only server", [], messages, size)
    others: Sequence[api.PeerInfo] = cluster.replicas or []
    wrong = [] if cluster.leader else ["it has no leader"]
    wrong += [
        f"the copy on {peer.name} is {'away' if peer.offline else f'behind by {peer.lag or 0}'}"
        for peer in others
        if peer.offline or not peer.current
    ]
    copies = [peer.name or "" for peer in others]
    return AssetState(label, cluster.leader or "", copies, messages, size, "; ".join(wrong))
