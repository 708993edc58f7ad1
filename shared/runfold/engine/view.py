"""A run as a document: the one shape in which the projection, the gateway, `runfold replay` and
`runfold run --json` show it. Pure; made from the plan and the folded state alone.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts.events import Usage
from runfold.errors import Failure


class WaitingView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a waiting node waits for."""

    waiting_for: str
    token: str = ""
    due: float | None = None
    message: str = ""
    content: Any = None
    form: dict[str, Any] = {}
    assignee: str = ""


class NodeView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One node of a run, in one scope. Times are Unix seconds by the stream's clock."""

    address: str
    node_id: str
    type: str
    status: str
    """running, retrying, waiting, succeeded, failed, exception, skipped."""
    scope: str = ""
    name: str = ""
    attempt: int = 1
    started_at: float | None = None
    finished_at: float | None = None
    duration: float | None = None
    """Seconds."""
    outputs: dict[str, Any] = {}
    port: str = ""
    error: Failure | None = None
    usage: Usage | None = None
    waiting: WaitingView | None = None


class RunView(msgspec.Struct, frozen=True, omit_defaults=False):
    """One run."""

    run_id: str
    workflow_id: str
    version: str
    status: str
    """running, succeeded, partial_succeeded, failed, cancelled."""
    inputs: dict[str, Any]
    outputs: Any
    error: Failure | None
    error_node: str
    """Address of the node that failed the run, or empty."""
    usage: Usage
    started_at: float
    finished_at: float | None
    last_seq: int
    """Sequence of the newest event of the run that was folded."""
    nodes: tuple[NodeView, ...]
