"""Stored OpenAPI documents, kept by their hash once they were read: a version never changes."""

from __future__ import annotations

import asyncio

import msgspec

from runfold.errors import InvalidRequest, NodeFailed, NotFound, RunfoldError, Undecodable
from runfold.lru import LruMap
from runfold.openapi.document import Broken, Document
from runfold.openapi.operations import Operations
from runfold.plugins.store import PluginStore, PluginVersion

KEPT = 32
"""Documents that are kept. A large one takes some ten times its bytes."""


class Stored(msgspec.Struct, frozen=True):
    """A stored document, ready for use."""

    operations: Operations
    version: PluginVersion


class PluginDocuments:
    """Documents by the references that nodes have.

    Args:
        store: Where they are.
    """

    def __init__(self, store: PluginStore) -> None:
        self._store = store
        self._kept: LruMap[str, Stored] = LruMap(KEPT)
        self._reading = asyncio.Lock()

    async def find(self, reference: str) -> Stored:
        """The document of a plugin.

        Raises:
            NodeFailed: There is none, or it cannot be used.
            BusUnavailable: The store cannot be reached.
        """
        try:
            _, version = await self._store.find(reference)
            async with self._reading:  # one at a time: two of the same would be read twice
                found = self._kept.get(version.sha256)
                if found is None:
                    found = await self._read(version)
                    self._kept[version.sha256] = found
                return found
        except (NotFound, InvalidRequest, Undecodable) as error:
            raise _failed(error) from error

    async def _read(self, version: PluginVersion) -> Stored:
        body = await self._store.document(version)
        try:
            return Stored(await asyncio.to_thread(_operations, body), version)
        except Broken as broken:
            raise broken_part(broken) from broken


def _operations(body: bytes) -> Operations:
    """The operations of a document's text, found once for all calls."""
    operations = Operations(Document(msgspec.json.decode(body)))
    operations.find("")
    return operations


def _failed(error: RunfoldError) -> NodeFailed:
    return NodeFailed(error.message, code=error.code, kind="input", details=error.details)


def broken_part(broken: Broken) -> NodeFailed:
    """The failure that a part of a document comes to which cannot be used."""
    fault = broken.fault
    message = f"the OpenAPI document: {fault.place}: {fault.message}"
    details = {"place": fault.place}
    return NodeFailed(message, code=fault.code, kind="input", details=details)
