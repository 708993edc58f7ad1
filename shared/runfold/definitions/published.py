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
UNREADABLE = (NotFound, Undecodable, msgspec.DecodeError)
"""What is raised of a version that is gone, or that another release stored."""
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
        self._of_versions: dict[str, tuple[int, tuple[T]]] = {}
        """Workflow → its newest version that was read, and what it says."""
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
        found = [(head, await self._readable(head)) for head in await self._definitions.list()]
        self._all = tuple((head, said[0]) for head, said in found if said is not None)
        there = {head.workflow_id for head, _ in self._all}
        for gone in self._of_versions.keys() - there:
            del self._of_versions[gone]
        self._since = begun

    async def of(self, head: Head) -> tuple[T] | None:
        """What one says; None of a workflow that is not to run.

        Raises:
            NotFound: The version was deleted meanwhile.
            Undecodable: It cannot be read here: another release stored it.
            msgspec.DecodeError: The same.
        """
        if head.archived_at or head.deleted or not head.latest:
            return None
        version, known = self._of_versions.get(head.workflow_id, (0, None))
        if known is None or version != head.latest:
            stored = await self._definitions.newest(head)
            known = (self._said(workflow_from_canonical(stored.body)),)
            self._of_versions[head.workflow_id] = (head.latest, known)
        return known

    async def _readable(self, head: Head) -> tuple[T] | None:
        try:
            return await self.of(head)
        except UNREADABLE:
            return None  # another version may be
