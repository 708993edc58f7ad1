"""Layouts: where a workflow's nodes stand on a canvas. Nothing here touches a definition."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, get, put
from litestar.params import Parameter

from runfold.definitions.layout_store import NO_LAYOUT, etag
from runfold.definitions.layouts import layout_of
from runfold.definitions.preconditions import revisions_of
from runfold.graph.layouts import Layout
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.workflows import SavedLayout
from runfold_gateway.http.bodies import Req, json_of
from runfold_gateway.http.declared import Body, declare
from runfold_gateway.http.sources import tagged

ETAG = ("ETag", 'Of the draft\'s layout, for If-Match; `"0"`: none is stored')
LayoutMatch = Annotated[
    str | None,
    Parameter(
        header="If-Match",
        description='The layout\'s ETag, `"0"` where none is stored: 412 when another is there by '
        "now. `*`: any that is stored.",
    ),
]


@get(
    "/workflows/{workflow_id:str}/layout",
    operation_id="getLayout",
    opt=declare(headers=(ETAG,)),
    tags=["workflows"],
)
async def get_layout(
    request: Req,
    workflow_id: str,
    version: Annotated[str, Parameter(description="A number; empty or `draft`: the draft's.")] = "",
) -> Response[Layout]:
    """Where a workflow's nodes stand, with notes and groups; empty when nothing says so.

    Without a stored layout it is made of the `position` of the document's nodes.
    """
    layout, revision = await backend_of(request).definitions.layout(workflow_id, version)
    return tagged(layout, None if revision is None else etag(revision))


@put(
    "/workflows/{workflow_id:str}/layout",
    operation_id="updateLayout",
    opt=declare(body=Body(Layout, "The whole layout."), headers=(ETAG,)),
    tags=["workflows"],
)
async def update_layout(
    request: Req, workflow_id: str, if_match: LayoutMatch = None
) -> Response[SavedLayout]:
    """Store the draft's layout; no version is made, and no byte of the definition changes."""
    stored = layout_of(await json_of(request, code="layout.invalid"))
    revision = await backend_of(request).definitions.save_layout(
        workflow_id, stored, seen=revisions_of(if_match, least=NO_LAYOUT)
    )
    return tagged(SavedLayout(workflow_id, etag(revision)), etag(revision))


ROUTES: tuple[Any, ...] = (get_layout, update_layout)
