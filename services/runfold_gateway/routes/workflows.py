"""Workflows: create, read, change, check, publish, and run."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post, put
from litestar.datastructures import State
from litestar.exceptions import ClientException
from litestar.params import Parameter
from litestar.status_codes import HTTP_415_UNSUPPORTED_MEDIA_TYPE

from runfold.contracts.requests import RunRequest
from runfold.definitions.parts import calls_of, stored_parts
from runfold.definitions.store import Head, StoredDefinition
from runfold.errors import InvalidInputs, InvalidRequest
from runfold.graph.inputs import bind_inputs
from runfold.graph.loader import load_workflow, prepare, workflow_from_canonical
from runfold_gateway.backend import Backend
from runfold_gateway.documents import run_document

Req = Request[Any, Any, State]
RUN_KEYS = frozenset(("inputs", "version", "conversation_id"))
MAX_WAIT = 300.0
"""Seconds a request may be held open."""
BODIES = ("json", "yaml", "text/plain", "octet-stream", "x-www-form-urlencoded")
"""Parts of media types that a JSON or YAML body may come as; the last is what curl says of all."""


class Saved(msgspec.Struct, omit_defaults=True):
    """A stored workflow."""

    id: str
    version: str
    findings: list[Any] = []


def backend_of(request: Req) -> Backend:
    """The gateway's backend."""
    backend: Backend = request.app.state.backend
    return backend


async def text_of(request: Req) -> bytes:
    """The body of a request that is to hold JSON or YAML.

    Raises:
        ClientException: 415 when its media type says that it is something else.
    """
    said = request.headers.get("content-type", "")
    if said and not any(part in said for part in BODIES):
        message = f"{said!r} is not understood here: send application/json or application/yaml"
        raise ClientException(message, status_code=HTTP_415_UNSUPPORTED_MEDIA_TYPE)
    return await request.body()


async def _save(request: Req, workflow_id: str, *, draft: bool) -> Saved:
    return await save(request, await text_of(request), workflow_id, draft=draft)


async def save(
    request: Req, source: bytes | dict[str, Any], workflow_id: str = "", *, draft: bool
) -> Saved:
    """Check a document and store it; a `workflow_id` must be the document's own."""
    workflow, findings = prepare(source)
    if workflow_id and workflow.id != workflow_id:
        message = f"the body is workflow {workflow.id!r}, the path says {workflow_id!r}"
        raise InvalidRequest(message, code="workflow.id_mismatch")
    store = backend_of(request).definitions
    await store.save_draft(workflow)
    version = "draft" if draft else str(await store.publish(workflow.id))
    return Saved(workflow.id, version, list(findings))


@post("/workflows", operation_id="createWorkflow", summary="Create a workflow", tags=["workflows"])
async def create_workflow(request: Req, draft: bool = False) -> Saved:  # noqa: FBT001, FBT002 -- a query parameter
    """Store a workflow, JSON or YAML, and publish it; `?draft=true` only stores it."""
    return await _save(request, "", draft=draft)


@put("/workflows/{workflow_id:str}", operation_id="updateWorkflow", tags=["workflows"])
async def update_workflow(request: Req, workflow_id: str, draft: bool = False) -> Saved:  # noqa: FBT001, FBT002 -- a query parameter
    """Store a new version; earlier ones stay. `?draft=true` only stores the draft."""
    await backend_of(request).definitions.head(workflow_id)
    return await _save(request, workflow_id, draft=draft)


@post("/workflows/validate", operation_id="validateWorkflow", status_code=200, tags=["workflows"])
async def validate_workflow(request: Req) -> dict[str, Any]:
    """Check a workflow and store nothing; every finding comes back."""
    loaded = load_workflow(await text_of(request))
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


@post(
    "/workflows/{workflow_id:str}/run",
    operation_id="runWorkflow",
    status_code=202,
    tags=["workflows", "runs"],
)
async def run_workflow(
    request: Req,
    workflow_id: str,
    wait: Annotated[float, Parameter(ge=0, le=MAX_WAIT)] = 0.0,
    idempotency_key: Annotated[str, Parameter(header="Idempotency-Key")] = "",
) -> Response[Any]:
    """Run a workflow with the body as its inputs, or with `{"inputs": {…}, "version": "3"}`.

    `conversation_id` beside them makes the run a part of a conversation, whose variables live on.

    202 and the run's id once the request is stored; with `?wait=30`, 200 and the whole run if it
    ends within 30 seconds and this gateway is not told to stop.
    """
    backend = backend_of(request)
    inputs, version, conversation_id = _asked(await text_of(request))
    stored = await backend.definitions.get(workflow_id, version)
    workflow = workflow_from_canonical(stored.body)
    bind_inputs(workflow, inputs)
    await stored_parts(backend.definitions, calls_of(workflow))
    run_id = await backend.start(
        RunRequest(
            workflow_id=workflow_id,
            inputs=inputs,
            version=stored.version,
            idempotency_key=idempotency_key,
            conversation_id=conversation_id,
            traceparent=request.headers.get("traceparent", ""),
        ),
        asked_version=version,
    )
    location = {"Location": f"/api/runs/{run_id}"}
    if wait:
        ended = await backend.ended(run_id, wait)
        if ended is not None:
            return Response(run_document(ended), status_code=200, headers=location)
    return Response(
        {"run_id": run_id, "workflow_id": workflow_id, "status": "running"},
        status_code=202,
        headers=location,
    )


def _asked(body: bytes) -> tuple[dict[str, Any], str, str]:
    """Inputs, version and conversation in a body; empty: no inputs."""
    if not body.strip():
        return {}, "", ""
    try:
        document = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise InvalidInputs(f"the body is no JSON object: {error}") from error
    inputs = document.get("inputs")
    if isinstance(inputs, dict) and document.keys() <= RUN_KEYS:
        conversation_id = document.get("conversation_id", "")
        return inputs, str(document.get("version", "")), str(conversation_id)
    return document, "", ""


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
    run_workflow,
)
