"""OPTIONS: which methods a path has, over all of its routes.

Litestar's own answer knows only the route that a path was first registered with.
"""

from __future__ import annotations

from collections.abc import Iterable

from litestar.handlers import HTTPRouteHandler


def options_routes(routes: Iterable[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """A route for OPTIONS for each path of some routes."""
    methods: dict[str, set[str]] = {}
    for route in routes:
        for path in route.paths:
            methods.setdefault(path, {"OPTIONS"}).update(route.http_methods)
    return [_route(path, ", ".join(sorted(found))) for path, found in methods.items()]


def _route(path: str, allowed: str) -> HTTPRouteHandler:
    async def options() -> None:
        """Nothing but headers."""

    return HTTPRouteHandler(
        path,
        http_method="OPTIONS",
        status_code=204,
        include_in_schema=False,
        response_headers={"Allow": allowed},
    )(options)
