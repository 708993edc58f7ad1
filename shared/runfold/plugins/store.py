"""Where OpenAPI documents are stored: by name, each version by the hash of its bytes.

head.<plugin>          which versions there are, the newest last
doc.<sha256>.<n>       a part of a document, compressed

A document is stored under keys that are written once, then the head is written over the revision
that was read. A version never changes: another document is another version.
"""

from __future__ import annotations

import asyncio
import builtins
import hashlib
import re
import time
import zlib
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from runfold.bus.ports.stores import KeyValue
from runfold.contracts.json_reader import WIRE, read_json
from runfold.errors import Conflict, InvalidRequest, NotFound, Undecodable
from runfold.ids import bus_token, checked_id, is_id
from runfold.isolated.openapi import ReadDocument, read_openapi
from runfold.openapi.plugin_names import split_reference

PART = 512 * 1024
"""Bytes of one part: less than the broker's smallest usual limit of a message."""
MOST_VERSIONS = 200
TRIES = 10


class PluginVersion(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of a plugin: a document."""

    sha256: str
    stored_at: float
    """Unix seconds."""
    size: int
    """Bytes of the document as JSON."""
    parts: int
    title: str = ""
    openapi: str = ""
    operations: int = 0
    source: str = ""
    """The URL that it was read from; a relative server is relative to it."""


class Plugin(msgspec.Struct, frozen=True, omit_defaults=True):
    """A plugin with its versions, the newest last."""

    name: str
    versions: tuple[PluginVersion, ...] = ()

    @property
    def newest(self) -> PluginVersion:
        """The version that a name alone stands for."""
        return self.versions[-1]


class PluginStore:
    """Plugins in a key-value bucket.

    Args:
        bucket: Where they are.
        clock: Unix seconds.
    """

    def __init__(self, bucket: KeyValue, clock: Callable[[], float] = time.time) -> None:
        self._bucket = bucket
        self._clock = clock

    async def add(self, name: str, text: bytes, *, source: str = "") -> tuple[Plugin, bool]:
        """Store a document as a plugin's newest version.

        Args:
            name: The plugin; it is made when it is not there. Empty: as the document's title.
            text: The document, JSON or YAML.
            source: The URL that it was read from.

        Returns:
            The plugin, and whether anything has changed: the document may be its newest already.

        Raises:
            InvalidRequest: The name or the document cannot be used.
            PayloadTooLarge: The document is over the limit.
            Conflict: The plugin has too many versions, or others write it all the time.
        """
        if name:
            checked_id(name, "plugin name")
        read = await read_openapi(text)
        name = name or checked_id(named_after(read.title), "plugin name")
        version, parts = await self._stored(read, source)
        for _ in range(TRIES):
            found = await self._head(name)
            plugin, revision = found or (Plugin(name), 0)
            if plugin.versions and plugin.newest.sha256 == version.sha256:
                return plugin, False
            kept = tuple(one for one in plugin.versions if one.sha256 != version.sha256)
            if len(kept) >= MOST_VERSIONS:
                message = f"plugin {name!r} has {MOST_VERSIONS} versions: delete some first"
                raise Conflict(message, code="plugin.too_many_versions")
            plugin = replace(plugin, versions=(*kept, version))
            if await self._write(name, plugin, revision):
                # Another plugin's deletion may have removed them meanwhile, as those of none.
                await self._put_parts(version, parts, anew=False)
                return plugin, True
        raise _contended(name)

    async def list(self) -> builtins.list[Plugin]:
        """All plugins, by name. What cannot be read is left out."""
        found = await self._bucket.entries("head.")
        plugins = []
        for body in found.values():
            try:
                plugins.append(read_json(body, Plugin, bounds=WIRE))
            except Undecodable:
                continue
        return sorted((one for one in plugins if one.versions), key=lambda one: one.name)

    async def get(self, name: str) -> Plugin:
        """A plugin. Raises `NotFound`."""
        found = await self._head(name)
        if found is None or not found[0].versions:
            raise not_found(name)
        return found[0]

    async def find(self, reference: str) -> tuple[str, PluginVersion]:
        """The version that a reference names: `petstore` the newest, `petstore@<sha256>` one.

        Returns:
            The plugin's name and the version.

        Raises:
            NotFound: There is no such plugin, or no such version of it.
            InvalidRequest: It is not a reference, or several versions begin so.
        """
        name, wanted = split_reference(reference)
        plugin = await self.get(name)
        if not wanted:
            return name, plugin.newest
        versions = [one for one in plugin.versions if one.sha256.startswith(wanted)]
        if not versions:
            message = f"plugin {name!r} has no version {wanted[:64]!r}; was it deleted?"
            raise NotFound(message, code="plugin.not_found")
        if len(versions) > 1:
            message = f"plugin {name!r} has several versions that begin with {wanted!r}"
            raise InvalidRequest(message, code="plugin.reference")
        return name, versions[0]

    async def document(self, version: PluginVersion) -> bytes:
        """A version's document, as JSON. Raises `NotFound` when it is not there whole."""
        parts = []
        for number in range(version.parts):
            found = await self._bucket.get(f"doc.{version.sha256}.{number}")
            if found is None:
                message = f"the document {version.sha256} is not there: it was deleted"
                raise NotFound(message, code="plugin.not_found")
            parts.append(found[0])
        return await asyncio.to_thread(_unpacked, b"".join(parts), version.size)

    async def delete(self, name: str, sha256: str = "") -> None:
        """Delete a plugin, or one version of it. Runs that pinned it fail at their next call.

        Raises:
            NotFound: There is no such plugin, or no such version.
        """
        for _ in range(TRIES):
            found = await self._head(name)
            if found is None or not found[0].versions:
                raise not_found(name)
            plugin, revision = found
            gone = tuple(one for one in plugin.versions if not sha256 or one.sha256 == sha256)
            if not gone:
                message = f"plugin {name!r} has no version {sha256[:64]!r}"
                raise NotFound(message, code="plugin.not_found")
            left = tuple(one for one in plugin.versions if one not in gone)
            if not await self._write(name, replace(plugin, versions=left), revision):
                continue
            # A head without versions stays: to remove it could remove what was added since.
            await self._drop(gone)
            return
        raise _contended(name)

    async def _drop(self, gone: tuple[PluginVersion, ...]) -> None:
        """Remove the documents that no plugin has any more."""
        used = await self._used()
        for version in gone:
            if version.sha256 in used:
                continue
            keys = [f"doc.{version.sha256}.{number}" for number in range(version.parts)]
            parts = [found[0] for key in keys if (found := await self._bucket.get(key))]
            for key in keys:
                await self._bucket.drop(key)
            if len(parts) == version.parts and version.sha256 in await self._used():
                await self._put_parts(version, parts, anew=False)  # it was added meanwhile

    async def _used(self) -> set[str]:
        return {one.sha256 for plugin in await self.list() for one in plugin.versions}

    async def _put_parts(
        self, version: PluginVersion, parts: builtins.list[bytes], *, anew: bool
    ) -> None:
        """Write a document's parts; not `anew`: those that are not there."""
        for number, part in enumerate(parts):
            key = f"doc.{version.sha256}.{number}"
            if anew or await self._bucket.get(key) is None:
                await self._bucket.put(key, part)

    async def _stored(
        self, read: ReadDocument, source: str
    ) -> tuple[PluginVersion, builtins.list[bytes]]:
        """A document's parts, written, and the version that they are."""
        packed = await asyncio.to_thread(zlib.compress, read.body, 6)
        digest = hashlib.sha256(read.body).hexdigest()
        parts = [packed[at : at + PART] for at in range(0, len(packed), PART)]
        version = PluginVersion(
            sha256=digest,
            stored_at=self._clock(),
            size=len(read.body),
            parts=len(parts),
            title=read.title[:200],
            openapi=read.version,
            operations=len(read.operations),
            source=source,
        )
        await self._put_parts(version, parts, anew=True)
        return version, parts

    async def _head(self, name: str) -> tuple[Plugin, int] | None:
        found = await self._bucket.get(_key(name)) if is_id(name) else None
        if found is None:
            return None
        try:
            return read_json(found[0], Plugin, bounds=WIRE), found[1]
        except Undecodable as error:
            message = f"what is stored of plugin {name!r} cannot be read: {error}"
            raise Undecodable(message, code="plugin.unreadable") from error

    async def _write(self, name: str, plugin: Plugin, revision: int) -> bool:
        """Write a head over what was read; False when somebody else was faster."""
        body = msgspec.json.encode(plugin)
        try:
            if revision:
                await self._bucket.update(_key(name), body, revision)
            else:
                await self._bucket.create(_key(name), body)
        except Conflict:
            return False
        return True


def not_found(name: str) -> NotFound:
    """The error for a plugin that is not stored."""
    message = f"no plugin {name[:80]!r}: `runfold plugins list` shows those that are stored"
    return NotFound(message, code="plugin.not_found")


def named_after(title: str) -> str:
    """A plugin's name after a document's title: `Pet Store` is `pet_store`."""
    return "_".join(re.findall(r"\w+", title.lower()))[:64]


def _key(name: str) -> str:
    return f"head.{bus_token(name)}"


def _unpacked(packed: bytes, size: int) -> bytes:
    body = zlib.decompressobj().decompress(packed, size + 1)
    if len(body) != size:
        raise Undecodable("a stored document is damaged", code="plugin.unreadable")
    return body


def _contended(name: str) -> Conflict:
    message = f"plugin {name!r} is being changed by others all the time: try again"
    return Conflict(message, retryable=True)
