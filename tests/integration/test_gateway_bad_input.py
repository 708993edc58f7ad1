"""Bad input on every route: the documented problem with its code.

What is asked is made from the routes, so a new route is held to it without a line here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from runfold_gateway.http.parameters import declared
from tests.support.gateway import Gateway, gateway
from tests.support.routes import Route, all_routes

ROUTES = all_routes()
each_route = pytest.mark.parametrize("route", ROUTES, ids=[route.name for route in ROUTES])


@pytest.fixture
async def door() -> AsyncIterator[Gateway]:
    async with gateway() as made:
        yield made


@each_route
async def test_query_parameters_that_no_route_takes(door: Gateway, route: Route) -> None:
    known = [one for one in declared(route.handler) if one.where == "query"]
    for query in ("statsu=failed", "statsu", "=", "%ff=1", "x%00=1", "x" * 5000 + "=1"):
        answer = await door.ask(route.method, f"{route.target}?{query}")
        assert (answer.status, answer.code) == (422, "request.parameter_unknown")
        problem = answer.json
        assert problem["known"] == sorted(one.name for one in known)
        for one in known:
            assert one.name in problem["detail"]
        assert len(problem["detail"]) < 1000
    for one in known:
        if not one.many:
            answer = await door.ask(route.method, f"{route.target}?{one.name}=1&{one.name}=1")
            assert (answer.status, answer.code) == (422, "request.parameter_repeated")
            assert answer.json["parameter"] == one.name
