"""Where definitions are stored: one draft each, and published versions that never change.

<workflow>                 the head: which of these count
<workflow>.<n>             version n, canonical bytes
<workflow>.source.<id>     a text as it was written: the draft's, or a version's
<workflow>.layout.<id>     see `layout_store.py`

A text is stored under a key of its own, then the head is written over the revision that was read.
So of two writers who have seen the same draft one wins, and a crash changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from runfold.contracts.subjects import workflow_token
from runfold.definitions.heads import Draft, DraftLayout, Head, Version, contended
from runfold.definitions.layout_store import TRIES, LayoutStore, Seen, etag
from runfold.definitions.reading import DRAFT, StoredDefinition, StoredDraft
from runfold.definitions.sources import Source, packed, unpacked
from runfold.errors import BusUnavailable, Conflict, PreconditionFailed, RunfoldError
from runfold.graph.definition import Workflow
from runfold.graph.loader import accepted, canonical_bytes
from runfold.ids import checked_id, uuid7

__all__ = [
    "DRAFT",
    "DefinitionStore",
    "Head",
    "Saved",
    "Seen",
    "StoredDefinition",
    "StoredDraft",
    "etag",
]


class Saved(msgspec.Struct, frozen=True):
    """What a change has made of a workflow."""

    head: Head
    version: str
    """A number as text, or `draft`."""
    revision: int
    """Of the draft."""


class DefinitionStore(LayoutStore):
    """Definitions in a key-value bucket."""

    async def save_draft(self, workflow: Workflow) -> None:
        """Store a checked workflow as its draft; its canonical bytes are its text."""
        await self.save(workflow.id, Source(canonical_bytes(workflow)), workflow)

    async def save(
        self,
        workflow_id: str,
        source: Source,
        workflow: Workflow | None,
        *,
        publish: bool = False,
        seen: Seen | None = None,
        there: bool = False,
        new: Head | None = None,
        layout: bytes | None = None,
    ) -> Saved:
        """Store a text as a workflow's draft, and at once as its next version where it is wanted.

        Args:
            workflow_id: The workflow; it is made when it is not there.
            source: The text.
            workflow: What it comes to; None when it does not pass the checks.
            publish: Whether it is published as well.
            seen: The revisions of the draft that may be written over; None: any.
            there: Whether the workflow must be there.
            new: What the head begins as of one that must not be there.
            layout: What the draft's layout becomes, empty for none; None: it stays as it is.

        Raises:
            NotFound: The workflow must be there, and is not.
            Conflict: It must not be there, and is; or others write it all the time.
            PreconditionFailed: Another draft is there than the writer has seen.
            PayloadTooLarge: The text does not fit a message of the broker. Nothing is stored.
        """
        token = workflow_token(checked_id(workflow_id, "workflow id"))
        key = f"{token}.source.{uuid7(int(self._wall() * 1000), os.urandom(10))}"
        revision = await self._bucket.create(key, packed(source))
        draft = Draft(revision, key, valid=workflow is not None, saved_at=self._wall())
        arranged: DraftLayout | None = None
        try:
            if layout:
                arranged = await self._new_layout(workflow_id, layout)
            for _ in range(TRIES):
                before, at, head = await self._begun(workflow_id, there=there, new=new)
                await self._check_seen(before, seen)
                head = replace(head, draft=draft, updated_at=self._wall())
                if layout is not None:
                    head = replace(head, layout=arranged)
                if workflow is not None:
                    head = replace(head, name=workflow.name, labels=workflow.labels)
                    if publish:
                        head = await self._numbered(head, canonical_bytes(workflow), key, "")
                if await self.heads.write(head, at):
                    await self._forget(before, head)
                    return Saved(head, str(head.latest) if publish else DRAFT, revision)
            raise contended(workflow_id)
        except BusUnavailable:
            raise  # the head may have been written all the same
        except RunfoldError:
            await self._drop(key)
            if arranged is not None:
                await self._drop(arranged.key)
            raise

    async def publish(self, workflow_id: str, *, note: str = "", seen: Seen | None = None) -> Saved:
        """Make the draft the next version, for ever.

        Raises:
            NotFound: The workflow is unknown, or has no draft.
            InvalidWorkflow: The draft does not pass the checks; with all findings.
            PreconditionFailed: Another draft is there than the publisher has seen.
        """
        for _ in range(TRIES):
            head, at = await self.heads.find(workflow_id, again=True)
            await self._check_seen(head, seen)
            stored, draft = await self._draft_of(head), head.draft
            if stored is None or draft is None:
                continue
            workflow, _ = accepted(stored.loaded)
            head = replace(
                head, name=workflow.name, labels=workflow.labels, updated_at=self._wall()
            )
            body = canonical_bytes(workflow)
            head = await self._numbered(head, body, draft.source, note)
            if await self.heads.write(head, at):
                return Saved(head, str(head.latest), stored.revision)
        raise contended(workflow_id)

    async def change(
        self, workflow_id: str, changed: Callable[[Head], Head], *, seen: Seen | None = None
    ) -> Head:
        """Change a workflow's head; returns it as it is then.

        Raises:
            NotFound: The workflow is unknown.
            PreconditionFailed: Another draft is there than the writer has seen.
        """
        for _ in range(TRIES):
            before, at = await self.heads.find(workflow_id, again=True)
            await self._check_seen(before, seen)
            head = changed(before)
            if head == before:
                return head
            head = replace(head, updated_at=self._wall())
            if await self.heads.write(head, at):
                return head
        raise contended(workflow_id)

    async def delete(self, workflow_id: str, *, seen: Seen | None = None) -> None:
        """Delete a workflow with its draft and its versions.

        One write deletes it. What is removed after that is removed by a scheduler as well, should
        this process end before.

        Raises:
            NotFound: The workflow is unknown.
            PreconditionFailed: Another draft is there than the writer has seen.
        """
        await self.sweep(await self.change(workflow_id, _deleted, seen=seen))

    async def sweep(self, head: Head) -> None:
        """Remove what a deleted workflow had; doing it again changes nothing."""
        token = workflow_token(head.workflow_id)
        texts = {one.source for one in head.versions if one.source}
        texts |= {head.draft.source} if head.draft else set()
        texts |= {one.layout for one in head.versions if one.layout}
        texts |= {head.layout.key} if head.layout else set()
        for key in (*texts, *(f"{token}.{one.version}" for one in head.versions)):
            await self._drop(key)

    async def finish_deleting(self, head: Head) -> None:
        """Remove what a deleted workflow had, and note that nothing is left of it."""
        await self.sweep(head)
        found = await self.heads.trace(head.workflow_id, again=True)
        if found is None or not found[0].deleted or found[0].swept:
            return
        left = Head(
            workflow_id=head.workflow_id,
            numbered=_highest(found[0]),
            deleted=True,
            swept=True,
            updated_at=found[0].updated_at,
        )
        await self.heads.write(left, found[1])

    async def _begun(
        self, workflow_id: str, *, there: bool, new: Head | None
    ) -> tuple[Head | None, int, Head]:
        """The head that is there, the revision to write over, and what is to be changed."""
        if there:
            head, at = await self.heads.find(workflow_id, again=True)
            return head, at, head
        found = await self.heads.trace(workflow_id, again=True)
        begun = new or Head(workflow_id=workflow_id)
        begun = replace(begun, created_at=self._wall())
        if found is None:
            return None, 0, begun
        head, at = found
        if not head.deleted:
            if new is not None:
                message = f"there is a workflow {workflow_id!r} already: choose another id"
                raise Conflict(message, code="workflow.exists")
            return head, at, head
        if not head.swept:
            await self.sweep(head)
        return None, at, replace(begun, numbered=_highest(head))

    async def _numbered(self, head: Head, body: bytes, source: str, note: str) -> Head:
        """The head with one more version, whose body is stored."""
        token = workflow_token(head.workflow_id)
        number = _highest(head) + 1
        while not await self._stored(f"{token}.{number}", body):
            number += 1
        layout = head.layout.key if head.layout else ""
        version = Version(number, self._wall(), note, source, layout)
        return replace(head, latest=number, numbered=number, versions=(*head.versions, version))

    async def _stored(self, key: str, body: bytes) -> bool:
        """Store a version's body; False when the number is taken by another.

        By a publisher that died before it wrote the head, or one that is about to.
        """
        try:
            await self._bucket.create(key, body)
        except Conflict:
            present = await self._bucket.get(key)
            return present is not None and present[0] == body
        return True

    async def _forget(self, before: Head | None, after: Head) -> None:
        """Remove the text and the layout of the draft that was, unless they are a version's."""
        if before is None:
            return
        await self._forget_layout(before, after)
        if before.draft is None:
            return
        if before.draft.source not in {one.source for one in after.versions}:
            await self._drop(before.draft.source)

    async def _check_seen(self, head: Head | None, seen: Seen | None) -> None:
        """Refuse to write over a draft that the writer has not seen.

        Raises:
            PreconditionFailed: With what is there now.
        """
        revision = head.draft.revision if head and head.draft else 0
        if seen is None or revision in seen:
            return
        details: dict[str, object] = {"etag": None, "source": None, "media_type": None}
        about = "the workflow" if head is None else f"workflow {head.workflow_id!r}"
        message = f"{about} has no draft: save yours again, without If-Match"
        if head is not None and head.draft is not None:
            found = await self._bucket.get(head.draft.source)
            source = unpacked(found[0]) if found else Source(b"")
            details = {
                "etag": etag(revision),
                "source": source.text,
                "media_type": source.media_type,
            }
            message = (
                f"the draft of workflow {head.workflow_id!r} was changed meanwhile: look at what "
                "is there now, and send your change with its etag"
            )
        raise PreconditionFailed(message, code="workflow.draft_changed", details=details)


def _deleted(head: Head) -> Head:
    """The head of a deleted workflow: what is to be removed, and less than there was to keep."""
    versions = tuple(replace(one, note="", published_at=0.0) for one in head.versions)
    return Head(
        workflow_id=head.workflow_id,
        numbered=_highest(head),
        versions=versions,
        draft=head.draft,
        layout=head.layout,
        deleted=True,
    )


def _highest(head: Head) -> int:
    return max(head.numbered, head.latest)
