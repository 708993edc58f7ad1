"""The definition a run pins: from its request, from the store, or from another run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.contracts.events import RunStarted
from runfold.contracts.requests import RunRequest
from runfold.definitions.parts import Call, calls_of, stored_parts, with_parts
from runfold.definitions.schedules import comes_while_paused
from runfold.definitions.store import DefinitionStore
from runfold.graph.definition import Workflow
from runfold.graph.loader import canonical_bytes, workflow_from_canonical
from runfold.ids import checked_id
from runfold.isolated.documents import prepare
from runfold.lru import LruMap
from runfold.plugins.pinning import pinned_plugins, plugins_of, with_plugins
from runfold.plugins.store import PluginStore

NEWEST = "newest"
"""What clients say for the newest published version, where empty means a run's own."""
KEPT = 256
"""Definitions kept, so that they are not checked again for each run."""


_Known = tuple[Workflow, bytes, tuple[Call, ...], tuple[str, ...]]
"""A definition, its canonical bytes, the stored workflows that are to be parts of it, and the
plugins whose newest versions it is to call."""


class Pinned(msgspec.Struct, frozen=True):
    """A definition to be run."""

    workflow: Workflow
    canonical: bytes
    version: str


class Pinning:
    """Finds definitions.

    Args:
        bus: Where they are stored.
    """

    def __init__(self, bus: Bus) -> None:
        self._store = DefinitionStore(bus.definitions)
        self._plugins = PluginStore(bus.plugins)
        self._known: LruMap[bytes, _Known] = LruMap(KEPT)

    async def open(self) -> Callable[[], Awaitable[None]]:
        """Keep which version is the newest until that changes; returns what ends it."""
        return await self._store.keep_heads()

    async def given(self, definition: bytes, version: str) -> Pinned:
        """A definition that came with a request.

        Raises:
            InvalidWorkflow: It does not pass the checks.
            NotFound: A workflow that is to be a part of it, or a plugin, is not stored.
        """
        known = self._known.get(definition)
        if known is None:
            workflow, _ = await prepare(definition)
            known = self._keep(definition, workflow, canonical_bytes(workflow))
        return await self._whole(known, version or "draft")

    async def stored(self, workflow_id: str, version: str) -> Pinned:
        """A stored definition.

        Raises:
            NotFound: No such workflow or version; or one that is to be a part of it; or a plugin.
            Conflict: It is archived, or one that is to be a part of it.
            InvalidWorkflow: It was stored by another release and no longer passes the checks.
        """
        found = await self._store.runnable(checked_id(workflow_id, "workflow id"), version)
        known = self._known.get(found.body)
        if known is None:
            workflow, _ = await prepare(found.body)
            known = self._keep(found.body, workflow, found.body)
        return await self._whole(known, found.version)

    async def is_paused(self, request: RunRequest, stored_at: float) -> bool:
        """Whether a request is a schedule's, and came after those of its workflow were paused."""
        return await comes_while_paused(self._store, request, stored_at)

    async def of_run(self, started: RunStarted, version: str) -> Pinned:
        """The run's own definition, or the wanted version of its workflow.

        Raises:
            NotFound: No such version; or a workflow that is to be a part of it is not stored.
            InvalidWorkflow: The version no longer passes the checks.
        """
        if version:
            return await self.stored(started.workflow_id, "" if version == NEWEST else version)
        canonical = bytes(started.definition)
        return Pinned(workflow_from_canonical(canonical), canonical, started.version)

    async def _whole(self, known: _Known, version: str) -> Pinned:
        """The definition with the stored workflows pinned that are parts of it."""
        workflow, canonical, calls, plugins = known
        if calls:
            parts = await stored_parts(self._store, calls, workflow)
            key = canonical + b"".join(part.body for _, part in sorted(parts.items()))
            whole = self._known.get(key)
            if whole is None:
                joined = with_parts(workflow, parts)
                whole = self._keep(key, joined, canonical_bytes(joined))
            workflow, canonical, _, plugins = whole
        if plugins:
            return await self._with_plugins(workflow, canonical, plugins, version)
        return Pinned(workflow, canonical, version)

    async def _with_plugins(
        self, workflow: Workflow, canonical: bytes, plugins: tuple[str, ...], version: str
    ) -> Pinned:
        """The definition with the versions of its plugins pinned that are the newest now."""
        pinned = await pinned_plugins(self._plugins, workflow, plugins)
        key = canonical + "".join(sorted(pinned.values())).encode()
        whole = self._known.get(key)
        if whole is None:
            joined = with_plugins(workflow, pinned)
            whole = self._keep(key, joined, canonical_bytes(joined))
        return Pinned(whole[0], whole[1], version)

    def _keep(self, key: bytes, workflow: Workflow, canonical: bytes) -> _Known:
        known = workflow, canonical, calls_of(workflow), plugins_of(workflow)
        self._known[key] = known
        return known
