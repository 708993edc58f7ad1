"""Events from outside, for the nodes that wait for them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import post

from runfold.contracts.requests import SignalRequest
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.starting import SignalAccepted
from runfold_gateway.http.bodies import Req


class Signal(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """Something that happened outside."""

    subject: Annotated[str, msgspec.Meta(examples=["orders.paid"])]
    """Tokens between dots."""
    payload: Annotated[Any, msgspec.Meta(examples=[{"order": 7, "amount": 12.5}])] = None
    """What `{{event.…}}` reads."""
    id: Annotated[str, msgspec.Meta(examples=["payment-4711"])] = ""
    """Chosen by the client: the same id again within two minutes is the same event."""


@post("/events", operation_id="sendEvent", status_code=202, tags=["events"])
async def send_event(request: Req, data: Signal) -> SignalAccepted:
    """Tell of an event: every node that waits for such a one goes on."""
    signal = SignalRequest(subject=data.subject, payload=data.payload, id=data.id)
    await backend_of(request).runs.signal(signal)
    return SignalAccepted(data.subject)


ROUTES = (send_event,)
