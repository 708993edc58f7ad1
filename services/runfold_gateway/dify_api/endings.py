"""How a run ended, as Dify writes it: status, outputs, what was used up, what failed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runfold.contracts.events import RetrieverResource
from runfold.engine.state.nodes import ENDED
from runfold.engine.state.runs import RunState
from runfold.errors import InvalidRequest
from runfold_gateway.dify_api.files import files_of

STATUSES = {
    "queued": "running",
    "running": "running",
    "paused": "paused",
    "compensating": "running",
    "succeeded": "succeeded",
    "partial_succeeded": "partial-succeeded",
    "cancelled": "stopped",
}
"""Our status of a run → Dify's; all others: failed."""
SUCCEEDED = ("succeeded", "partial_succeeded")
STOPPED = "cancelled"


def run_data(state: RunState) -> dict[str, Any]:
    """A run, ended or not."""
    ended = state.finished_at
    return {
        "id": state.run_id,
        "workflow_id": state.workflow_id,
        "status": STATUSES.get(state.status, "failed"),
        "outputs": named(state.outputs) if state.ended else None,
        "error": error_text(state),
        "elapsed_time": max(0.0, round((ended or state.now) - state.started_at, 6)),
        "total_tokens": tokens(state),
        "total_steps": sum(
            node.status in ENDED and node.status != "skipped" for node in state.nodes.values()
        ),
        "created_by": _user(state),
        "created_at": int(state.started_at),
        "finished_at": None if ended is None else int(ended),
        "exceptions_count": state.exceptions,
        "files": files_of(state.outputs, state.workflow_id),
    }


def named(outputs: Any) -> dict[str, Any]:
    """Outputs by name; of a run that has but a value, under `output`."""
    if outputs is None:
        return {}
    return outputs if isinstance(outputs, dict) else {"output": outputs}


def error_text(state: RunState) -> str | None:
    """Why a run failed, or was ended."""
    if state.error is not None:
        return state.error.message
    return state.cancel_reason or None if state.status == STOPPED else None


def run_failed(state: RunState) -> InvalidRequest:
    """What is said of a chat that has no answer."""
    why = f": {state.error.message}" if state.error is not None else ""
    message = f"run {state.run_id!r} ended as {state.status}{why}"
    return InvalidRequest(message, code="chat.run_failed")


def tokens(state: RunState) -> int:
    """Tokens of all models together."""
    used = state.usage
    return used.total_tokens or used.prompt_tokens + used.completion_tokens


def usage(state: RunState) -> dict[str, Any]:
    """What a run used up. Prices of single tokens are not known of several models together."""
    used = state.usage
    return {
        "prompt_tokens": used.prompt_tokens,
        "prompt_unit_price": "0",
        "prompt_price_unit": "0",
        "prompt_price": "0",
        "completion_tokens": used.completion_tokens,
        "completion_unit_price": "0",
        "completion_price_unit": "0",
        "completion_price": "0",
        "total_tokens": tokens(state),
        "total_price": f"{used.cost:.7f}",
        "currency": used.currency,
        "latency": max(0.0, round((state.finished_at or state.now) - state.started_at, 6)),
    }


def sources(found: Iterable[RetrieverResource]) -> list[dict[str, Any]]:
    """The passages that nodes of a run found, in the order in which they did."""
    listed = [(one, event.node_id) for event in found for one in event.resources]
    return [_source(one, place, node_id) for place, (one, node_id) in enumerate(listed, start=1)]


def _source(one: dict[str, Any], position: int, node_id: str) -> dict[str, Any]:
    score = one.get("score")
    return {
        "position": position,
        "node_id": node_id,
        "dataset_id": _text(one.get("base")),
        "dataset_name": _text(one.get("base")),
        "document_id": _text(one.get("document")),
        "document_name": _text(one.get("document_name") or one.get("title")),
        "segment_id": _text(one.get("chunk")),
        "score": float(score) if isinstance(score, int | float) else 0.0,
        "content": _text(one.get("excerpt")),
    }


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _user(state: RunState) -> dict[str, str]:
    user = state.turn.user_id if state.turn is not None else ""
    return {"id": user, "user": user}
