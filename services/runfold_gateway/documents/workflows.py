"""Bodies of the routes of workflows; what they answer with is shared with the command."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from runfold.client.workflow_documents import (
    Checked,
    SavedWorkflow,
    VersionDocument,
    VersionList,
    WorkflowDiff,
    WorkflowDocument,
    WorkflowList,
    WorkflowSummary,
)

__all__ = [
    "Checked",
    "DuplicateBody",
    "LabelsBody",
    "RenameBody",
    "RestoreBody",
    "SavedLayout",
    "SavedWorkflow",
    "VersionDocument",
    "VersionList",
    "WorkflowDiff",
    "WorkflowDocument",
    "WorkflowList",
    "WorkflowSummary",
]


class RenameBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name for people."""

    name: Annotated[
        str, Meta(description="Goes before the document's name; empty: the document's again.")
    ]


class LabelsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Labels set beside the document."""

    labels: Annotated[
        dict[str, str],
        Meta(description="Go before the document's labels; those set before are gone."),
    ]


class RestoreBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes the draft again."""

    version: Annotated[int, Meta(ge=1, description="The number of a published version.")]


class SavedLayout(msgspec.Struct, frozen=True):
    """A layout that was stored."""

    id: Annotated[str, Meta(description="Of the workflow.")]
    etag: Annotated[str, Meta(description="The layout's entity tag, for `If-Match`.")]


class DuplicateBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a copy goes."""

    id: Annotated[str, Meta(description="Of the new workflow.")]
    version: Annotated[
        str, Meta(description="What is copied: a number or `draft`; empty: the newest published.")
    ] = ""
    name: Annotated[str, Meta(description="Of the new workflow; empty: the same.")] = ""
