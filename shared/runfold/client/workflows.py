"""What is done with stored workflows: what the gateway and the command share."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

import msgspec
from msgspec.structs import replace

from runfold.client.workflow_documents import (
    Checked,
    SavedWorkflow,
    VersionDocument,
    VersionList,
    WorkflowDiff,
    WorkflowDocument,
    WorkflowList,
    WorkflowSummary,
    diff_of,
    summary_of,
    versions_of,
    workflow_of,
)
from runfold.contracts.labels import wrong_label
from runfold.definitions.heads import Head
from runfold.definitions.sources import Source
from runfold.definitions.store import DRAFT, DefinitionStore, Seen, etag
from runfold.definitions.webhooks import WebhookTable, taken_paths
from runfold.errors import InvalidRequest, InvalidWorkflow
from runfold.graph.differences import differences
from runfold.graph.loader import Loaded, accepted, workflow_from_canonical
from runfold.graph.reading.renaming import with_id
from runfold.graph.scope import scope_of
from runfold.ids import checked_id, is_id
from runfold.isolated.documents import load_workflow

LONGEST_NOTE = 500
"""Characters of a version's note, all of which are kept in one message."""
LONGEST_NAME = 256
"""Characters of a name that is set beside the document."""
MOST = 1000
"""Workflows of one page."""


class WorkflowClient:
    """Stored workflows, as the API and the command see them.

    Args:
        store: Where they are.
    """

    def __init__(self, store: DefinitionStore) -> None:
        self._store = store
        self._webhooks = WebhookTable(store)

    async def save(
        self,
        source: Source,
        workflow_id: str = "",
        *,
        draft: bool,
        seen: Seen | None = None,
        there: bool = False,
    ) -> SavedWorkflow:
        """Store a text as a draft, or as the next version as well.

        Args:
            source: The text.
            workflow_id: The workflow; empty: as the document says.
            draft: Only as the draft, which may have mistakes.
            seen: The revisions of the draft that may be written over; None: any.
            there: Whether the workflow must be there.

        Raises:
            InvalidWorkflow: It does not pass the checks, or, of a draft, does not say its id.
            InvalidRequest: What is to be published has another id.
            NotFound: The workflow must be there, and is not.
            PreconditionFailed: Another draft is there than the writer has seen.
        """
        if there:
            await self._store.head(workflow_id)
        loaded = await load_workflow(source.body, workflow_id=workflow_id if draft else "")
        if not draft:
            workflow, findings = accepted(loaded)
            if workflow_id and workflow.id != workflow_id:
                message = f"the body is workflow {workflow.id!r}, the path says {workflow_id!r}"
                raise InvalidRequest(message, code="workflow.id_mismatch")
            saved = await self._store.save(
                workflow.id, source, workflow, publish=True, seen=seen, there=there
            )
            findings += await taken_paths(self._webhooks, workflow)
            return SavedWorkflow(
                workflow.id, saved.version, etag(saved.revision), findings=findings
            )
        named = workflow_id or loaded.id
        if not is_id(named):
            message = "a draft without an id that can be read has no place: say its id"
            raise InvalidWorkflow(message, loaded.findings)
        valid = checked(loaded).valid
        saved = await self._store.save(
            named, source, loaded.workflow if valid else None, seen=seen, there=there
        )
        return SavedWorkflow(named, DRAFT, etag(saved.revision), valid, loaded.findings)

    async def publish(
        self, workflow_id: str, *, note: str = "", seen: Seen | None = None
    ) -> SavedWorkflow:
        """Make the draft the next version.

        Raises:
            NotFound: The workflow is unknown.
            InvalidWorkflow: The draft does not pass the checks; with all findings.
            PreconditionFailed: Another draft is there than the publisher has seen.
            InvalidRequest: `workflow.note_too_long`.
        """
        if len(note) > LONGEST_NOTE:
            message = f"a note has at most {LONGEST_NOTE:,} characters, this one {len(note):,}"
            raise InvalidRequest(message, code="workflow.note_too_long")
        saved = await self._store.publish(workflow_id, note=note, seen=seen)
        workflow = workflow_from_canonical((await self._store.newest(saved.head)).body)
        findings = await taken_paths(self._webhooks, workflow)
        return SavedWorkflow(workflow_id, saved.version, etag(saved.revision), findings=findings)

    async def check(self, source: Source, *, scope: bool = False, node: str = "") -> Checked:
        """What the checks say of a text, and what is published already; nothing is stored.

        Args:
            source: The text.
            scope: Whether to say as well what its nodes may refer to.
            node: The address of the one node of which that is said; empty: all.
        """
        found = checked(loaded := await load_workflow(source.body))
        if loaded.workflow is None:
            return replace(found, nodes={}) if scope else found
        taken = await taken_paths(self._webhooks, loaded.workflow)
        found = replace(found, findings=(*found.findings, *taken))
        if not scope:
            return found
        return replace(found, nodes=await asyncio.to_thread(scope_of, loaded.workflow, node))

    async def id_of(self, source: Source) -> str:
        """The id that a text says; empty when it says none."""
        return (await load_workflow(source.body)).id

    async def list(
        self,
        *,
        archived: bool = False,
        labels: Collection[tuple[str, str]] = (),
        limit: int = MOST,
        cursor: str = "",
    ) -> WorkflowList:
        """A page of workflows, by id.

        Args:
            archived: Those that are archived, and no others.
            labels: Labels that each of them has.
            limit: How many at most.
            cursor: The `next_cursor` of the page before.

        Raises:
            InvalidRequest: `cursor.invalid`.
        """
        if cursor and not is_id(cursor):
            message = f"invalid cursor {cursor[:80]!r}: use next_cursor of the previous page"
            raise InvalidRequest(message, code="cursor.invalid")
        wanted = set(labels)
        found = [
            summary_of(head)
            for head in await self._store.list()
            if head.workflow_id > cursor
            and bool(head.archived_at) == archived
            and wanted <= head.all_labels.items()
        ]
        more = found[limit - 1].id if len(found) > limit else None
        return WorkflowList(tuple(found[:limit]), more)

    async def show(self, workflow_id: str, version: str = "") -> WorkflowDocument:
        """A workflow with one of its versions. Raises `NotFound`."""
        one = await self.version(workflow_id, version)
        shown = workflow_of(await self._store.head(workflow_id), one)
        # Another draft may be there by now: the tag goes with the text that is shown.
        return replace(shown, etag=one.etag) if one.version == DRAFT else shown

    async def version(self, workflow_id: str, version: str = "") -> VersionDocument:
        """One version, or the draft, which may have mistakes. Raises `NotFound`."""
        head = await self._store.head(workflow_id)
        if version == DRAFT or (not version and not head.latest):
            draft = await self._store.draft(workflow_id)
            workflow = draft.loaded.workflow if draft.valid else None
            return VersionDocument(
                id=workflow_id,
                version=DRAFT,
                definition=msgspec.to_builtins(workflow),
                media_type=draft.source.media_type,
                valid=draft.valid,
                findings=draft.loaded.findings,
                etag=etag(draft.revision),
            )
        stored = await self._store.get(workflow_id, version)
        source = await self._store.source(workflow_id, stored.version)
        definition: dict[str, Any] = msgspec.json.decode(stored.body)
        return VersionDocument(workflow_id, stored.version, definition, source.media_type)

    async def versions(self, workflow_id: str) -> VersionList:
        """The published versions, oldest first. Raises `NotFound`."""
        return versions_of(await self._store.versions(workflow_id))

    async def source(self, workflow_id: str, version: str = "") -> Source:
        """A version's text as it was written. Raises `NotFound`."""
        return await self._store.source(workflow_id, version)

    async def text(self, workflow_id: str, version: str = "") -> tuple[Source, str | None]:
        """The same, with the entity tag of a draft; None for a version. Raises `NotFound`."""
        source, revision = await self._store.text(workflow_id, version)
        return source, None if revision is None else etag(revision)

    async def diff(self, workflow_id: str, from_: str = "", to: str = DRAFT) -> WorkflowDiff:
        """What differs between two versions; an empty one is the newest published.

        Raises:
            NotFound: The workflow or the version is unknown.
            InvalidWorkflow: The draft does not pass the checks.
        """
        before = await self._store.get(workflow_id, from_)
        after = await self._store.get(workflow_id, to)
        workflows = map(workflow_from_canonical, (before.body, after.body))
        found = await asyncio.to_thread(differences, *workflows)
        return diff_of(workflow_id, before.version, after.version, found)

    async def diff_text(self, source: Source, version: str = "") -> WorkflowDiff:
        """What a text would change of the stored workflow of its id.

        Raises:
            InvalidWorkflow: The text does not pass the checks.
            NotFound: The workflow or the version is unknown.
        """
        workflow, _ = accepted(await load_workflow(source.body))
        stored = await self._store.get(workflow.id, version)
        before = workflow_from_canonical(stored.body)
        found = await asyncio.to_thread(differences, before, workflow)
        return diff_of(workflow.id, stored.version, "given", found)

    async def rename(self, workflow_id: str, name: str) -> WorkflowSummary:
        """Give a workflow a name that goes before its document's; empty: the document's again.

        Raises:
            NotFound: The workflow is unknown.
            InvalidRequest: `workflow.name_invalid`.
        """
        return await self._changed(workflow_id, title=_checked_name(name))

    async def label(self, workflow_id: str, labels: dict[str, str]) -> WorkflowSummary:
        """Set the labels that go before the document's; those set before are gone.

        Raises:
            NotFound: The workflow is unknown.
            InvalidRequest: `workflow.labels_invalid`.
        """
        if wrong := wrong_label(labels, "workflow"):
            raise InvalidRequest(wrong, code="workflow.labels_invalid")
        return await self._changed(workflow_id, set_labels=labels)

    async def archive(self, workflow_id: str) -> WorkflowSummary:
        """Let no run of a workflow begin, and no schedule; what has begun goes on."""
        return await self._archived(workflow_id, archived=True)

    async def unarchive(self, workflow_id: str) -> WorkflowSummary:
        """Let runs begin again, also by the clock."""
        return await self._archived(workflow_id, archived=False)

    async def delete(self, workflow_id: str, *, seen: Seen | None = None) -> None:
        """Delete a workflow with its draft and its versions; runs that have begun go on.

        Raises:
            NotFound: The workflow is unknown.
            PreconditionFailed: Another draft is there than the one who deletes has seen.
        """
        await self._store.delete(workflow_id, seen=seen)

    async def duplicate(
        self, workflow_id: str, new_id: str, *, version: str = "", name: str = ""
    ) -> SavedWorkflow:
        """A new workflow with the text and the layout of another as its draft, under its own id.

        Raises:
            NotFound: The workflow or the version is unknown.
            Conflict: There is a workflow of the new id already.
            InvalidWorkflow: The text cannot be read, or has no id that can be changed alone.
            InvalidRequest: `workflow.name_invalid`.
        """
        checked_id(new_id, "workflow id")
        _checked_name(name)
        head = await self._store.head(workflow_id)
        source = await self._store.source(workflow_id, version)
        layout = await self._store.layout_bytes(workflow_id, version or str(head.latest or DRAFT))
        loaded = await load_workflow(source.body)
        text = await asyncio.to_thread(with_id, source.text, new_id) if loaded.id else None
        if text is None:
            message = f"workflow {workflow_id!r} cannot be copied: its text has no id to change"
            raise InvalidWorkflow(message, loaded.findings)
        copy = replace(source, body=text.encode())
        loaded = await load_workflow(copy.body, workflow_id=new_id)
        if loaded.id != new_id:
            message = f"workflow {workflow_id!r} cannot be copied: its id cannot be changed alone"
            raise InvalidWorkflow(message, loaded.findings)
        valid = checked(loaded).valid
        new = Head(
            workflow_id=new_id,
            title=name or head.title,
            name=head.name,
            labels=head.labels,
            set_labels=head.set_labels,
        )
        workflow = loaded.workflow if valid else None
        saved = await self._store.save(new_id, copy, workflow, new=new, layout=layout)
        return SavedWorkflow(new_id, DRAFT, etag(saved.revision), valid, loaded.findings)

    async def restore(
        self, workflow_id: str, version: str, *, seen: Seen | None = None
    ) -> SavedWorkflow:
        """Make a version's text and layout the draft again; nothing is published.

        The text is as it was written, and may have mistakes by now: node kinds come and go.

        Raises:
            NotFound: The workflow is unknown, or has no such version.
            PreconditionFailed: Another draft is there than the one who restores has seen.
        """
        layout = await self._store.layout_bytes(workflow_id, version or "0")
        source = await self._store.source(workflow_id, version)
        loaded = await load_workflow(source.body, workflow_id=workflow_id)
        valid = checked(loaded).valid
        workflow = loaded.workflow if valid else None
        saved = await self._store.save(
            workflow_id, source, workflow, seen=seen, there=True, layout=layout
        )
        return SavedWorkflow(workflow_id, DRAFT, etag(saved.revision), valid, loaded.findings)

    async def _archived(self, workflow_id: str, *, archived: bool) -> WorkflowSummary:
        now = self._store.now()

        def changed(head: Head) -> Head:
            if archived:
                return replace(head, archived_at=head.archived_at or now)
            since = now if head.archived_at else head.unarchived_at
            return replace(head, archived_at=0.0, unarchived_at=since)

        return summary_of(await self._store.change(workflow_id, changed))

    async def _changed(self, workflow_id: str, **fields: object) -> WorkflowSummary:
        return summary_of(
            await self._store.change(workflow_id, lambda head: replace(head, **fields))
        )


def checked(loaded: Loaded) -> Checked:
    """What the checks say of a document that was loaded."""
    bad = loaded.workflow is None or any(one.level == "error" for one in loaded.findings)
    return Checked(not bad, loaded.findings)


def _checked_name(name: str) -> str:
    """A name that people may see.

    Raises:
        InvalidRequest: `workflow.name_invalid`.
    """
    if len(name) > LONGEST_NAME or not all(one.isprintable() for one in name):
        message = f"a name has at most {LONGEST_NAME} characters, all of them printable"
        raise InvalidRequest(message, code="workflow.name_invalid")
    return name
