"""Stored plugins as clients see them."""

from __future__ import annotations

import msgspec

from runfold.openapi.plugin_names import reference_for
from runfold.plugins.store import Plugin, PluginStore, PluginVersion


class PluginVersionDocument(msgspec.Struct, frozen=True):
    """One version: a document that never changes."""

    sha256: str
    """Of the document as JSON: what tells versions apart."""
    reference: str
    """What a node names it by: `name@sha256`."""
    title: str
    """As the document says."""
    openapi: str
    """The version of OpenAPI that it is written in."""
    operations: int
    """How many it has."""
    size: int
    """Bytes of the document as JSON."""
    source: str
    """The URL that it was read from, if any."""
    stored_at: float
    """Unix seconds."""


class PluginDocument(msgspec.Struct, frozen=True):
    """A plugin."""

    name: str
    """What nodes name it by: then a run pins the newest version as it begins."""
    versions: list[PluginVersionDocument]
    """The newest first."""


class PluginList(msgspec.Struct, frozen=True):
    """All plugins, by name."""

    items: list[PluginDocument]
    """The plugins."""


class Plugins:
    """What is done with stored plugins.

    Args:
        store: Where they are.
    """

    def __init__(self, store: PluginStore) -> None:
        self._store = store

    async def list(self) -> PluginList:
        """All of them."""
        return PluginList([_document(one) for one in await self._store.list()])

    async def get(self, name: str) -> PluginDocument:
        """One of them. Raises `NotFound`."""
        return _document(await self._store.get(name))

    async def add(self, name: str, text: bytes, *, source: str = "") -> PluginDocument:
        """Store a document as the newest version; raises what `PluginStore.add` raises."""
        plugin, _ = await self._store.add(name, text, source=source)
        return _document(plugin)

    async def text(self, name: str, version: str = "") -> tuple[str, bytes]:
        """A version's reference and its document as JSON; empty: the newest.

        Raises:
            NotFound: There is none.
            InvalidRequest: It is not the beginning of a sha256.
        """
        reference = reference_for(name, version) if version else name
        _, found = await self._store.find(reference)
        return reference_for(name, found.sha256), await self._store.document(found)

    async def delete(self, name: str, version: str = "") -> None:
        """Delete a plugin, or the version of it that a sha256 begins. Raises as `text` does."""
        sha256 = ""
        if version:
            _, found = await self._store.find(reference_for(name, version))
            sha256 = found.sha256
        await self._store.delete(name, sha256)


def _document(plugin: Plugin) -> PluginDocument:
    versions = [_version(plugin.name, one) for one in reversed(plugin.versions)]
    return PluginDocument(plugin.name, versions)


def _version(name: str, one: PluginVersion) -> PluginVersionDocument:
    return PluginVersionDocument(
        sha256=one.sha256,
        reference=reference_for(name, one.sha256),
        title=one.title,
        openapi=one.openapi,
        operations=one.operations,
        size=one.size,
        source=one.source,
        stored_at=one.stored_at,
    )
