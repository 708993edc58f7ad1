"""Every route that the gateway has, as its application knows them: a new one is found by itself."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, cast

from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from runfold_gateway.application import create_application
from runfold_gateway.backend import Backend

FITTING = {"int": "4711", "str": "not_there", "path": "not_there"}
"""What fits a path and names nothing that there is, by the type of the segment."""


class Route(NamedTuple):
    """One method of one path."""

    method: str
    path: str
    """With its parameters in braces, as the OpenAPI document writes it."""
    handler: HTTPRouteHandler

    @property
    def target(self) -> str:
        """A path of it, with ids that nothing has."""
        return re.sub(r"{\w+:(\w+)}", lambda found: FITTING[found[1]], self.path)

    @property
    def name(self) -> str:
        return f"{self.method} {re.sub(r':[a-z]+}', '}', self.path)}"


def all_routes() -> list[Route]:
    """All routes but those for OPTIONS."""
    application = create_application(cast("Backend", None))
    found = [
        Route(method, route.path, handler)
        for route in application.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in cast("dict[str, Any]", route.route_handler_map).items()
        if method != "OPTIONS"
    ]
    assert len(found) > 25
    return sorted(found, key=lambda route: (route.path, route.method))
