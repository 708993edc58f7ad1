"""Runs as the HTTP API and the command print them: all that is known, and short forms beside it.

How a run is read is not here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, cast

import msgspec

from runfold.contracts.events import Origin, Usage
from runfold.engine.views.attempts import AttemptView
from runfold.engine.views.compensation import CompensationView
from runfold.engine.views.runs import NodeView, RunView
from runfold.errors import Failure

RunStatusWord = Literal[
    "queued",
    "running",
    "paused",
    "compensating",
    "succeeded",
    "partial_succeeded",
    "failed",
    "cancelled",
    "compensated",
    "compensation_failed",
]


def _says(description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description)


class NodeResult(msgspec.Struct, frozen=True):
    """What a node came to, in short."""

    node_id: str
    status: str
    output: Any
    error: Annotated[str | None, _says("The message alone; `nodes` has the whole error")]
    started_at: float | None
    finished_at: float | None


class LogEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a node began or ended."""

    type: Literal["node_start", "node_end"]
    node_id: Annotated[str, _says("The node's address")]
    timestamp: Annotated[str, _says("ISO 8601, UTC")]
    node_type: str = ""
    status: str = ""
    duration: Annotated[float | None, _says("Seconds")] = None


class LogSummary(msgspec.Struct, frozen=True):
    """How many nodes came to what."""

    total_nodes: int
    success: int
    failed: int
    total_duration: Annotated[float, _says("Seconds of all nodes together")]
    total_tokens: int


class ExecutionLog(msgspec.Struct, frozen=True):
    """When each node began and ended, in the order of time, and how many came to what."""

    events: tuple[LogEntry, ...]
    summary: LogSummary


class RunSummary(msgspec.Struct, frozen=True):
    """A run in a list: all but its nodes. Times are Unix seconds."""

    run_id: str
    workflow_id: str
    version: str
    status: RunStatusWord
    inputs: dict[str, Any]
    outputs: Any
    error: Failure | None
    error_node: Annotated[str, _says("Address of the node that failed the run, or empty")]
    usage: Usage
    started_at: float
    finished_at: float | None
    last_seq: Annotated[int, _says("Sequence of the newest event that is shown")]
    priority: int
    labels: dict[str, str]
    origin: Annotated[Origin | None, _says("The run that it goes on from, as a fork or a retry")]
    pause_reason: str
    parked: Annotated[
        bool, _says("Paused by the scheduler, because something in it cannot be handled")
    ]


class RunPage(msgspec.Struct, frozen=True):
    """A page of runs, newest first."""

    items: tuple[RunSummary, ...]
    next_cursor: Annotated[
        str | None, _says("Where the next page begins, for any filters; null at the end")
    ]
    counts: Annotated[
        dict[str, int] | None,
        _says("With `counts=true`: how many runs of each status fit all other filters"),
    ]


class RunDocument(msgspec.Struct, frozen=True):
    """A run with its nodes. Times are Unix seconds."""

    run_id: str
    workflow_id: Annotated[str, _says("Empty while its request waits to be taken up")]
    version: str
    status: RunStatusWord
    inputs: dict[str, Any]
    outputs: Any
    error: Failure | None
    error_node: Annotated[str, _says("Address of the node that failed the run, or empty")]
    usage: Usage
    started_at: Annotated[float | None, _says("Null while its request waits to be taken up")]
    finished_at: float | None
    last_seq: Annotated[int, _says("Sequence of the newest event that is shown")]
    nodes: tuple[NodeView, ...]
    priority: int
    labels: dict[str, str]
    origin: Annotated[Origin | None, _says("The run that it goes on from, as a fork or a retry")]
    pause_reason: str
    parked: Annotated[
        bool, _says("Paused by the scheduler, because something in it cannot be handled")
    ]
    compensation: tuple[CompensationView, ...]
    node_results: Annotated[dict[str, NodeResult], _says("By address")]
    execution_log: ExecutionLog


class NodeInputs(msgspec.Struct, frozen=True):
    """What an attempt was given, from the log as it was when the attempt became ready."""

    attempt: int
    seq: Annotated[int, _says("Sequence of the newest event it is read from")]
    config: Annotated[
        dict[str, Any],
        _says("The configuration with its references resolved; secrets and `env` stay as names"),
    ]
    values: Annotated[dict[str, Any], _says("The values it refers to, by the name of their root")]
    unresolved: Annotated[
        dict[str, str], _says("Fields that are as they are written, and why they stayed so")
    ]


class NodeDocument(msgspec.Struct, frozen=True):
    """A node of a run, with all its attempts and what one of them was given."""

    run_id: str
    run_status: RunStatusWord
    address: str
    node_id: str
    type: str
    status: str
    scope: str
    name: str
    attempt: Annotated[int, _says("The newest attempt: what `outputs` and `error` are of")]
    started_at: float | None
    finished_at: float | None
    duration: Annotated[float | None, _says("Seconds")]
    outputs: dict[str, Any]
    port: str
    error: Failure | None
    usage: Usage | None
    ready_at: Annotated[float | None, _says("When the node first became ready")]
    ready_seq: Annotated[int | None, _says("Sequence of the event that made it ready")]
    attempts: tuple[AttemptView, ...]
    inputs: Annotated[NodeInputs | None, _says("Null before the attempt has become ready")]


def run_page(runs: Iterable[RunView], next_cursor: str, counts: dict[str, int] | None) -> RunPage:
    """A page of a list of runs."""
    items = tuple(RunSummary(**_fields_of(run, RunSummary)) for run in runs)
    return RunPage(items, next_cursor or None, counts)


def run_document(view: RunView) -> RunDocument:
    """A run with `node_results` by address and an `execution_log` with its summary."""
    return RunDocument(
        **_fields_of(view, RunView),
        node_results={node.address: _result(node) for node in view.nodes},
        execution_log=ExecutionLog(_entries(view), _summary(view)),
    )


def queued_document(run_id: str) -> RunDocument:
    """A run whose request is stored and whose log has not begun."""
    return RunDocument(
        run_id=run_id,
        workflow_id="",
        version="",
        status="queued",
        inputs={},
        outputs=None,
        error=None,
        error_node="",
        usage=Usage(),
        started_at=None,
        finished_at=None,
        last_seq=0,
        nodes=(),
        priority=0,
        labels={},
        origin=None,
        pause_reason="",
        parked=False,
        compensation=(),
        node_results={},
        execution_log=ExecutionLog((), LogSummary(0, 0, 0, 0.0, 0)),
    )


def node_of_run(view: RunView, node: NodeView, inputs: NodeInputs | None) -> NodeDocument:
    """A node of a run, with what an attempt of it was given."""
    names = [name for name in NodeDocument.__struct_fields__ if name in NodeView.__struct_fields__]
    return NodeDocument(
        run_id=view.run_id,
        run_status=cast("RunStatusWord", view.status),
        inputs=inputs,
        **{name: getattr(node, name) for name in names},
    )


def _fields_of(view: RunView, kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {name: getattr(view, name) for name in kind.__struct_fields__}


def _result(node: NodeView) -> NodeResult:
    outputs = node.outputs
    return NodeResult(
        node_id=node.node_id,
        status=node.status,
        output=outputs.get("output", outputs or None),
        error=node.error.message if node.error else None,
        started_at=node.started_at,
        finished_at=node.finished_at,
    )


def _entries(view: RunView) -> tuple[LogEntry, ...]:
    timed: list[tuple[float, LogEntry]] = []
    for node in view.nodes:
        begun, ended = node.started_at, node.finished_at
        if begun is None:
            continue
        entry = LogEntry("node_start", node.address, _iso(begun), node_type=node.type)
        timed.append((begun, entry))
        if ended is not None:
            last = LogEntry(
                "node_end", node.address, _iso(ended), status=node.status, duration=node.duration
            )
            timed.append((ended, last))
    timed.sort(key=lambda entry: entry[0])
    return tuple(entry for _, entry in timed)


def _iso(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat()


def _summary(view: RunView) -> LogSummary:
    return LogSummary(
        total_nodes=len(view.nodes),
        success=sum(node.status == "succeeded" for node in view.nodes),
        failed=sum(node.status in ("failed", "exception") for node in view.nodes),
        total_duration=round(sum(node.duration or 0.0 for node in view.nodes), 6),
        total_tokens=view.usage.total_tokens,
    )
