"""Workflows: create, read, change, check, publish and compare."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import Response, get, post, put
from litestar.params import Parameter

from runfold.client.run_filters import asked_labels
from runfold.definitions.preconditions import revisions_of
from runfold.definitions.sources import Source, source_of
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.workflows import (
    Checked,
    SavedWorkflow,
    VersionDocument,
    VersionList,
    WorkflowDiff,
    WorkflowDocument,
    WorkflowList,
)
from runfold_gateway.http.bodies import Req, text_of
from runfold_gateway.http.declared import JSON, YAML, Body, declare
from runfold_gateway.http.links import link_to
from runfold_gateway.http.sources import ETAG, TEXTS, source_response, tagged

DOCUMENT = Body(dict[str, Any], "The workflow's document, as JSON or YAML.", (JSON, YAML))
Draft = Annotated[bool, Parameter(description="Only as the draft, which may have mistakes.")]
WithScope = Annotated[
    bool,
    Parameter(query="scope", description="Say as well what each node may refer to, and its ports."),
]
Archived = Annotated[bool, Parameter(description="Those that are archived, and no others.")]
IfMatch = Annotated[
    str | None,
    Parameter(
        header="If-Match",
        description="The draft's ETag: 412 when another draft is there by now. `*`: any.",
    ),
]
Form = Annotated[
    Literal["definition", "source"],
    Parameter(description="`source`: the text as its author wrote it, byte for byte."),
]


async def _source(request: Req) -> Source:
    return source_of(await text_of(request), request.headers.get("content-type", ""))


@post(
    "/workflows",
    operation_id="createWorkflow",
    opt=declare(body=DOCUMENT, headers=(ETAG,), problems=(409,)),
    summary="Create a workflow",
    tags=["workflows"],
)
async def create_workflow(
    request: Req,
    draft: Draft = False,  # noqa: FBT002 -- a query parameter
    if_match: IfMatch = None,
) -> Response[SavedWorkflow]:
    """Store a workflow, JSON or YAML, and publish it; `?draft=true` only stores it.

    A draft may have mistakes, as long as its id can be read: it is kept as it was written, with
    the findings beside it.
    """
    workflows = backend_of(request).workflows
    seen = revisions_of(if_match)
    return created(await workflows.save(await _source(request), draft=draft, seen=seen))


def created(saved: SavedWorkflow) -> Response[SavedWorkflow]:
    """The answer that says where a stored workflow is."""
    return tagged(saved, saved.etag, {"Location": link_to("workflows", saved.id)})


@put(
    "/workflows/{workflow_id:str}",
    operation_id="updateWorkflow",
    opt=declare(body=DOCUMENT, headers=(ETAG,)),
    tags=["workflows"],
)
async def update_workflow(
    request: Req,
    workflow_id: str,
    draft: Draft = False,  # noqa: FBT002 -- a query parameter
    if_match: IfMatch = None,
) -> Response[SavedWorkflow]:
    """Store a new version; earlier ones stay. `?draft=true` only stores the draft.

    A draft may have any mistake, also one that keeps it from being read at all. With `If-Match`
    only the draft is written over that the client has seen; else 412 with what is there now.
    """
    saved = await backend_of(request).workflows.save(
        await _source(request), workflow_id, draft=draft, seen=revisions_of(if_match), there=True
    )
    return tagged(saved, saved.etag)


@post(
    "/workflows/validate",
    operation_id="validateWorkflow",
    opt=declare(body=DOCUMENT),
    status_code=200,
    tags=["workflows"],
)
async def validate_workflow(
    request: Req,
    with_scope: WithScope = False,  # noqa: FBT002 -- a query parameter
    node: Annotated[
        str, Parameter(description="With `scope`: of this node alone, by its address.")
    ] = "",
) -> Checked:
    """Check a workflow and store nothing; every finding comes back.

    With `?scope=true` also `nodes`: by address what each node may refer to, by the same check of
    references, its ports and its outputs as it is configured. A document with mistakes has them
    too, as far as it can be read.
    """
    workflows = backend_of(request).workflows
    return await workflows.check(await _source(request), scope=with_scope, node=node)


@get("/workflows", operation_id="listWorkflows", tags=["workflows"])
async def list_workflows(
    request: Req,
    archived: Archived = False,  # noqa: FBT002 -- a query parameter
    label: Annotated[
        list[str] | None, Parameter(description="`name:value`; several: all of them.")
    ] = None,
    limit: Annotated[int, Parameter(ge=1, le=1000)] = 1000,
    cursor: str = "",
) -> WorkflowList:
    """Workflows by id."""
    return await backend_of(request).workflows.list(
        archived=archived, labels=asked_labels(label or ()), limit=limit, cursor=cursor
    )


@get(
    "/workflows/{workflow_id:str}",
    operation_id="getWorkflow",
    opt=declare(headers=(ETAG,), texts=TEXTS),
    tags=["workflows"],
)
async def get_workflow(
    request: Req, workflow_id: str, version: str = "", form: Form = "definition"
) -> Response[WorkflowDocument]:
    """A workflow's definition: the newest version, or `?version=`, a number or `draft`.

    The ETag is the draft's, whichever version is asked for. `?form=source` answers with the text
    as it was written; that of a draft has its ETag.
    """
    workflows = backend_of(request).workflows
    if form == "source":
        return source_response(*await workflows.text(workflow_id, version))
    shown = await workflows.show(workflow_id, version)
    return tagged(shown, shown.etag)


@post(
    "/workflows/{workflow_id:str}/publish",
    operation_id="publishWorkflow",
    opt=declare(headers=(ETAG,)),
    status_code=200,
    tags=["workflows"],
)
async def publish_workflow(
    request: Req, workflow_id: str, note: str = "", if_match: IfMatch = None
) -> Response[SavedWorkflow]:
    """Make the draft the next version; 422 with all findings when it has mistakes."""
    saved = await backend_of(request).workflows.publish(
        workflow_id, note=note, seen=revisions_of(if_match)
    )
    return tagged(saved, saved.etag)


@get("/workflows/{workflow_id:str}/versions", operation_id="listVersions", tags=["workflows"])
async def list_versions(request: Req, workflow_id: str) -> VersionList:
    """The published versions, oldest first."""
    return await backend_of(request).workflows.versions(workflow_id)


@get(
    "/workflows/{workflow_id:str}/versions/{version:str}",
    operation_id="getVersion",
    opt=declare(headers=(ETAG,), texts=TEXTS),
    tags=["workflows"],
)
async def get_version(
    request: Req, workflow_id: str, version: str, form: Form = "definition"
) -> Response[VersionDocument]:
    """One published version, or `draft`; `?form=source` answers with its text as written."""
    workflows = backend_of(request).workflows
    if form == "source":
        return source_response(*await workflows.text(workflow_id, version))
    shown = await workflows.version(workflow_id, version)
    return tagged(shown, shown.etag)


@get("/workflows/{workflow_id:str}/diff", operation_id="diffWorkflow", tags=["workflows"])
async def diff_workflow(
    request: Req,
    workflow_id: str,
    from_: Annotated[
        str,
        Parameter(query="from", description="A number or `draft`; empty: the newest published."),
    ] = "",
    to: Annotated[
        str, Parameter(description="A number or `draft`; empty: the newest published.")
    ] = "draft",
) -> WorkflowDiff:
    """What differs between two versions: nodes, edges, inputs, outputs and settings."""
    return await backend_of(request).workflows.diff(workflow_id, from_, to)


ROUTES: tuple[Any, ...] = (
    create_workflow,
    update_workflow,
    validate_workflow,
    list_workflows,
    get_workflow,
    publish_workflow,
    list_versions,
    get_version,
    diff_workflow,
)
