"""What is there, compared with what should be. Nothing here asks or changes a server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from nats.js import api

from runfold.bus.jetstream.topology.wanted import Asset, Durable

FIXED = {
    "storage": "the server moves no stream between memory and disk",
    "retention": "the server makes no work queue of a log, nor a log of a work queue",
    "ack_policy": "the server keeps how a consumer is acknowledged",
}
"""Fields that cannot be changed in place, and why."""
SHOWN = {"num_replicas": "replicas"}
"""Fields with another name for users."""


class Difference(msgspec.Struct, frozen=True):
    """One field that is not as it should be."""

    label: str
    """`stream EVENTS`, `consumer executor-llm of TASKS`."""
    field: str
    has: Any
    """What it is, as it is shown."""
    wanted: Any
    fixed: str = ""
    """Why it cannot be changed in place, and what to do; empty when it can be."""

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.label}: {self.field} is {self.has}, should be {self.wanted}"


def of_assets(
    wanted: Iterable[Asset], found: Mapping[str, api.StreamInfo | None]
) -> list[Difference]:
    """Differences of all streams that are there.

    Where no replicas were asked for, the most copies that any of them has are what all should have:
    a change that did not reach all of them shows, and nothing is ever proposed to have fewer.
    """
    most = most_replicas(found.values())
    differences: list[Difference] = []
    for asset in wanted:
        info = found.get(asset.stream)
        if info is None:
            continue
        compared = asset.compared
        if "num_replicas" in asset.unset:
            compared = {**compared, "num_replicas": most}
        differences += _compared(asset.label, compared, info.config, _stream_remedy)
    return differences


def of_durable(wanted: Durable, found: api.ConsumerConfig) -> list[Difference]:
    """Differences of one consumer."""
    return _compared(wanted.label, wanted.compared, found, _consumer_remedy)


def most_replicas(found: Iterable[api.StreamInfo | None]) -> int:
    """The most copies that any stream has; 0 when there is none."""
    return max((info.config.num_replicas or 1 for info in found if info is not None), default=0)


def _compared(label: str, wanted: dict[str, Any], found: Any, remedy: Any) -> list[Difference]:
    differences: list[Difference] = []
    for name, value in wanted.items():
        has = getattr(found, name)
        if not _same(has, value):
            fixed = f"{FIXED[name]}: {remedy(label)}" if name in FIXED else ""
            shown = SHOWN.get(name, name)
            differences.append(Difference(label, shown, _plain(has), _plain(value), fixed))
    return differences


def _same(has: Any, wanted: Any) -> bool:
    if isinstance(wanted, api.RePublish):
        return has is not None and (has.src, has.dest) == (wanted.src, wanted.dest)
    # A field that is not set is absent in the server's answer.
    return bool(has == wanted or (not has and not wanted))


def _plain(value: Any) -> Any:
    """A value as it is shown, and as JSON has it."""
    if isinstance(value, api.RePublish):
        return f"{value.src} to {value.dest}"
    if isinstance(value, api.StorageType | api.RetentionPolicy | api.DiscardPolicy | api.AckPolicy):
        return value.value
    return value


def _stream_remedy(label: str) -> str:
    return (
        f"stop the services, back up the {label}, remove it, have it made anew with "
        "`runfold cluster apply`, and restore what it held"
    )


def _consumer_remedy(label: str) -> str:
    return f"stop the services that use the {label}, remove it, and start them: they make it anew"
