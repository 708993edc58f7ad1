"""What is done with a stored workflow as a whole: rename, label, archive, delete, copy, restore."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from runfold.client.workflow_documents import (
    SavedWorkflow,
    WorkflowSummary,
    checked,
    summary_of,
)
from runfold.contracts.labels import wrong_label
from runfold.definitions.heads import Head
from runfold.definitions.store import DRAFT, DefinitionStore, Seen, etag
from runfold.errors import InvalidRequest, InvalidWorkflow
from runfold.graph.reading.renaming import with_id
from runfold.ids import checked_id
from runfold.isolated.documents import load_workflow

LONGEST_NAME = 256
"""Characters of a name that is set beside the document."""


class WorkflowUpkeep:
    """Changes of stored workflows that leave what their texts say.

    Args:
        store: Where they are.
    """

    def __init__(self, store: DefinitionStore) -> None:
        self._store = store

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


def _checked_name(name: str) -> str:
    """A name that people may see.

    Raises:
        InvalidRequest: `workflow.name_invalid`.
    """
    if len(name) > LONGEST_NAME or not all(one.isprintable() for one in name):
        message = f"a name has at most {LONGEST_NAME} characters, all of them printable"
        raise InvalidRequest(message, code="workflow.name_invalid")
    return name
