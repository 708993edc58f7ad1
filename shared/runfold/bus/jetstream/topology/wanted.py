"""Every stream, bucket, object store and durable consumer of a deployment, as it should be.

Buckets and object stores are streams to the server, so all of them are one list. Nothing here asks
a server; `provision` and `apply` do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from nats.js import api

from runfold.contracts import subjects
from runfold.settings import Settings

HOUR = 3600.0
DAY = 24 * HOUR
LEASE_KEPT = 10.0
"""Seconds after which a lease that is not renewed is removed; it counts as lapsed well before."""
PROTECTION_KEPT = DAY + HOUR
"""Seconds for which a protection's state is kept: longer than any of them looks back."""
SNAPSHOT_KEPT = 7 * DAY
DUPLICATES = 120.0
"""Seconds within which a stream keeps one message of an id."""
MAX_ACK_PENDING = 50_000
"""Messages handed out at a time over all consumers of a group; slots bound each of them."""

LOGS = (subjects.EVENTS, subjects.ARCHIVE)
"""Streams that hold what exists nowhere else. They are created first; see `provision`."""


class Asset(msgspec.Struct, frozen=True):
    """A stream of the server, under the name that users know it by."""

    label: str
    """`stream EVENTS`, `bucket runfold_leases`, `object store runfold_blobs`."""
    stream: str
    """The name the server has for it."""
    description: str
    fields: dict[str, Any]
    """Fields of `nats.js.api.StreamConfig` that it should have; all others may be anything."""
    unset: frozenset[str]
    """Fields that this process has no setting for: used to create, never to compare."""

    @property
    def compared(self) -> dict[str, Any]:
        """The fields that what exists is compared by."""
        return {name: value for name, value in self.fields.items() if name not in self.unset}

    def config(self, replicas: int) -> api.StreamConfig:
        """The configuration to create it with."""
        fields = {**self.fields, "num_replicas": replicas}
        return api.StreamConfig(name=self.stream, description=self.description, **fields)


class Durable(msgspec.Struct, frozen=True):
    """A durable consumer of a work queue."""

    stream: str
    name: str
    filter_subject: str
    fields: dict[str, Any]
    """Fields of `nats.js.api.ConsumerConfig`."""
    unset: frozenset[str]
    """Fields that this process has no setting for: used to create, never to compare."""

    @property
    def label(self) -> str:
        """What users know it by."""
        return f"consumer {self.name} of {self.stream}"

    @property
    def compared(self) -> dict[str, Any]:
        """The fields that what exists is compared by."""
        fields = {**self.fields, "filter_subject": self.filter_subject}
        return {name: value for name, value in fields.items() if name not in self.unset}

    def config(self) -> api.ConsumerConfig:
        """The configuration to create it with."""
        return api.ConsumerConfig(
            durable_name=self.name, filter_subject=self.filter_subject, **self.fields
        )


def is_set(settings: Settings, name: str) -> bool:
    """Whether somebody gave a setting a value. A default is never a wish to change a server."""
    return name in settings.model_fields_set


def assets(settings: Settings) -> tuple[Asset, ...]:
    """Every stream, bucket and object store, in the order in which they are created."""
    return (*_streams(settings), *_buckets(settings), *_stores(settings))


def _asset(settings: Settings, label: str, stream: str, description: str, **fields: Any) -> Asset:
    unset = frozenset() if is_set(settings, "replicas") else frozenset({"num_replicas"})
    fields = {
        "storage": api.StorageType.FILE,
        "allow_direct": True,
        "num_replicas": settings.replicas,
        **fields,
    }
    return Asset(label, stream, description, fields, unset)


def _streams(settings: Settings) -> Iterable[Asset]:
    def stream(
        name: str,
        description: str,
        subject: str,
        retention: api.RetentionPolicy,
        discard: api.DiscardPolicy,
        **fields: Any,
    ) -> Asset:
        fields = {
            "subjects": [subject],
            "retention": retention,
            "discard": discard,
            "duplicate_window": DUPLICATES,
            **fields,
        }
        return _asset(settings, f"stream {name}", name, description, **fields)

    log, queue = api.RetentionPolicy.LIMITS, api.RetentionPolicy.WORK_QUEUE
    new, old = api.DiscardPolicy.NEW, api.DiscardPolicy.OLD
    yield stream(
        subjects.EVENTS,
        "Every fact about a run",
        subjects.EVENTS_ALL,
        log,
        new,
        republish=api.RePublish(src=subjects.LIVE_EVENTS_SOURCE, dest=subjects.LIVE_EVENTS_TARGET),
    )
    archive = stream(
        subjects.ARCHIVE,
        "Runs that ended long ago, a message each",
        subjects.ARCHIVE_ALL,
        log,
        new,
        max_age=settings.archive_retention,
        duplicate_window=1.0,  # no ids; as short as records may be kept
    )
    if not is_set(settings, "archive_retention"):
        archive = msgspec.structs.replace(archive, unset=archive.unset | {"max_age"})
    yield archive
    yield stream(
        subjects.MESSAGES,
        "Conversations and what was said in them",
        subjects.MESSAGES_ALL,
        log,
        new,
    )
    # A stream with schedules cannot refuse what is too much, which EVENTS must: so they have one
    # of their own. What is due is a work queue; the schedules themselves stay.
    yield stream(
        subjects.TIMERS,
        "Schedules of timers that are far away, and what is due",
        subjects.TIMERS_ALL,
        queue,
        old,
        allow_msg_schedules=True,
    )
    yield stream(
        subjects.CHUNKS,
        "Stream chunks on their way to viewers",
        subjects.CHUNKS_ALL,
        log,
        old,
        max_age=HOUR,
        republish=api.RePublish(src=subjects.LIVE_CHUNKS_SOURCE, dest=subjects.LIVE_CHUNKS_TARGET),
    )
    yield stream(
        subjects.TASKS, "Node work, a queue per executor group", subjects.TASKS_ALL, queue, new
    )
    yield stream(subjects.DEAD, "Dead letters", subjects.DEAD_ALL, log, old, max_age=30 * DAY)
    yield stream(subjects.REQUESTS, "Commands from clients", subjects.REQUESTS_ALL, queue, new)


def _buckets(settings: Settings) -> Iterable[Asset]:
    kept = {
        subjects.DEFINITIONS: 0.0,
        subjects.CHECKPOINTS: 0.0,
        subjects.PLACES: 0.0,
        subjects.CONVERSATIONS: 0.0,
        subjects.PLUGINS: 0.0,
        subjects.CONNECTIONS: 0.0,
        subjects.WAITS: 0.0,
        subjects.LEASES: LEASE_KEPT,
        subjects.PROTECTION: PROTECTION_KEPT,
        subjects.IDEMPOTENCY: DAY,
    }
    for bucket, seconds in kept.items():
        yield _asset(
            settings,
            f"bucket {bucket}",
            bucket_stream(bucket),
            "",
            subjects=[f"$KV.{bucket}.>"],
            discard=api.DiscardPolicy.NEW,
            max_msgs_per_subject=1,
            max_age=seconds,
            duplicate_window=min(seconds or DUPLICATES, DUPLICATES),
            allow_rollup_hdrs=True,
            allow_msg_ttl=True,
            deny_delete=True,
        )


def _stores(settings: Settings) -> Iterable[Asset]:
    kept = {subjects.BLOBS: 0.0, subjects.FILES: 0.0, subjects.SNAPSHOTS: SNAPSHOT_KEPT}
    for store, seconds in kept.items():
        yield _asset(
            settings,
            f"object store {store}",
            store_stream(store),
            "",
            subjects=[f"$O.{store}.C.>", f"$O.{store}.M.>"],
            discard=api.DiscardPolicy.NEW,
            max_age=seconds,
            allow_rollup_hdrs=True,
        )


def bucket_stream(bucket: str) -> str:
    """The stream behind a key-value bucket."""
    return f"KV_{bucket}"


def store_stream(store: str) -> str:
    """The stream behind an object store."""
    return f"OBJ_{store}"


def executor_queue(settings: Settings, group: str) -> Durable:
    """The consumer of an executor group's tasks."""
    name, subject = subjects.group_durable(group), subjects.group_tasks(group)
    found = _durable(settings, subjects.TASKS, name, subject, settings.group_limit)
    if is_set(settings, "group_limit"):
        return found
    return msgspec.structs.replace(found, unset=found.unset | {"max_ack_pending"})


def request_queue(settings: Settings) -> Durable:
    """The schedulers' consumer of requests."""
    return _durable(settings, subjects.REQUESTS, subjects.REQUESTS_DURABLE, subjects.REQUESTS_ALL)


def due_queue(settings: Settings) -> Durable:
    """The schedulers' consumer of what is due."""
    return _durable(settings, subjects.TIMERS, subjects.DUE_DURABLE, subjects.TIMERS_DUE)


def _durable(
    settings: Settings, stream: str, name: str, filter_subject: str, limit: int = 0
) -> Durable:
    fields = {
        "ack_policy": api.AckPolicy.EXPLICIT,
        "ack_wait": settings.ack_wait,
        # The executor counts deliveries and says why it gives up; the server never does.
        "max_deliver": -1,
        "max_ack_pending": limit or MAX_ACK_PENDING,
        "num_replicas": 0,  # as many as its stream, now and after a change
    }
    unset = frozenset() if is_set(settings, "ack_wait") else frozenset({"ack_wait"})
    return Durable(stream, name, filter_subject, fields, unset)
