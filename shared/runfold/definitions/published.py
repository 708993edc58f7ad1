"""What the newest published versions say of themselves: a list that is remembered by version."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from runfold.definitions.heads import Head
from runfold.definitions.store import DefinitionStore
from runfold.errors import NotFound, Undecodable
from runfold.graph.definition import Workflow
from runfold.graph.loader import workflow_from_canonical

FRESH = 2.0
"""Seconds for which the list holds."""
T = TypeVar("T")


class Published(Generic[T]):
    """What each workflow's newest published version says; archived ones are left out.

    Args:
        definitions: Where workflows are stored.
        said: What a definition says.
    """

    def __init__(self, definitions: DefinitionStore, said: Callable[[Workflow], T]) -> None:
        self._definitions = definitions
        self._said = said
        self._of_versions: dict[tuple[str, int], tuple[T]] = {}
        """What the versions say that are the newest; no others are kept."""
        self._all: tuple[tuple[Head, T], ...] = ()
        self._looking = asyncio.Lock()
        self._since = -FRESH

    async def all(self, *, within: float = FRESH) -> tuple[tuple[Head, T], ...]:
        """All of them by workflow, as they were at most so many seconds ago."""
        asked = time.monotonic()
        if asked - self._since < within:
            return self._all
        async with self._looking:
            # Who waited for another's look that began after the question has its answer.
            if self._since < asked and asked - self._since >= within:
                await self._look()
        return self._all

    async def _look(self) -> None:
        begun = time.monotonic()
        found = [(head, await self._of(head)) for head in await self._definitions.list()]
        said = [(head, one) for head, one in found if one is not None]
        self._of_versions = {(head.workflow_id, head.latest): one for head, one in said}
        self._all = tuple((head, one[0]) for head, one in said)
        self._since = begun

    async def _of(self, head: Head) -> tuple[T] | None:
        if head.archived_at or head.deleted or not head.latest:
            return None
        key = (head.workflow_id, head.latest)
        known = self._of_versions.get(key)
        if known is not None:
            return known
        try:
            stored = await self._definitions.newest(head)
            return (self._said(workflow_from_canonical(stored.body)),)
        except (NotFound, Undecodable, msgspec.DecodeError):
            return None  # deleted meanwhile, or not readable: another version may be
