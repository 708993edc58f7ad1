"""Workflows: delete, rename, label, duplicate, restore and archive them.

No route here changes what a text says, but for the id of a copy.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from litestar import Response, delete, post, put

from runfold.definitions.preconditions import revisions_of
from runfold.errors import InvalidRequest
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.workflows import (
    DuplicateBody,
    LabelsBody,
    RenameBody,
    RestoreBody,
    SavedWorkflow,
    WorkflowSummary,
)
from runfold_gateway.http.bodies import Req, json_of
from runfold_gateway.http.declared import Body, declare
from runfold_gateway.http.sources import ETAG, tagged
from runfold_gateway.problems import BODY_INVALID
from runfold_gateway.routes.workflows import IfMatch, created

B = TypeVar("B", bound=msgspec.Struct)


async def _body(request: Req, struct: type[B]) -> B:
    """The body as a struct.

    Raises:
        InvalidRequest: When it does not fit.
    """
    try:
        return msgspec.convert(await json_of(request), struct)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"the body does not fit: {error}", code=BODY_INVALID) from error


@delete(
    "/workflows/{workflow_id:str}",
    operation_id="deleteWorkflow",
    status_code=204,
    tags=["workflows"],
)
async def delete_workflow(request: Req, workflow_id: str, if_match: IfMatch = None) -> None:
    """Delete a workflow with its draft, its versions and its schedules.

    Runs that have begun have their definition and go on. A workflow that is made under the same id
    later goes on with the numbers of versions.
    """
    await backend_of(request).workflows.delete(workflow_id, seen=revisions_of(if_match))


@post(
    "/workflows/{workflow_id:str}/rename",
    operation_id="renameWorkflow",
    opt=declare(body=Body(RenameBody, "The name.")),
    status_code=200,
    tags=["workflows"],
)
async def rename_workflow(request: Req, workflow_id: str) -> WorkflowSummary:
    """Give a workflow another name; its id and its text stay as they are."""
    body = await _body(request, RenameBody)
    return await backend_of(request).workflows.rename(workflow_id, body.name)


@put(
    "/workflows/{workflow_id:str}/labels",
    operation_id="labelWorkflow",
    opt=declare(body=Body(LabelsBody, "The labels.")),
    tags=["workflows"],
)
async def label_workflow(request: Req, workflow_id: str) -> WorkflowSummary:
    """Set the labels that go before those of the document; versions and drafts leave them."""
    body = await _body(request, LabelsBody)
    return await backend_of(request).workflows.label(workflow_id, body.labels)


@post(
    "/workflows/{workflow_id:str}/duplicate",
    operation_id="duplicateWorkflow",
    opt=declare(body=Body(DuplicateBody, "The new workflow's id."), headers=(ETAG,)),
    tags=["workflows"],
)
async def duplicate_workflow(request: Req, workflow_id: str) -> Response[SavedWorkflow]:
    """A new workflow with this one's text as its draft, but for the id; nothing is published."""
    body = await _body(request, DuplicateBody)
    saved = await backend_of(request).workflows.duplicate(
        workflow_id, body.id, version=body.version, name=body.name
    )
    return created(saved)


@post(
    "/workflows/{workflow_id:str}/restore",
    operation_id="restoreWorkflow",
    opt=declare(body=Body(RestoreBody, "The version."), headers=(ETAG,)),
    status_code=200,
    tags=["workflows"],
)
async def restore_workflow(
    request: Req, workflow_id: str, if_match: IfMatch = None
) -> Response[SavedWorkflow]:
    """Make a version the draft again, with its comments and its layout; nothing is published."""
    body = await _body(request, RestoreBody)
    saved = await backend_of(request).workflows.restore(
        workflow_id, str(body.version), seen=revisions_of(if_match)
    )
    return tagged(saved, saved.etag)


@post(
    "/workflows/{workflow_id:str}/archive",
    operation_id="archiveWorkflow",
    status_code=200,
    tags=["workflows"],
)
async def archive_workflow(request: Req, workflow_id: str) -> WorkflowSummary:
    """Let no run of it begin, by the clock neither; runs that have begun go on."""
    return await backend_of(request).workflows.archive(workflow_id)


@post(
    "/workflows/{workflow_id:str}/unarchive",
    operation_id="unarchiveWorkflow",
    status_code=200,
    tags=["workflows"],
)
async def unarchive_workflow(request: Req, workflow_id: str) -> WorkflowSummary:
    """Let runs of it begin again; its schedules go on."""
    return await backend_of(request).workflows.unarchive(workflow_id)


ROUTES: tuple[Any, ...] = (
    delete_workflow,
    rename_workflow,
    label_workflow,
    duplicate_workflow,
    restore_workflow,
    archive_workflow,
    unarchive_workflow,
)
