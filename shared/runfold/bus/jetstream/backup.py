"""Copies of all streams, buckets and object stores in a directory, and back from there.

The server packs a stream itself, with its consumers, while it works on; nothing here looks inside.
Logs are copied first and payloads last, so that what an event refers to is in the copy as well.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.errors import APIError

from runfold.bus.jetstream.client.requests import asked
from runfold.bus.jetstream.topology.api import call, reason_of, stream_info
from runfold.bus.jetstream.topology.wanted import assets, bucket_stream
from runfold.contracts import subjects
from runfold.errors import BusUnavailable, ConfigurationError
from runfold.settings import Settings

MANIFEST = "backup.json"
LEASES = bucket_stream(subjects.LEASES)
"""Left out: the holder of a lease is gone when a backup is restored."""
CHUNK = 128 * 1024
"""Bytes of one message."""
SILENCE = 30.0
"""Seconds without a message after which the server counts as away."""
HEARD_WITHIN, PAUSE = 10.0, 0.05
"""Seconds until all servers must know who takes a stream in, and between two tries."""
RESTORED_WITHIN = 600.0
"""Seconds that the server is given to take a stream in, once it has all of it."""


class Copy(msgspec.Struct, frozen=True):
    """One stream in a backup."""

    label: str
    stream: str
    config: dict[str, Any]
    """As the server has it, in the server's words."""
    state: dict[str, Any]
    size: int
    sha256: str

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.stream}.tar.s2"


async def back_up(nc: Client, directory: Path) -> AsyncIterator[Copy]:
    """Copy everything into a new directory, one stream after the other; the list of it comes last.

    Raises:
        BusUnavailable: When the server does not answer.
        ConfigurationError: When the directory is not new, or there is nothing to copy.
    """
    copies: list[Copy] = []
    _make(directory)
    for asset in assets(Settings()):
        if asset.stream != LEASES and await stream_info(nc, asset.stream) is not None:
            copies.append(await _copied(nc, asset.label, asset.stream, directory))
            yield copies[-1]
    if not copies:
        message = "this NATS has no streams of runfold: there is nothing to back up"
        raise ConfigurationError(message, code="bus.no_topology")
    (directory / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(copies)))


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True)
    except OSError as error:
        message = f"{directory} cannot be made ({error.strerror}): give a directory that is new"
        raise ConfigurationError(message, code="backup.directory") from error


async def _copied(nc: Client, label: str, stream: str, directory: Path) -> Copy:
    arrived: asyncio.Queue[Msg] = asyncio.Queue()
    inbox = nc.new_inbox()
    subscription = await nc.subscribe(inbox, cb=arrived.put)
    digest, size = hashlib.sha256(), 0
    try:
        wanted = {"deliver_subject": inbox, "chunk_size": CHUNK, "jsck": True}
        begun = await call(nc, f"STREAM.SNAPSHOT.{stream}", wanted)
        with (directory / f"{stream}.tar.s2").open("wb") as file:
            while True:
                async with asyncio.timeout(SILENCE):
                    msg = await arrived.get()
                if not msg.data:
                    break
                file.write(msg.data)
                digest.update(msg.data)
                size += len(msg.data)
                if msg.reply:
                    await nc.publish(msg.reply, b"")
    except (APIError, TimeoutError, nats.errors.Error) as error:
        raise BusUnavailable(f"cannot back up the {label}: {reason_of(error)}") from error
    finally:
        if not nc.is_closed:
            await subscription.unsubscribe()
    status = (msg.headers or {}).get("Status", "")
    if status and status != "204":
        description = (msg.headers or {}).get("Description", "")
        raise BusUnavailable(f"cannot back up the {label}: {status} {description}")
    return Copy(label, stream, begun["config"], begun["state"], size, digest.hexdigest())


def read_backup(directory: Path) -> list[Copy]:
    """What is in a backup; every file is whole.

    Raises:
        ConfigurationError: When it is not a backup, was cut off, or a file is not as it was made.
    """
    try:
        copies = msgspec.json.decode((directory / MANIFEST).read_bytes(), type=list[Copy])
    except (OSError, msgspec.DecodeError) as error:
        message = f"{directory} has no readable {MANIFEST}: it is not a backup, or not a whole one"
        raise ConfigurationError(message, code="backup.unreadable") from error
    for copy in copies:
        try:
            with (directory / copy.file).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            message = f"{directory / copy.file} cannot be read: {error.strerror}"
            raise ConfigurationError(message, code="backup.unreadable") from error
        if digest != copy.sha256:
            message = f"{directory / copy.file} is not as it was made: its digest is another"
            raise ConfigurationError(message, code="backup.damaged")
    return copies


async def restore(
    nc: Client, directory: Path, copies: Sequence[Copy], replicas: int
) -> AsyncIterator[Copy]:
    """Make every stream of a backup anew, on a server that has none of them.

    Args:
        nc: The connection.
        directory: The backup.
        copies: What is in it.
        replicas: Copies of each stream; 0: as many as they had.

    Raises:
        BusUnavailable: When the server does not answer.
        ConfigurationError: When a stream is there already, or the server refuses one.
    """
    for copy in copies:
        if await stream_info(nc, copy.stream) is not None:
            message = f"the {copy.label} is on this NATS already: restore to one that has nothing"
            raise ConfigurationError(message, code="backup.in_the_way")
    for copy in copies:
        try:
            await _restored(nc, directory, copy, replicas)
        except APIError as error:
            message = f"NATS refuses to restore the {copy.label}: {reason_of(error)}"
            raise ConfigurationError(message, code="bus.topology") from error
        except (TimeoutError, nats.errors.Error) as error:
            raise BusUnavailable(f"cannot restore the {copy.label}: {reason_of(error)}") from error
        yield copy


async def _restored(nc: Client, directory: Path, copy: Copy, replicas: int) -> None:
    config = {**copy.config, **({"num_replicas": replicas} if replicas else {})}
    wanted = {"config": config, "state": copy.state}
    begun = await call(nc, f"STREAM.RESTORE.{copy.stream}", wanted)
    where = begun["deliver_subject"]
    with (directory / copy.file).open("rb") as file:
        while chunk := file.read(CHUNK):
            _checked(await _given(nc, where, chunk, SILENCE))
    _checked(await _given(nc, where, b"", RESTORED_WITHIN))


async def _given(nc: Client, where: str, part: bytes, within: float) -> Msg:
    """Hand over a part; returns the answer.

    The server that takes it in may be another than ours, which learns a moment later that it
    listens. Until then nothing listens, and so nothing was taken in twice.
    """
    until = asyncio.get_running_loop().time() + HEARD_WITHIN
    while True:
        try:
            return await asked(nc, where, part, within)
        except nats.errors.NoRespondersError:
            if asyncio.get_running_loop().time() > until:
                raise
        await asyncio.sleep(PAUSE)


def _checked(answer: Msg) -> None:
    """Each part is answered; an answer may say that it was refused."""
    if answer.data:
        error = msgspec.json.decode(answer.data).get("error")
        if error:
            raise APIError.from_error(error)
