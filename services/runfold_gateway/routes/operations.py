"""How the deployment stands, and what may be done about it."""

from __future__ import annotations

from litestar import get, post

from runfold_gateway.backend import backend_of
from runfold_gateway.documents.operations import (
    BreakersReset,
    OperationsShown,
    ResetBreakers,
)
from runfold_gateway.http.bodies import Req
from runfold_gateway.http.bulk import checked_ids
from runfold_gateway.http.declared import declare
from runfold_gateway.operations import operations, reset_breaker


@get("/operations", operation_id="getOperations", tags=["operations"])
async def get_operations(request: Req) -> OperationsShown:
    """Queues with their executors, schedulers, streams, breakers and concurrency keys."""
    return await operations(backend_of(request).bus)


@post(
    "/operations/breakers/reset",
    operation_id="resetBreakers",
    opt=declare(problems=(409,)),
    status_code=200,
    tags=["operations"],
)
async def reset_breakers(request: Req, data: ResetBreakers) -> BreakersReset:
    """Close circuit breakers; calls go through again at once."""
    bus = backend_of(request).bus
    ids = checked_ids("ids", data.ids)
    return BreakersReset([await reset_breaker(bus, one) for one in ids])


ROUTES = (get_operations, reset_breakers)
