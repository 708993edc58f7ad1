"""How long a node waits, and what follows when nothing comes, in words for a person."""

from __future__ import annotations

from runfold.engine.state.runs import RunState
from runfold.engine.state.scopes import node_at
from runfold.graph.kinds.asking import TIMEOUT
from runfold.graph.plan.plan import Plan

_UNITS = ((2 * 86_400, 86_400, "days"), (2 * 3_600, 3_600, "h"), (120, 60, "min"))
"""From how many seconds on, the seconds of one, and its name."""


def time_limit(plan: Plan, state: RunState, address: str) -> str:
    """`for 20 s, then goes on with publish`; empty for a node that waits without a limit."""
    node = state.nodes.get(address)
    waiting = node.waiting if node is not None and node.status == "waiting" else None
    if waiting is None or waiting.due is None:
        return ""
    span = f"for {_in_words(max(0.0, waiting.due - state.now))}"
    if waiting.waiting_for == "timer":
        return span
    planned = node_at(plan, address)
    following = planned.targets.get(TIMEOUT, ())
    if following:
        return f"{span}, then goes on with {', '.join(following)}"
    if planned.on_error.strategy == "fail":
        return f"{span}, then fails"
    return f"{span}, then its on_error applies ({planned.on_error.strategy})"


def _in_words(seconds: float) -> str:
    for least, unit, name in _UNITS:
        if seconds >= least:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"
