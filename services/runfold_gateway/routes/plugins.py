"""Plugins: OpenAPI documents that nodes call operations of."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, delete, get, post
from litestar.params import Parameter

from runfold.client.plugins import PluginDocument, PluginList
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.plugins import PluginText, plugin_text
from runfold_gateway.http.bodies import Req, text_of
from runfold_gateway.http.declared import JSON, LOCATION, YAML, Body, Success, declare
from runfold_gateway.http.links import link_to

TEXT = Body(dict[str, Any], "An OpenAPI 3 document, JSON or YAML.", (JSON, YAML))
Sha256 = Annotated[
    str,
    Parameter(description="8 or more digits of a version's sha256; empty: the newest."),
]


@post(
    "/plugins",
    operation_id="addPlugin",
    opt=declare(body=TEXT, headers=(LOCATION,), problems=(409,)),
    tags=["plugins"],
)
async def add_plugin(
    request: Req,
    name: Annotated[
        str, Parameter(description="What nodes name it by; empty: after the document's title.")
    ] = "",
) -> Response[PluginDocument]:
    """Store a document as a plugin's newest version; the same one again makes no other version.

    Nothing is fetched: references out of the document are refused, each with its place.
    """
    added = await backend_of(request).plugins.add(name, await text_of(request))
    return Response(added, headers={"Location": link_to("plugins", added.name)})


@get("/plugins", operation_id="listPlugins", tags=["plugins"])
async def list_plugins(request: Req) -> PluginList:
    """All plugins with their versions, by name."""
    return await backend_of(request).plugins.list()


@get("/plugins/{plugin:str}", operation_id="getPlugin", tags=["plugins"])
async def get_plugin(request: Req, plugin: str) -> PluginDocument:
    """A plugin with its versions, the newest first."""
    return await backend_of(request).plugins.get(plugin)


@get(
    "/plugins/{plugin:str}/document",
    operation_id="getPluginDocument",
    opt=declare(Success(200, PluginText)),
    tags=["plugins"],
)
async def get_document(request: Req, plugin: str, version: Sha256 = "") -> Response[bytes]:
    """The OpenAPI document of a version, as JSON."""
    reference, text = await backend_of(request).plugins.text(plugin, version)
    return Response(plugin_text(reference, text), media_type=JSON)


@delete(
    "/plugins/{plugin:str}",
    operation_id="deletePlugin",
    status_code=204,
    tags=["plugins"],
)
async def delete_plugin(
    request: Req,
    plugin: str,
    version: Annotated[
        str, Parameter(description="Only the version whose sha256 begins so; empty: all.")
    ] = "",
) -> None:
    """Delete a plugin, or one version of it; a run that pinned it fails at its next call."""
    await backend_of(request).plugins.delete(plugin, version)


ROUTES = (add_plugin, list_plugins, get_plugin, get_document, delete_plugin)
