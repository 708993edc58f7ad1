"""A run, a node of it and its events, printed to be read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from runfold.cli.output import print_table
from runfold.contracts.events import NodeEvent, NodeRunRetry, NodeRunStarted, Recorded, event_type
from runfold.engine.views.documents import NodeDocument
from runfold.engine.views.runs import RunView
from runfold.errors import Failure
from runfold.ids import address_of


def print_run(view: RunView) -> None:
    """Print a run: what it is, its nodes, and what it came to."""
    print(f"run {view.run_id}  {view.workflow_id} version {view.version}  {view.status}")
    print(f"started {_when(view.started_at)}  ended {_when(view.finished_at)}")
    if view.labels:
        print("labels " + " ".join(f"{name}={value}" for name, value in view.labels.items()))
    if view.origin is not None:
        print(f"{view.origin.kind} of run {view.origin.run_id} at sequence {view.origin.at}")
    print(f"inputs {_json(view.inputs)}\n")
    rows = [
        (
            node.address,
            node.type,
            node.status,
            len(node.attempts) or "",
            _between(node.ready_at, node.started_at),
            "" if node.duration is None else f"{node.duration:.3f} s",
            _said(node.error),
        )
        for node in view.nodes
    ]
    print_table(("NODE", "TYPE", "STATUS", "ATTEMPTS", "WAITED", "TOOK", "ERROR"), rows)
    if view.error is not None:
        where = view.error_node or "the run"
        print(f"\nerror at {where}: {_one_line(_said(view.error))}")
    if view.outputs is not None:
        print(f"\noutputs {_json(view.outputs)}")


def print_node(node: NodeDocument) -> None:
    """Print a node: its attempts, what one of them was given, and what it came to."""
    print(f"{node.address}  {node.type}  {node.status}  in run {node.run_id} ({node.run_status})\n")
    rows = [
        (
            one.attempt,
            one.status,
            f"{one.delay:g} s" if one.delay else "",
            _when(one.ready_at),
            _between(one.ready_at, one.started_at),
            _between(one.started_at, one.finished_at),
            one.executor,
            _said(one.error),
        )
        for one in node.attempts
    ]
    print_table(
        ("ATTEMPT", "STATUS", "DELAY", "READY", "WAITED", "TOOK", "EXECUTOR", "ERROR"), rows
    )
    if node.inputs is not None:
        print(f"\ninputs of attempt {node.inputs.attempt}, as of sequence {node.inputs.seq}")
        for name, value in node.inputs.config.items():
            print(f"  {name}: {_json(value)}")
        for name, why in node.inputs.unresolved.items():
            print(f"  {name} stays as it is written: {_one_line(why)}")
    print(f"\noutputs {_json(node.outputs)}")


def print_events(records: Iterable[Recorded]) -> None:
    """Print events, a line each: sequence, time, type, node, and what it says."""
    for record in records:
        event = record.event
        where = ""
        if isinstance(event, NodeEvent) and event.node_id:
            where = address_of(event.scope, event.node_id)
            where += f" #{event.attempt}" if event.attempt > 1 else ""
        line = f"{record.seq:>8}  {_when(record.time)}  {event_type(event):24} {where:24} "
        print((line + _one_line(_detail(event))).rstrip())


def _detail(event: Any) -> str:
    if isinstance(event, NodeRunRetry):
        how = "with the backup" if event.backup else f"after {event.delay:.1f} s"
        return f"{how}: {_said(event.error)}"
    if isinstance(event, NodeRunStarted):
        return event.executor
    error, reason = getattr(event, "error", None), getattr(event, "reason", "")
    return _said(error) if isinstance(error, Failure) else str(reason)


def _said(error: Failure | None) -> str:
    return "" if error is None else f"{error.code}: {error.message}"


def _when(time: float | None) -> str:
    if time is None:
        return "-"
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")


def _between(begin: float | None, end: float | None) -> str:
    return "" if begin is None or end is None else f"{end - begin:.3f} s"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _one_line(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)
