"""What the newest published versions say of where their runs can be begun from."""

from __future__ import annotations

from runfold.definitions.heads import Head
from runfold.definitions.store import DefinitionStore
from runfold.graph.definition import Settings
from runfold.graph.loader import workflow_from_canonical
from runfold.lru import LruMap

KEPT = 1000
"""Versions whose settings are remembered."""
NOTHING = Settings()


class NewestSettings:
    """Settings of newest published versions.

    Args:
        definitions: Where workflows are stored.
    """

    def __init__(self, definitions: DefinitionStore) -> None:
        self._definitions = definitions
        self._known: LruMap[tuple[str, int], Settings] = LruMap(KEPT)

    async def of(self, head: Head) -> Settings:
        """The settings by which runs of a workflow begin: none of one that may not run.

        Raises:
            NotFound: The version was deleted meanwhile.
            Undecodable: It cannot be read here: another release stored it.
            BusUnavailable: The broker does not answer.
        """
        if head.archived_at or head.deleted or not head.latest:
            return NOTHING
        key = (head.workflow_id, head.latest)
        known = self._known.get(key)
        if known is None:
            stored = await self._definitions.newest(head)
            known = self._known[key] = workflow_from_canonical(stored.body).settings
        return known
