"""The gateway itself: its version, its limits and what its API has."""

from __future__ import annotations

from litestar import get

from runfold import __version__
from runfold.contracts import queries as q
from runfold.contracts.json_reader import VALUE
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.about import About, Limits
from runfold_gateway.door.keys import read_keys
from runfold_gateway.http.bodies import MAX_BODY, Req
from runfold_gateway.http.declared import declare
from runfold_gateway.routes.starting import MAX_KEY, MAX_WAIT


@get("/about", operation_id="getAbout", opt=declare(keyless=True), tags=["gateway"])
async def get_about(request: Req) -> About:
    """The gateway's version, what its API has, how much it takes, and whether it asks for a key.

    Needs no key.
    """
    settings = backend_of(request).settings
    document = request.app.state.document.document
    return About(
        name="runfold",
        version=__version__,
        key_needed=bool(read_keys(settings)),
        features=[tag["name"] for tag in document["tags"]],
        limits=Limits(
            body=MAX_BODY,
            file=settings.file_limit,
            body_seconds=settings.body_timeout,
            wait_seconds=MAX_WAIT,
            page=q.MAX_LIMIT,
            idempotency_key=MAX_KEY,
            depth=VALUE.depth,
        ),
    )


ROUTES = (get_about,)
