"""Stored workflows as the API and the command print them: one shape for both."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from runfold.definitions.heads import Head, Version
from runfold.definitions.store import etag
from runfold.graph.definition import Finding
from runfold.graph.differences import (
    Change,
    Differences,
    EdgeDifferences,
    NodeDifferences,
)
from runfold.graph.loader import Loaded
from runfold.graph.scope import NodeScope

Etag = Annotated[
    str, Meta(description="The draft's entity tag, in quotes: what `If-Match` takes back.")
]
Shown = Annotated[
    dict[str, Any] | None,
    Meta(description="The canonical definition; null of a draft that does not pass the checks."),
]
MediaType = Annotated[
    str, Meta(description="Of the text as it was written, which `?form=source` gives back.")
]


class SavedWorkflow(msgspec.Struct, frozen=True):
    """A workflow that was stored."""

    id: str
    version: Annotated[str, Meta(description="A number, or `draft`.")]
    etag: Etag
    valid: bool = True
    findings: tuple[Finding, ...] = ()


class WorkflowSummary(msgspec.Struct, frozen=True):
    """A workflow as a list has it."""

    id: str
    name: str
    version: Annotated[int | None, Meta(description="Newest published version.")]
    has_draft: bool
    has_changes: Annotated[
        bool, Meta(description="Whether the draft is another text than the newest version has.")
    ]
    draft_valid: Annotated[
        bool, Meta(description="Whether the draft passed the checks when it was saved.")
    ]
    etag: Annotated[str | None, Meta(description="The draft's entity tag.")]
    labels: dict[str, str]
    archived: bool
    created_at: float
    updated_at: float


class WorkflowList(msgspec.Struct, frozen=True):
    """Workflows by id."""

    items: tuple[WorkflowSummary, ...]
    next_cursor: str | None = None


class WorkflowDocument(msgspec.Struct, frozen=True):
    """A workflow's definition, and what is known of the workflow."""

    id: str
    version: Annotated[str, Meta(description="A number, or `draft`.")]
    definition: Shown
    media_type: MediaType
    valid: bool
    findings: tuple[Finding, ...]
    etag: Annotated[str | None, Meta(description="The draft's entity tag.")]
    name: str
    labels: dict[str, str]
    archived: bool
    created_at: float
    updated_at: float


class VersionDocument(msgspec.Struct, frozen=True):
    """One version of a workflow, or its draft."""

    id: str
    version: Annotated[str, Meta(description="A number, or `draft`.")]
    definition: Shown
    media_type: MediaType
    valid: bool = True
    findings: tuple[Finding, ...] = ()
    etag: Annotated[str | None, Meta(description="Of the draft: its entity tag.")] = None


class VersionSummary(msgspec.Struct, frozen=True):
    """A published version as a list has it."""

    version: int
    published_at: float
    note: str = ""


class VersionList(msgspec.Struct, frozen=True):
    """The published versions, oldest first."""

    items: tuple[VersionSummary, ...]
    next_cursor: str | None = None


class Checked(msgspec.Struct, frozen=True):
    """What the checks say of a document."""

    valid: bool
    findings: tuple[Finding, ...]
    nodes: Annotated[
        dict[str, NodeScope] | msgspec.UnsetType,
        Meta(
            description="With `scope=true`: the nodes by their addresses, as findings have them; "
            "none of a document that cannot be read."
        ),
    ] = msgspec.UNSET


class WorkflowDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two versions of a workflow."""

    id: str
    from_: str = msgspec.field(name="from")
    to: str
    same: Annotated[bool, Meta(description="Whether they are the same definition.")]
    nodes: NodeDifferences
    edges: EdgeDifferences
    inputs: tuple[Change, ...]
    outputs: tuple[Change, ...]
    settings: tuple[Change, ...]
    other: tuple[Change, ...]


def checked(loaded: Loaded) -> Checked:
    """What the checks say of a document that was loaded."""
    bad = loaded.workflow is None or any(one.level == "error" for one in loaded.findings)
    return Checked(not bad, loaded.findings)


def summary_of(head: Head) -> WorkflowSummary:
    """A workflow as a list has it."""
    return WorkflowSummary(
        id=head.workflow_id,
        name=head.shown_name,
        version=head.latest or None,
        has_draft=head.draft is not None,
        has_changes=head.draft is not None
        and head.draft.source not in {one.source for one in head.versions[-1:]},
        draft_valid=head.draft is not None and head.draft.valid,
        etag=etag_of(head),
        labels=head.all_labels,
        archived=bool(head.archived_at),
        created_at=head.created_at,
        updated_at=head.updated_at,
    )


def workflow_of(head: Head, one: VersionDocument) -> WorkflowDocument:
    """A workflow with one of its versions."""
    return WorkflowDocument(
        id=one.id,
        version=one.version,
        definition=one.definition,
        media_type=one.media_type,
        valid=one.valid,
        findings=one.findings,
        etag=etag_of(head),
        name=head.shown_name,
        labels=head.all_labels,
        archived=bool(head.archived_at),
        created_at=head.created_at,
        updated_at=head.updated_at,
    )


def versions_of(versions: tuple[Version, ...]) -> VersionList:
    """The list of published versions."""
    return VersionList(
        tuple(VersionSummary(one.version, one.published_at, one.note) for one in versions)
    )


def diff_of(workflow_id: str, from_: str, to: str, found: Differences) -> WorkflowDiff:
    """What differs between two versions, with their names."""
    return WorkflowDiff(
        id=workflow_id,
        from_=from_,
        to=to,
        same=found.same,
        nodes=found.nodes,
        edges=found.edges,
        inputs=found.inputs,
        outputs=found.outputs,
        settings=found.settings,
        other=found.other,
    )


def etag_of(head: Head) -> str | None:
    """The entity tag of a workflow's draft."""
    return etag(head.draft.revision) if head.draft is not None else None
