"""What deciding about a ready inline node needs, and what it reads its configuration with."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.engine.state.run import NodeState, RunState
from runfold.errors import NodeFailed
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.values.json_text import text_of
from runfold.values.references import Lookup
from runfold.values.templates import render

Fields = dict[str, Any]
"""Fields of the event that a ready node writes."""


class Ready(msgspec.Struct, frozen=True):
    """All that deciding about one ready inline node needs."""

    plan: Plan
    state: RunState
    scope: str
    planned: PlanNode
    node: NodeState
    lookup: Lookup


def rendered_text(here: Ready, field: str) -> str:
    """A setting as text; empty when it is not given."""
    return text_of(render(here.planned.config.get(field, ""), here.lookup))


def rendered_object(here: Ready, field: str, written: Any) -> dict[str, Any]:
    """A setting that must be an object once rendered.

    Raises:
        NodeFailed: `node.not_an_object`.
    """
    value = render(written, here.lookup)
    if isinstance(value, dict):
        return value
    message = f"node {here.planned.id!r}: {field} must be an object, got {text_of(value)[:100]!r}"
    raise NodeFailed(message, code="node.not_an_object", kind="input")
