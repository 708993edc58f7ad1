"""Streams, buckets and the object store, made as they should be. Idempotent, by anybody, at once.

Configurations are compared field by field with what is there; only a difference is written, so a
start changes nothing and a deployment's own limits (bytes, replicas) set by hand stay.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from nats.js import JetStreamContext, api
from nats.js.errors import BadRequestError, NotFoundError

from runfold.contracts import subjects
from runfold.errors import ConfigurationError
from runfold.settings import Settings

HOUR = 3600.0
DAY = 24 * HOUR
LEASE_KEPT = 10.0
"""Seconds after which a lease nobody renews is removed; it counts as lapsed well before."""
PROTECTION_KEPT = DAY + HOUR
"""Seconds for which a protection's state is kept: longer than any of them looks back."""


def stream_configs(settings: Settings) -> tuple[api.StreamConfig, ...]:
    """The streams of a deployment."""
    common: dict[str, Any] = {
        "storage": api.StorageType.FILE,
        "num_replicas": settings.replicas,
        "allow_direct": True,
        "duplicate_window": 120.0,
    }
    return (
        # A stream with schedules cannot refuse what is too much, which EVENTS must: so they have
        # one of their own. What is due is a work queue; nobody takes the schedules themselves.
        api.StreamConfig(
            name=subjects.TIMERS,
            description="Schedules of timers that are far away, and what is due",
            subjects=[subjects.TIMERS_ALL],
            retention=api.RetentionPolicy.WORK_QUEUE,
            discard=api.DiscardPolicy.OLD,
            allow_msg_schedules=True,
            **common,
        ),
        api.StreamConfig(
            name=subjects.EVENTS,
            description="Every fact about a run",
            subjects=[subjects.EVENTS_ALL],
            retention=api.RetentionPolicy.LIMITS,
            discard=api.DiscardPolicy.NEW,
            republish=api.RePublish(
                src=subjects.LIVE_EVENTS_SOURCE, dest=subjects.LIVE_EVENTS_TARGET
            ),
            **common,
        ),
        api.StreamConfig(
            name=subjects.CHUNKS,
            description="Stream chunks on their way to viewers",
            subjects=[subjects.CHUNKS_ALL],
            retention=api.RetentionPolicy.LIMITS,
            discard=api.DiscardPolicy.OLD,
            max_age=HOUR,
            republish=api.RePublish(
                src=subjects.LIVE_CHUNKS_SOURCE, dest=subjects.LIVE_CHUNKS_TARGET
            ),
            **common,
        ),
        api.StreamConfig(
            name=subjects.TASKS,
            description="Node work, a queue per executor group",
            subjects=[subjects.TASKS_ALL],
            retention=api.RetentionPolicy.WORK_QUEUE,
            discard=api.DiscardPolicy.NEW,
            **common,
        ),
        api.StreamConfig(
            name=subjects.REQUESTS,
            description="Commands from clients",
            subjects=[subjects.REQUESTS_ALL],
            retention=api.RetentionPolicy.WORK_QUEUE,
            discard=api.DiscardPolicy.NEW,
            **common,
        ),
        # How long records stay is the archiver's to say; see `JetStreamArchive.keep_for`.
        api.StreamConfig(
            name=subjects.ARCHIVE,
            description="Runs that ended long ago, a message each",
            subjects=[subjects.ARCHIVE_ALL],
            retention=api.RetentionPolicy.LIMITS,
            discard=api.DiscardPolicy.NEW,
            **{**common, "duplicate_window": 1.0},  # no ids; as short as records may be kept
        ),
        api.StreamConfig(
            name=subjects.DEAD,
            description="What nobody could handle",
            subjects=[subjects.DEAD_ALL],
            retention=api.RetentionPolicy.LIMITS,
            discard=api.DiscardPolicy.OLD,
            max_age=30 * DAY,
            **common,
        ),
    )


def bucket_configs(settings: Settings) -> tuple[api.KeyValueConfig, ...]:
    """The key-value buckets of a deployment."""
    return (
        api.KeyValueConfig(bucket=subjects.DEFINITIONS, history=1, replicas=settings.replicas),
        api.KeyValueConfig(bucket=subjects.CHECKPOINTS, history=1, replicas=settings.replicas),
        api.KeyValueConfig(bucket=subjects.PLACES, history=1, replicas=settings.replicas),
        api.KeyValueConfig(bucket=subjects.CONVERSATIONS, history=1, replicas=settings.replicas),
        api.KeyValueConfig(bucket=subjects.WAITS, history=1, replicas=settings.replicas),
        api.KeyValueConfig(
            bucket=subjects.LEASES, history=1, ttl=LEASE_KEPT, replicas=settings.replicas
        ),
        api.KeyValueConfig(
            bucket=subjects.PROTECTION,
            history=1,
            ttl=PROTECTION_KEPT,
            replicas=settings.replicas,
        ),
        api.KeyValueConfig(
            bucket=subjects.IDEMPOTENCY, history=1, ttl=DAY, replicas=settings.replicas
        ),
    )


async def ensure_topology(js: JetStreamContext, settings: Settings) -> None:
    """Create what is missing and correct what differs.

    Raises:
        ConfigurationError: When the server refuses a configuration; the message has its words.
    """
    for config in stream_configs(settings):
        await _ensure_stream(js, config)
    for bucket in bucket_configs(settings):
        try:
            await js.key_value(bucket.bucket)
        except NotFoundError:
            await js.create_key_value(config=bucket)
    for store in (
        api.ObjectStoreConfig(bucket=subjects.BLOBS, replicas=settings.replicas),
        api.ObjectStoreConfig(bucket=subjects.SNAPSHOTS, replicas=settings.replicas, ttl=7 * DAY),
    ):
        try:
            await js.object_store(store.bucket or "")
        except NotFoundError:
            await js.create_object_store(store.bucket or "", config=store)


async def _ensure_stream(js: JetStreamContext, config: api.StreamConfig) -> None:
    name = config.name or ""
    try:
        found = (await js.stream_info(name)).config
    except NotFoundError:
        try:
            await js.add_stream(config)
        except BadRequestError as error:
            message = f"NATS refuses stream {name}: {error.description}"
            raise ConfigurationError(message, code="bus.topology") from error
        return
    wanted = {key: value for key, value in config.as_dict().items() if value is not None}
    present = found.as_dict()
    if any(present.get(key) != value for key, value in wanted.items()):
        try:
            await js.update_stream(_over(found, config))
        except BadRequestError as error:
            message = f"NATS refuses the change of stream {name}: {error.description}"
            raise ConfigurationError(message, code="bus.topology") from error


def _over(found: api.StreamConfig, config: api.StreamConfig) -> api.StreamConfig:
    """The configuration there is, with what we ask for over it."""
    named = ((field.name, getattr(config, field.name)) for field in fields(config))
    return found.evolve(**{name: value for name, value in named if value is not None})
