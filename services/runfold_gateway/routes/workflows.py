"""Workflows: create, read, change, check and publish."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post, put

from runfold.definitions.store import Head, StoredDefinition
from runfold.errors import InvalidRequest
from runfold.isolated.documents import load_workflow, prepare
from runfold_gateway.backend import backend_of
from runfold_gateway.http.bodies import Req, text_of
from runfold_gateway.http.links import link_to
from runfold_gateway.http.openapi import body_operation

DOCUMENT = body_operation(None, "The workflow's document, as JSON or YAML.")


class Saved(msgspec.Struct, omit_defaults=True):
    """A stored workflow."""

    id: str
    version: str
    findings: list[Any] = []


async def _save(request: Req, workflow_id: str, *, draft: bool) -> Saved:
    return await save(request, await text_of(request), workflow_id, draft=draft)


async def save(
    request: Req, source: bytes | dict[str, Any], workflow_id: str = "", *, draft: bool
) -> Saved:
    """Check a document and store it; a `workflow_id` must be the document's own."""
    workflow, findings = await prepare(source)
    if workflow_id and workflow.id != workflow_id:
        message = f"the body is workflow {workflow.id!r}, the path says {workflow_id!r}"
        raise InvalidRequest(message, code="workflow.id_mismatch")
    store = backend_of(request).definitions
    await store.save_draft(workflow)
    version = "draft" if draft else str(await store.publish(workflow.id))
    return Saved(workflow.id, version, list(findings))


def created(saved: Saved) -> Response[Saved]:
    """The answer that says where a stored workflow is."""
    return Response(saved, headers={"Location": link_to("workflows", saved.id)})


@post(
    "/workflows",
    operation_id="createWorkflow",
    operation_class=DOCUMENT,
    summary="Create a workflow",
    tags=["workflows"],
)
async def create_workflow(request: Req, draft: bool = False) -> Response[Saved]:  # noqa: FBT001, FBT002 -- a query parameter
    """Store a workflow, JSON or YAML, and publish it; `?draft=true` only stores it."""
    return created(await _save(request, "", draft=draft))


@put(
    "/workflows/{workflow_id:str}",
    operation_id="updateWorkflow",
    operation_class=DOCUMENT,
    tags=["workflows"],
)
async def update_workflow(request: Req, workflow_id: str, draft: bool = False) -> Saved:  # noqa: FBT001, FBT002 -- a query parameter
    """Store a new version; earlier ones stay. `?draft=true` only stores the draft."""
    await backend_of(request).definitions.head(workflow_id)
    return await _save(request, workflow_id, draft=draft)


@post(
    "/workflows/validate",
    operation_id="validateWorkflow",
    operation_class=DOCUMENT,
    status_code=200,
    tags=["workflows"],
)
async def validate_workflow(request: Req) -> dict[str, Any]:
    """Check a workflow and store nothing; every finding comes back."""
    loaded = await load_workflow(await text_of(request))
    valid = not any(finding.level == "error" for finding in loaded.findings)
    return {"valid": valid, "findings": msgspec.to_builtins(loaded.findings)}


@get("/workflows", operation_id="listWorkflows", tags=["workflows"])
async def list_workflows(request: Req) -> dict[str, Any]:
    """All workflows."""
    heads = await backend_of(request).definitions.list()
    return {"items": [_head(head) for head in heads]}


@get("/workflows/{workflow_id:str}", operation_id="getWorkflow", tags=["workflows"])
async def get_workflow(request: Req, workflow_id: str, version: str = "") -> dict[str, Any]:
    """A workflow's definition: the newest version, or `?version=`."""
    store = backend_of(request).definitions
    stored = await store.get(workflow_id, version)
    head = await store.head(workflow_id)
    return {**_definition(stored), "created_at": head.created_at, "updated_at": head.updated_at}


@post(
    "/workflows/{workflow_id:str}/publish",
    operation_id="publishWorkflow",
    status_code=200,
    tags=["workflows"],
)
async def publish_workflow(request: Req, workflow_id: str, note: str = "") -> Saved:
    """Make the draft the next version."""
    version = await backend_of(request).definitions.publish(workflow_id, note=note)
    return Saved(workflow_id, str(version))


@get("/workflows/{workflow_id:str}/versions", operation_id="listVersions", tags=["workflows"])
async def list_versions(request: Req, workflow_id: str) -> dict[str, Any]:
    """The published versions, oldest first."""
    versions = await backend_of(request).definitions.versions(workflow_id)
    return {"items": msgspec.to_builtins(versions)}


@get(
    "/workflows/{workflow_id:str}/versions/{version:str}",
    operation_id="getVersion",
    tags=["workflows"],
)
async def get_version(request: Req, workflow_id: str, version: str) -> dict[str, Any]:
    """One published version, or `draft`."""
    return _definition(await backend_of(request).definitions.get(workflow_id, version))


def _definition(stored: StoredDefinition) -> dict[str, Any]:
    return {
        "id": stored.workflow_id,
        "version": stored.version,
        "definition": msgspec.json.decode(stored.body),
    }


def _head(head: Head) -> dict[str, Any]:
    return {
        "id": head.workflow_id,
        "name": head.name,
        "version": head.latest or None,
        "has_draft": bool(head.draft),
        "created_at": head.created_at,
        "updated_at": head.updated_at,
    }


ROUTES = (
    create_workflow,
    update_workflow,
    validate_workflow,
    list_workflows,
    get_workflow,
    publish_workflow,
    list_versions,
    get_version,
)
