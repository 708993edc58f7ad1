"""The definition a run pins: as its request brought it or as it is stored, and canonical."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable

import msgspec

from runfold.bus.ports import Bus
from runfold.client.definitions import DefinitionStore
from runfold.graph.definition import Workflow
from runfold.graph.loader import canonical_bytes, prepare
from runfold.ids import checked_token

KEPT = 256
"""Definitions kept, so that they are not checked again for each run."""


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
        self._known: OrderedDict[bytes, tuple[Workflow, bytes]] = OrderedDict()

    async def open(self) -> Callable[[], Awaitable[None]]:
        """Keep which version is the newest until that changes; returns what ends it."""
        return await self._store.keep_heads()

    def given(self, definition: bytes, version: str) -> Pinned:
        """A definition that came with a request. Raises `InvalidWorkflow`."""
        known = self._known.get(definition)
        if known is None:
            workflow, _ = prepare(definition)
            known = self._keep(definition, (workflow, canonical_bytes(workflow)))
        return Pinned(*known, version or "draft")

    async def stored(self, workflow_id: str, version: str) -> Pinned:
        """A stored definition.

        Raises:
            NotFound: No such workflow or version.
            InvalidWorkflow: It was stored by another release and no longer passes the checks.
        """
        found = await self._store.get(checked_token(workflow_id, "workflow id"), version)
        known = self._known.get(found.body)
        if known is None:
            known = self._keep(found.body, (prepare(found.body)[0], found.body))
        return Pinned(*known, found.version)

    def _keep(self, key: bytes, known: tuple[Workflow, bytes]) -> tuple[Workflow, bytes]:
        self._known[key] = known
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return known
