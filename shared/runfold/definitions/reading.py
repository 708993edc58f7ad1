"""Reading what is stored of workflows: versions, the draft, and texts as they were written."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import msgspec

from runfold.bus.ports.stores import KeyValue
from runfold.contracts.subjects import workflow_token
from runfold.definitions.heads import Head, Heads, Version
from runfold.definitions.sources import JSON, Source, unpacked
from runfold.errors import Conflict, NotFound
from runfold.graph.loader import Loaded, accepted, canonical_bytes
from runfold.isolated.documents import load_workflow
from runfold.lru import LruMap

DRAFT = "draft"
KEPT = 256
"""Versions kept by this process: they never change."""
KEPT_DRAFTS = 64
"""Drafts kept as they were checked."""


class StoredDefinition(msgspec.Struct, frozen=True):
    """A definition as stored."""

    workflow_id: str
    version: str
    """A number as text, or `draft`."""
    body: bytes
    """Canonical bytes."""


class StoredDraft(msgspec.Struct, frozen=True):
    """A draft as its author left it, and what there is to say about it."""

    revision: int
    source: Source
    loaded: Loaded

    @property
    def valid(self) -> bool:
        """Whether it can be published and run."""
        found = self.loaded.findings
        return self.loaded.workflow is not None and not any(one.level == "error" for one in found)


class DefinitionReader:
    """Reads definitions from a key-value bucket.

    Args:
        bucket: Where they are kept.
        wall: The clock, in Unix seconds.
    """

    def __init__(self, bucket: KeyValue, wall: Callable[[], float] = time.time) -> None:
        self.heads = Heads(bucket)
        self._bucket = bucket
        self._wall = wall
        self._versions: LruMap[tuple[str, int], StoredDefinition] = LruMap(KEPT)
        self._checked: LruMap[str, StoredDraft] = LruMap(KEPT_DRAFTS)

    def now(self) -> float:
        """What time it is, in Unix seconds."""
        return self._wall()

    async def keep_heads(self) -> Callable[[], Awaitable[None]]:
        """Keep what was read of workflows until they change; returns the function that ends it."""
        return await self.heads.keep()

    async def get(self, workflow_id: str, version: str = "") -> StoredDefinition:
        """A version by its number, the draft, or with an empty `version` the newest published.

        Raises:
            NotFound: When there is none such.
            InvalidWorkflow: A draft that does not pass the checks; with all findings.
        """
        head, _ = await self.heads.find(workflow_id)
        return await self._definition(head, version)

    async def runnable(self, workflow_id: str, version: str = "") -> StoredDefinition:
        """The same for a run that is to begin. Raises `Conflict` as well, for an archived one."""
        try:
            return await self._runnable(workflow_id, version)
        except (NotFound, Conflict):
            # A head that was kept may be behind, and the refusal of a run is final.
            return await self._runnable(workflow_id, version, again=True)

    async def _runnable(
        self, workflow_id: str, version: str, *, again: bool = False
    ) -> StoredDefinition:
        head, _ = await self.heads.find(workflow_id, again=again)
        if head.archived_at:
            message = f"workflow {workflow_id!r} is archived: unarchive it to run it"
            raise Conflict(message, code="workflow.archived")
        return await self._definition(head, version)

    async def newest(self, head: Head) -> StoredDefinition:
        """The newest published version of a head. Raises `NotFound`."""
        return await self._numbered_version(head, head.latest)

    async def draft(self, workflow_id: str) -> StoredDraft:
        """The draft as it was written, with its findings.

        Raises:
            NotFound: The workflow is unknown, or has no draft.
        """
        before, found = "", None
        while found is None:
            head, _ = await self.heads.find(workflow_id, again=bool(before))
            if head.draft is None or head.draft.source == before:
                message = f"workflow {workflow_id!r} has no {DRAFT}"
                raise NotFound(message, code="workflow.no_draft")
            # Another draft may take its place between the two reads.
            before = head.draft.source
            found = await self._draft_of(head)
        return found

    async def source(self, workflow_id: str, version: str = "") -> Source:
        """The text of a version or the draft, as it was written.

        Of a version that was stored without its text it is the canonical definition.

        Raises:
            NotFound: When there is none such.
        """
        return (await self.text(workflow_id, version))[0]

    async def text(self, workflow_id: str, version: str = "") -> tuple[Source, int | None]:
        """The same, with the revision of a draft; None for a version. Raises `NotFound`."""
        head, _ = await self.heads.find(workflow_id)
        if version == DRAFT or (not version and not head.latest):
            draft = await self.draft(workflow_id)
            return draft.source, draft.revision
        wanted = version or str(head.latest)
        key = next((one.source for one in head.versions if str(one.version) == wanted), "")
        found = await self._bucket.get(key) if key else None
        if found is None:
            return Source((await self._definition(head, version)).body, JSON), None
        return unpacked(found[0]), None

    async def head(self, workflow_id: str) -> Head:
        """What is known of a workflow. Raises `NotFound`."""
        return (await self.heads.find(workflow_id))[0]

    async def versions(self, workflow_id: str) -> tuple[Version, ...]:
        """The published versions, oldest first. Raises `NotFound`."""
        return (await self.head(workflow_id)).versions

    async def list(self) -> list[Head]:
        """All workflows that can be read, by id."""
        heads = [head for head in await self.heads.all() if not head.deleted]
        return sorted(heads, key=lambda head: head.workflow_id)

    async def _draft_of(self, head: Head) -> StoredDraft | None:
        """The head's draft; None when its text is there no longer."""
        if head.draft is None:
            message = f"workflow {head.workflow_id!r} has no {DRAFT}"
            raise NotFound(message, code="workflow.no_draft")
        known = self._checked.get(head.draft.source)
        if known is not None:
            return known
        found = await self._bucket.get(head.draft.source)
        if found is None:
            return None
        source = unpacked(found[0])
        loaded = await load_workflow(source.body, workflow_id=head.workflow_id)
        known = self._checked[head.draft.source] = StoredDraft(head.draft.revision, source, loaded)
        return known

    async def _definition(self, head: Head, version: str) -> StoredDefinition:
        if version == DRAFT or (not version and not head.latest):
            workflow, _ = accepted((await self.draft(head.workflow_id)).loaded)
            return StoredDefinition(head.workflow_id, DRAFT, canonical_bytes(workflow))
        numbers = [one.version for one in head.versions if str(one.version) == version]
        if version and not numbers:
            raise _no_version(head.workflow_id, version)
        return await self._numbered_version(head, numbers[0] if numbers else head.latest)

    async def _numbered_version(self, head: Head, number: int) -> StoredDefinition:
        at = (head.workflow_id, number)
        if (known := self._versions.get(at)) is not None:
            return known
        found = await self._bucket.get(f"{workflow_token(head.workflow_id)}.{number}")
        if found is None:
            raise _no_version(head.workflow_id, str(number))
        stored = StoredDefinition(head.workflow_id, str(number), found[0])
        self._versions[at] = stored
        return stored


def _no_version(workflow_id: str, version: str) -> NotFound:
    message = f"workflow {workflow_id!r} has no version {version!r}"
    return NotFound(message, code="workflow.not_found")
