"""The gateway as an ASGI application: routes, errors, limits, and what stands before them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from litestar import Litestar, Request, Response, Router, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR

from runfold.client.change_documents import AnyChange
from runfold.errors import BusUnavailable, RunfoldError
from runfold_gateway.backend import Backend
from runfold_gateway.dify_api.errors import DIFY, not_served
from runfold_gateway.documents.stream import NAMED
from runfold_gateway.door.bodies import TimedBodies
from runfold_gateway.door.guard import Guard, Rules
from runfold_gateway.http import pages
from runfold_gateway.http.asgi import App
from runfold_gateway.http.bodies import MAX_BODY, ApiRequest
from runfold_gateway.http.gzip import Compressed
from runfold_gateway.http.head import HeadRequests
from runfold_gateway.http.openapi import ApiDocument
from runfold_gateway.http.options import options_routes
from runfold_gateway.http.parameters import only_known
from runfold_gateway.problems import http_problem, runfold_problem, unforeseen_problem
from runfold_gateway.routes import (
    about,
    changes,
    connections,
    conversations,
    dead,
    dify,
    files,
    imports,
    kinds,
    knowledge,
    layouts,
    openai,
    operations,
    plugins,
    reviews,
    run_details,
    run_groups,
    run_relations,
    runs,
    schedules,
    signals,
    starting,
    stream,
    studio,
    subjects,
    templates,
    trials,
    webhooks,
    workflow_upkeep,
    workflows,
)


@get("/health/live", include_in_schema=False)
async def live() -> dict[str, str]:
    """The event loop turns."""
    return {"status": "live"}


@get("/health/ready", include_in_schema=False)
async def ready(state: State) -> dict[str, str]:
    """NATS is reachable."""
    if not state.backend.bus.connected:
        raise BusUnavailable("NATS is not reachable", code="bus.unreachable")
    return {"status": "ready"}


def served(
    application: Litestar,
    rules: Rules,
    body_timeout: float,
    beside: Callable[[App], App] | None = None,
) -> App:
    """An application with all that stands between it and the network.

    Args:
        application: The API.
        rules: Of the guard.
        body_timeout: Seconds within which a request's body has come.
        beside: Puts what answers other paths behind the same guard.
    """
    answering: App = Compressed(HeadRequests(cast("App", application)))
    return TimedBodies(Guard(beside(answering) if beside else answering, rules), body_timeout)


def _not_served(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer where no route did, in the shape that clients of the path read."""
    shown = not_served if request.scope["path"].startswith(DIFY) else http_problem
    return shown(request, error)


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document as plain JSON values, as `/schema/openapi.json` has it."""
    document: ApiDocument = create_application().state.document
    return document.document


def create_application(backend: Backend | None = None) -> Litestar:
    """The application on a backend; without one it can be described and not served."""
    routes = [
        *workflows.ROUTES,
        *workflow_upkeep.ROUTES,
        *layouts.ROUTES,
        *imports.ROUTES,
        *starting.ROUTES,
        *templates.ROUTES,
        *kinds.ROUTES,
        *trials.ROUTES,
        *schedules.ROUTES,
        *subjects.ROUTES,
        *webhooks.ROUTES,
        *plugins.ROUTES,
        *connections.ROUTES,
        *knowledge.ROUTES,
        *conversations.ROUTES,
        *run_groups.ROUTES,
        *run_relations.ROUTES,
        *runs.ROUTES,
        *run_details.ROUTES,
        *reviews.ROUTES,
        *signals.ROUTES,
        *stream.ROUTES,
        *changes.ROUTES,
        *files.ROUTES,
        *dead.ROUTES,
        *operations.ROUTES,
        *about.ROUTES,
    ]
    api = Router(path="/api", route_handlers=[*options_routes(routes), *routes])
    document = ApiDocument({**NAMED, "ChangeEvent": AnyChange})
    application = Litestar(
        route_handlers=[
            api,
            openai.ROUTER,
            dify.ROUTER,
            webhooks.receive,
            *pages.ROUTES,
            *studio.ROUTES,
            live,
            ready,
        ],
        guards=[only_known],
        request_class=ApiRequest,
        state=State({"backend": backend, "document": document}),
        exception_handlers={
            RunfoldError: runfold_problem,
            HTTPException: _not_served,
            HTTP_500_INTERNAL_SERVER_ERROR: unforeseen_problem,
        },
        request_max_body_size=MAX_BODY,
        openapi_config=None,
        logging_config=None,
    )
    document.of(application)
    return application
