"""Templates: the library of ready workflows, and a workflow of one's own from one of them."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get, post

from runfold.errors import InvalidRequest
from runfold.templates import customised, get_template, list_templates, summary_of
from runfold_gateway.routes.workflows import Req, Saved, save, text_of


@get("/templates", operation_id="listTemplates", tags=["templates"], sync_to_thread=True)
def list_all() -> dict[str, Any]:
    """All templates: id, name, description and inputs."""
    return {"items": [msgspec.to_builtins(summary_of(one)) for one in list_templates()]}


@get(
    "/templates/{template_id:str}",
    operation_id="getTemplate",
    tags=["templates"],
    sync_to_thread=True,
)
def get_one(template_id: str) -> dict[str, Any]:
    """A template with its definition, and its `source`: the YAML with its comments."""
    template = get_template(template_id)
    return {**msgspec.to_builtins(template), "definition": customised(template, {})}


@post(
    "/workflows/from-template/{template_id:str}",
    operation_id="createFromTemplate",
    summary="Create a workflow from a template",
    tags=["templates", "workflows"],
)
async def create_from_template(request: Req, template_id: str, draft: bool = False) -> Saved:  # noqa: FBT001, FBT002 -- a query parameter
    """Store a template as a workflow, with the body laid over it, and publish it.

    The body is a JSON merge patch, as `{"id": "mine", "variables": {"tone": "formal"}}`: objects
    are merged, null takes away, lists replace. Without a body the template is stored as it is.
    """
    template = get_template(template_id)
    return await save(request, customised(template, _changes(await text_of(request))), draft=draft)


def _changes(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = f"what changes a template is a JSON object: {error}"
        raise InvalidRequest(message, code="template.changes_invalid") from error


ROUTES = (list_all, get_one, create_from_template)
