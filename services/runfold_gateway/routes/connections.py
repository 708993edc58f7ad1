"""Connections: named credentials, written and never read back; and the way a person allows one."""

from __future__ import annotations

from typing import Annotated

from litestar import MediaType, Response, delete, get, post, put
from litestar.params import Parameter

from runfold.client.connections import Authorization, ConnectionDocument, ConnectionList
from runfold.connections.credentials import Credentials
from runfold_gateway.backend import backend_of
from runfold_gateway.http.bodies import Req, json_of
from runfold_gateway.http.declared import Body, Success, declare

CREDENTIALS = Body(Credentials, "The credentials, and where they may be sent.")


@get("/connections", operation_id="listConnections", tags=["connections"])
async def list_connections(request: Req) -> ConnectionList:
    """All connections, without their secrets, by name."""
    return await backend_of(request).connections.list()


@get("/connections/{connection:str}", operation_id="getConnection", tags=["connections"])
async def get_connection(request: Req, connection: str) -> ConnectionDocument:
    """A connection without its secrets, and whether it can be used."""
    return await backend_of(request).connections.get(connection)


@put(
    "/connections/{connection:str}",
    operation_id="setConnection",
    opt=declare(body=CREDENTIALS),
    tags=["connections"],
)
async def set_connection(request: Req, connection: str) -> ConnectionDocument:
    """Store a connection, over what was there; 409 `connection.no_key` where there is no key."""
    return await backend_of(request).connections.put(connection, await json_of(request))


@delete(
    "/connections/{connection:str}",
    operation_id="deleteConnection",
    status_code=204,
    tags=["connections"],
)
async def delete_connection(request: Req, connection: str) -> None:
    """Delete a connection, and the tokens that were given for it."""
    await backend_of(request).connections.delete(connection)


@post(
    "/connections/{connection:str}/authorize",
    operation_id="authorizeConnection",
    status_code=200,
    tags=["connections"],
)
async def authorize(request: Req, connection: str) -> Authorization:
    """Begin to ask a person: the address to be opened in a browser, within ten minutes."""
    backend = backend_of(request)
    gateway = backend.settings.public_url or str(request.base_url)
    return await backend.connections.authorize(connection, gateway)


@get(
    "/oauth/callback",
    operation_id="finishAuthorization",
    opt=declare(
        Success(200, str, (MediaType.TEXT,), "A line that says that it is done"),
        problems=(404, 409),
        keyless=True,
    ),
    tags=["connections"],
)
async def finish(
    request: Req,
    oauth_state: Annotated[
        str, Parameter(query="state", description="What the browser was sent away with.")
    ] = "",
    code: Annotated[str, Parameter(description="What the token is fetched with.")] = "",
    error: Annotated[str, Parameter(description="Why there is none.")] = "",
) -> Response[str]:
    """Where a browser comes back to; an executor fetches the token meanwhile.

    Needs no key, since a browser brings none: the state, which cannot be guessed and counts
    once, tells what it belongs to. Other parameters that a server adds are not looked at.
    """
    name = await backend_of(request).connections.come_back(oauth_state, code, error)
    return Response(f"Connection {name} can be used now.", media_type=MediaType.TEXT)


ROUTES = (
    list_connections,
    get_connection,
    set_connection,
    delete_connection,
    authorize,
    finish,
)
