"""Runs as the API prints them: the run's document, and beside it short forms many clients know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from runfold.engine.views.runs import NodeView, RunView


def run_document(view: RunView) -> dict[str, Any]:
    """A run with `node_results` by address and an `execution_log` with its summary."""
    document: dict[str, Any] = msgspec.to_builtins(view)
    return {
        **document,
        "node_results": {node.address: _result(node) for node in view.nodes},
        "execution_log": {"events": _events(view), "summary": _summary(view)},
    }


def queued_document(run_id: str) -> dict[str, Any]:
    """A run whose request is stored and whose log has not begun."""
    return {
        "run_id": run_id,
        "status": "queued",
        "nodes": [],
        "node_results": {},
        "execution_log": {"events": []},
    }


def _result(node: NodeView) -> dict[str, Any]:
    outputs = node.outputs
    return {
        "node_id": node.node_id,
        "status": node.status,
        "output": outputs.get("output", outputs or None),
        "error": node.error.message if node.error else None,
        "started_at": node.started_at,
        "finished_at": node.finished_at,
    }


def _events(view: RunView) -> list[dict[str, Any]]:
    """When each node began and ended, in the order of time."""
    timed: list[tuple[float, dict[str, Any]]] = []
    for node in view.nodes:
        about = {"node_id": node.address}
        if node.started_at is not None:
            begun = {"type": "node_start", **about, "node_type": node.type}
            timed.append((node.started_at, begun))
        if node.started_at is not None and node.finished_at is not None:
            ended = {"status": node.status, "duration": node.duration}
            timed.append((node.finished_at, {"type": "node_end", **about, **ended}))
    timed.sort(key=lambda entry: entry[0])
    return [{**entry, "timestamp": _iso(time)} for time, entry in timed]


def _iso(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat()


def _summary(view: RunView) -> dict[str, Any]:
    return {
        "total_nodes": len(view.nodes),
        "success": sum(node.status == "succeeded" for node in view.nodes),
        "failed": sum(node.status in ("failed", "exception") for node in view.nodes),
        "total_duration": round(sum(node.duration or 0.0 for node in view.nodes), 6),
        "total_tokens": view.usage.total_tokens,
    }
