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
    checked,
    diff_of,
    summary_of,
    versions_of,
    workflow_of,
)
from runfold.client.workflow_upkeep import WorkflowUpkeep
from runfold.definitions.sources import Source
from runfold.definitions.store import DRAFT, DefinitionStore, Seen, etag
from runfold.definitions.webhooks import WebhookTable, taken_paths
from runfold.errors import InvalidRequest, InvalidWorkflow
from runfold.graph.definition import Workflow
from runfold.graph.differences import differences
from runfold.graph.loader import accepted, workflow_from_canonical
from runfold.graph.scope import scope_of
from runfold.ids import is_id
from runfold.isolated.documents import load_workflow

LONGEST_NOTE = 500
"""Characters of a version's note, all of which are kept in one message."""
MOST = 1000
"""Workflows of one page."""


class WorkflowClient(WorkflowUpkeep):
    """Stored workflows, as the API and the command see them.

    Args:
        store: Where they are.
    """

    def __init__(self, store: DefinitionStore) -> None:
        super().__init__(store)
        self._webhooks = WebhookTable(store)

    async def save(
        self,
        source: Source,
        workflow_id: str = "",
        *,
        draft: bool,
        seen: Seen | None = None,
        there: bool = False,
        layout: bytes | None = None,
    ) -> SavedWorkflow:
        """Store a text as a draft, or as the next version as well.

        Args:
            source: The text.
            workflow_id: The workflow; empty: as the document says.
            draft: Only as the draft, which may have mistakes.
            seen: The revisions of the draft that may be written over; None: any.
            there: Whether the workflow must be there.
            layout: What the draft's layout becomes; None: it stays as it is.

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
                workflow.id,
                source,
                workflow,
                publish=True,
                seen=seen,
                there=there,
                layout=layout,
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
            named,
            source,
            loaded.workflow if valid else None,
            seen=seen,
            there=there,
            layout=layout,
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

        A draft with mistakes is compared as far as it could be read.

        Raises:
            NotFound: The workflow or the version is unknown.
            InvalidWorkflow: The draft cannot be read.
        """
        old, before = await self._readable(workflow_id, from_)
        new, after = await self._readable(workflow_id, to)
        found = await asyncio.to_thread(differences, before, after)
        return diff_of(workflow_id, old, new, found)

    async def _readable(self, workflow_id: str, version: str) -> tuple[str, Workflow]:
        """A version's name and definition, also of a draft with mistakes."""
        head = await self._store.head(workflow_id)
        if version == DRAFT or (not version and not head.latest):
            loaded = (await self._store.draft(workflow_id)).loaded
            return DRAFT, loaded.workflow or accepted(loaded)[0]
        stored = await self._store.get(workflow_id, version)
        return stored.version, workflow_from_canonical(stored.body)

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
