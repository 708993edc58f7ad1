"""What the engine says of a run after each event of its log, as the studio's fold has to say it.

Only what changed with an event is written, so that a whole log stays small.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from runfold.contracts.events import Recorded
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.views.attempts import Attempts, AttemptView
from runfold.engine.views.runs import NodeView, RunView, run_view

Values = dict[str, Any]


def steps_of(records: Sequence[Recorded]) -> list[Values]:
    """For each event of a log the fields of the run, and of each node, that it changed."""
    attempts = Attempts()
    folder, touched = Folder.begin(records[0], Plans())
    attempts.follow(records[0], None, folder.state, touched)
    steps: list[Values] = []
    run: Values = {}
    nodes: dict[str, Values] = {}
    for record in records:
        if record is not records[0]:
            attempts.apply(record, folder)
        view = run_view(folder.plan, folder.state, attempts)
        after = _run(view)
        nodes_after = {one.address: _node(one) for one in view.nodes}
        step: Values = {"run": _changes(run, after)}
        changed = {at: _changes(nodes.get(at, {}), one) for at, one in nodes_after.items()}
        step["nodes"] = {at: one for at, one in changed.items() if one}
        steps.append({name: part for name, part in step.items() if part})
        run, nodes = after, nodes_after
    outputs = {one.address: one.outputs for one in view.nodes if one.outputs}
    order = [one.address for one in view.nodes]
    steps.append({"outputs": outputs, "order": order, "run_outputs": view.outputs})
    plain: list[Values] = msgspec.json.decode(msgspec.json.encode(steps))
    return plain


def _changes(before: Values, after: Values) -> Values:
    return {name: value for name, value in after.items() if before.get(name) != value}


def _run(view: RunView) -> Values:
    return {
        "status": view.status,
        "error": view.error.code if view.error else None,
        "error_node": view.error_node,
        "tokens": view.usage.total_tokens,
        "cost": view.usage.cost,
        "finished_at": view.finished_at,
        "last_seq": view.last_seq,
        "pause_reason": view.pause_reason,
        "parked": view.parked,
        "compensation": [[one.address, one.by, one.status] for one in view.compensation],
    }


def _node(view: NodeView) -> Values:
    waiting = view.waiting
    return {
        "status": view.status,
        "attempt": view.attempt,
        "started_at": view.started_at,
        "finished_at": view.finished_at,
        "port": view.port,
        "error": view.error.code if view.error else None,
        "waiting": [waiting.waiting_for, waiting.due, waiting.state] if waiting else None,
        "ready_seq": view.ready_seq,
        "attempts": [_attempt(one) for one in view.attempts],
    }


def _attempt(one: AttemptView) -> list[Any]:
    error = one.error.code if one.error else None
    return [one.attempt, one.status, one.delay, one.started_at, one.finished_at, error]
