"""What the API says to a request that starts something."""

from __future__ import annotations

from typing import Literal

import msgspec


class RunAccepted(msgspec.Struct, frozen=True):
    """The request for a run is stored."""

    run_id: str
    workflow_id: str
    status: Literal["running"] = "running"


class SignalAccepted(msgspec.Struct, frozen=True):
    """The event is stored."""

    subject: str
    status: Literal["accepted"] = "accepted"
