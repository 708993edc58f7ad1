"""Where the copies of each stream and consumer are, and whether they are up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

import msgspec
from nats.aio.client import Client
from nats.js import api
from nats.js.errors import APIError

from runfold.bus.jetstream.client.leader import is_clustered
from runfold.bus.jetstream.topology.api import Patience, consumers, reason_of, stream_info
from runfold.bus.jetstream.topology.wanted import Asset, assets
from runfold.contracts import subjects
from runfold.errors import BusUnavailable
from runfold.settings import Settings

ANSWER_WITHIN = 5.0
"""Seconds after which something that does not answer is reported so."""
QUEUES = (subjects.TASKS, subjects.REQUESTS, subjects.TIMERS)
"""Streams with durable consumers."""


class AssetState(msgspec.Struct, frozen=True):
    """One stream, bucket, object store or consumer as the cluster has it."""

    label: str
    leader: str = ""
    copies: list[str] = []
    """Names of the servers with the other copies."""
    messages: int = 0
    """What it holds; for a consumer, what is still to be delivered and acknowledged."""
    bytes: int = 0
    problem: str = ""
    """What is wrong, or empty."""


async def states(nc: Client, settings: Settings) -> list[AssetState]:
    """Every asset in the order of creation, then the consumers of the work queues."""
    of_assets = [_asset(nc, asset) for asset in assets(settings)]
    found = await asyncio.gather(*of_assets)
    of_queues = await asyncio.gather(*(_consumers(nc, stream) for stream in QUEUES))
    return [*found, *(one for queue in of_queues for one in queue)]


async def _asset(nc: Client, asset: Asset) -> AssetState:
    try:
        info = await Patience(ANSWER_WITHIN).until_done(
            f"look at {asset.label}", partial(stream_info, nc, asset.stream)
        )
    except (BusUnavailable, APIError) as error:
        return AssetState(asset.label, problem=_reason(error))
    if info is None:
        return AssetState(asset.label, problem="is missing")
    cluster = info.cluster if is_clustered(nc) else None
    return copies_of(asset.label, cluster, info.state.messages, info.state.bytes)


async def _consumers(nc: Client, stream: str) -> list[AssetState]:
    try:
        listed = await Patience(ANSWER_WITHIN).until_done(
            f"look at the consumers of {stream}", partial(consumers, nc, stream)
        )
    except (BusUnavailable, APIError) as error:
        return [AssetState(f"consumers of {stream}", problem=_reason(error))]
    found = []
    for info in listed.infos:
        cluster = info.cluster if is_clustered(nc) else None
        left = (info.num_pending or 0) + (info.num_ack_pending or 0)
        found.append(copies_of(f"consumer {info.name} of {stream}", cluster, left))
    silent = (f"consumer {name} of {stream}" for name in listed.silent)
    return [*found, *(AssetState(label, problem="it does not answer") for label in silent)]


def copies_of(
    label: str, cluster: api.ClusterInfo | None, messages: int, size: int = 0
) -> AssetState:
    """The state of what answered; without a cluster there is one server and nothing to go wrong."""
    if cluster is None:
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


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, BusUnavailable) else reason_of(error)
