"""Templates: the library of ready workflows, and a workflow of one's own from one of them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from litestar import Response, get, post

from runfold.definitions.preconditions import revisions_of
from runfold.definitions.sources import YAML, Source
from runfold.errors import InvalidRequest
from runfold.templates import customised, get_template, list_templates
from runfold.values.types import kind_name
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.templates import TemplateDocument, Templates, document, summary
from runfold_gateway.documents.workflows import SavedWorkflow
from runfold_gateway.http.bodies import Req, json_of
from runfold_gateway.http.declared import Body, declare
from runfold_gateway.http.sources import ETAG
from runfold_gateway.routes.workflows import Draft, IfMatch, created


@get("/templates", operation_id="listTemplates", tags=["templates"], sync_to_thread=True)
def list_all() -> Templates:
    """All templates: id, name, description and inputs."""
    return Templates([summary(one) for one in list_templates()])


@get(
    "/templates/{template_id:str}",
    operation_id="getTemplate",
    tags=["templates"],
    sync_to_thread=True,
)
def get_one(template_id: str) -> TemplateDocument:
    """A template with its definition, and its `source`: the YAML with its comments."""
    return document(get_template(template_id))


@post(
    "/workflows/from-template/{template_id:str}",
    operation_id="createFromTemplate",
    opt=declare(
        body=Body(
            dict[str, Any], "A JSON merge patch; none: the template as it is.", required=False
        ),
        headers=(ETAG,),
    ),
    summary="Create a workflow from a template",
    tags=["templates", "workflows"],
)
async def create_from_template(
    request: Req,
    template_id: str,
    draft: Draft = False,  # noqa: FBT002 -- a query parameter
    if_match: IfMatch = None,
) -> Response[SavedWorkflow]:
    """Store a template as a workflow, with the body laid over it, and publish it.

    The body is a JSON merge patch, as `{"id": "mine", "variables": {"tone": "formal"}}`: objects
    are merged, null takes away, lists replace. Without a body the template is stored as it is.
    """
    template = get_template(template_id)
    changes = await json_of(request, code="template.changes_invalid")
    if not isinstance(changes, dict | None):
        message = f"what changes a template is a JSON object, not {kind_name(changes)}"
        raise InvalidRequest(message, code="template.changes_invalid")
    source = Source(template.source.encode(), YAML)
    if changes:
        changed = customised(template, changes)
        text = await asyncio.to_thread(json.dumps, changed, indent=2, ensure_ascii=False)
        source = Source(text.encode(errors="replace"))
    seen = revisions_of(if_match)
    return created(await backend_of(request).workflows.save(source, draft=draft, seen=seen))


ROUTES = (list_all, get_one, create_from_template)
