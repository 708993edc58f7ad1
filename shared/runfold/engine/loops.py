"""Deciding about a loop: which items begin, and what the whole comes to."""

from __future__ import annotations

import re
from typing import Any

from runfold.contracts import events as e
from runfold.engine.effects import Append, Effect
from runfold.engine.outcome import last_outputs
from runfold.engine.scopes import lookup_in_scope
from runfold.engine.state import Loop, NodeState, RunState
from runfold.engine.writer import Writer
from runfold.errors import NodeFailed, RunfoldError
from runfold.graph.plan import Plan, PlanNode
from runfold.ids import address_of, child_scope
from runfold.values.references import Lookup
from runfold.values.templates import render

_NAME = re.compile(r"[A-Za-z_][\w-]*(\.[\w-]+)*")


def loop_started(planned: PlanNode, lookup: Lookup) -> dict[str, Any]:
    """The fields of loop_started: the items, and how many may run at a time.

    Raises:
        NodeFailed: When what `items` refers to is not a list, or too long.
    """
    items = _items(planned.config.get("items"), lookup)
    if not isinstance(items, list):
        message = f"node {planned.id!r}: items must be a list, got {type(items).__name__}"
        raise NodeFailed(message, code="loop.not_a_list", kind="input")
    limit = planned.config.get("max_items")
    if limit is not None and len(items) > int(limit):
        message = f"node {planned.id!r}: {len(items)} items, its max_items is {limit}"
        raise NodeFailed(message, code="loop.too_many_items", kind="limit")
    concurrency = _whole_number(planned, "concurrency", lookup)
    return {"items": items, "concurrency": max(1, concurrency)}


def _whole_number(planned: PlanNode, key: str, lookup: Lookup) -> int:
    value = render(planned.config.get(key, 1), lookup)
    try:
        return int(value)
    except (TypeError, ValueError):
        message = f"node {planned.id!r}: {key} must be a whole number, got {value!r:.100}"
        raise NodeFailed(message, code="loop.not_a_number", kind="input") from None


def _items(written: Any, lookup: Lookup) -> Any:
    """`items` is a list, a reference, or the bare name of a node or value."""
    if isinstance(written, str) and _NAME.fullmatch(written):
        written = "{{" + written + "}}"
        value = render(written, lookup)
        is_view = isinstance(value, dict) and "output" in value and "status" in value
        return value["output"] if is_view else value
    return render(written, lookup)


def decide_looping(
    plan: Plan, state: RunState, writer: Writer, scope: str, planned: PlanNode, node: NodeState
) -> list[Effect]:
    """Begin as many items as may run, or end the loop when all have ended."""
    loop = node.loop
    if loop is None or planned.body is None:
        return []
    if loop.ended == len(loop.items):
        return [Append(_loop_ended(plan, state, writer, scope, planned, node, loop))]
    room = min(loop.concurrency - (loop.begun - loop.ended), len(loop.items) - loop.begun)
    return [
        Append(writer.node(e.LoopNext, scope, planned.id, node.attempt, of=str(index), index=index))
        for index in range(loop.begun, loop.begun + max(0, room))
    ]


def _loop_ended(
    plan: Plan,
    state: RunState,
    writer: Writer,
    scope: str,
    planned: PlanNode,
    node: NodeState,
    loop: Loop,
) -> e.LoopSucceeded | e.LoopFailed:
    drop = planned.config.get("on_item_error") == "drop"
    results: list[Any] = []
    for index in range(len(loop.items)):
        if index in loop.failed:
            results += [] if drop else [None]
            continue
        try:
            results.append(_item_result(plan, state, scope, planned, index))
        except RunfoldError as error:
            return writer.node(
                e.LoopFailed, scope, planned.id, node.attempt, error=error.failure(), index=index
            )
    outputs = {"output": results, "count": len(results), "failed_count": len(loop.failed)}
    return writer.node(e.LoopSucceeded, scope, planned.id, node.attempt, outputs=outputs)


def _item_result(plan: Plan, state: RunState, scope: str, planned: PlanNode, index: int) -> Any:
    inside = child_scope(address_of(scope, planned.id), index)
    template = planned.config.get("output")
    if template is not None:
        return render(template, lookup_in_scope(plan, state, inside))
    if planned.body is None:
        return None
    return last_outputs(planned.body, state, inside)
