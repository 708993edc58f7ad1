"""Trying one node by itself."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, post

from runfold.client.trial_documents import WORKFLOW
from runfold.client.trials import Trial
from runfold.errors import InvalidRequest
from runfold_gateway.backend import backend_of
from runfold_gateway.http.bodies import Req, json_of
from runfold_gateway.http.declared import Body, declare
from runfold_gateway.problems import BODY_INVALID
from runfold_gateway.routes.starting import BEGUN, Wait, begun_run


@post(
    "/nodes/try",
    operation_id="tryNode",
    status_code=202,
    opt=declare(*BEGUN, body=Body(Trial, "The node, and what it refers to."), problems=(404, 409)),
    tags=["workflows", "runs"],
)
async def try_node(request: Req, wait: Wait = 0.0) -> Response[Any]:
    """Run one node by itself, with values that are given or that another run has recorded.

    The run is of a definition that is made for it, with the label `runfold.trial`; no workflow is
    stored. 202 with its id; with `?wait=30`, 200 and the whole run if it ends within 30 seconds.
    """
    backend = backend_of(request)
    try:
        trial = msgspec.convert(await json_of(request), Trial)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"the body does not fit: {error}", code=BODY_INVALID) from error
    asked = await backend.trials.request(trial)
    run_id = await backend.start(asked, asked_version="")
    return await begun_run(request, run_id, WORKFLOW, wait)


ROUTES = (try_node,)
