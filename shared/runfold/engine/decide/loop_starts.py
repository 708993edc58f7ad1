"""What a composite records when it begins: its items, and how it goes through them."""

from __future__ import annotations

from typing import Any

from runfold.errors import NodeFailed
from runfold.graph.kinds.batch import BATCH_SIZE
from runfold.graph.kinds.composites import is_bare_name
from runfold.graph.kinds.loop import mode_of
from runfold.graph.plan.plan import PlanNode
from runfold.values.durations import parse_duration
from runfold.values.references import Lookup
from runfold.values.templates import render

_DIGITS = 18


def loop_started(planned: PlanNode, lookup: Lookup) -> dict[str, Any]:
    """The fields of loop_started for a loop, an iteration, a batch or parallel branches.

    Raises:
        NodeFailed: What `items` refers to is no list or too long, or a number or duration is none.
    """
    match planned.type:
        case "parallel":
            return _branches(planned, lookup)
        case "batch":
            return _batch(planned, lookup)
        case "loop" if mode_of(planned.config) != "array":
            return _rounds(planned, lookup)
        case _:
            return _array(planned, lookup)


def _array(planned: PlanNode, lookup: Lookup) -> dict[str, Any]:
    config = planned.config
    items = _items(planned, lookup)
    limit = config.get("max_iterations")
    fields: dict[str, Any] = {
        "items": items,
        "total": None if limit is None else min(len(items), limit),
        "concurrency": _whole_number(planned, "concurrency", lookup),
        "item_timeout": _duration(planned, "item_timeout", lookup),
    }
    if planned.type == "loop":
        fields |= {
            "variables": _variables(planned, lookup),
            "delay": _duration(planned, "delay", lookup) or 0.0,
        }
    return fields


def _rounds(planned: PlanNode, lookup: Lookup) -> dict[str, Any]:
    config = planned.config
    limit = config.get("max_iterations")
    if mode_of(config) == "count":
        count = _whole_number(planned, "count", lookup, least=0)
        total = count if limit is None else min(count, limit)
    else:
        total = limit
    return {
        "total": total,
        "variables": _variables(planned, lookup),
        "delay": _duration(planned, "delay", lookup) or 0.0,
        "item_timeout": _duration(planned, "item_timeout", lookup),
    }


def _batch(planned: PlanNode, lookup: Lookup) -> dict[str, Any]:
    items = _items(planned, lookup)
    size = _whole_number(planned, "batch_size", lookup, default=BATCH_SIZE)
    most = planned.config.get("max_batches")
    return {
        "items": items,
        "total": None if most is None else min(len(items), most * size),
        "batch_size": size,
        "concurrency": _whole_number(planned, "concurrency", lookup, default=size),
        "delay": _duration(planned, "delay", lookup) or 0.0,
        "item_timeout": _duration(planned, "item_timeout", lookup),
    }


def _branches(planned: PlanNode, lookup: Lookup) -> dict[str, Any]:
    names = list(planned.bodies)
    return {
        "items": names,
        "concurrency": _whole_number(planned, "concurrency", lookup, default=len(names)),
        "item_timeout": _duration(planned, "branch_timeout", lookup),
    }


def _items(planned: PlanNode, lookup: Lookup) -> list[Any]:
    """`items` is a list, a reference, or the bare name of a node or value."""
    written = planned.config.get("items")
    if isinstance(written, str) and is_bare_name(written):
        value = render("{{" + written + "}}", lookup)
        is_view = isinstance(value, dict) and "output" in value and "status" in value
        items = value["output"] if is_view else value
    else:
        items = render(written, lookup)
    if not isinstance(items, list):
        message = (
            f"node {planned.id!r}: items must be a list, got {type(items).__name__}: {items!r:.100}"
        )
        raise NodeFailed(message, code="loop.not_a_list", kind="input")
    limit = planned.config.get("max_items")
    if limit is not None and len(items) > int(limit):
        message = f"node {planned.id!r}: {len(items)} items, its max_items is {limit}"
        raise NodeFailed(message, code="loop.too_many_items", kind="limit")
    return items


def _variables(planned: PlanNode, lookup: Lookup) -> dict[str, Any]:
    return {
        name: render(value, lookup)
        for name, value in (planned.config.get("variables") or {}).items()
    }


def _duration(planned: PlanNode, key: str, lookup: Lookup) -> float | None:
    written = planned.config.get(key)
    return None if written is None else parse_duration(render(written, lookup))


def _whole_number(
    planned: PlanNode, key: str, lookup: Lookup, *, default: int = 1, least: int = 1
) -> int:
    written = planned.config.get(key)
    value = default if written is None else render(written, lookup)
    number = _whole(value)
    if number is None or number < least:
        message = (
            f"node {planned.id!r}: {key} must be a whole number from {least} on, got {value!r:.100}"
        )
        raise NodeFailed(message, code="loop.not_a_number", kind="input")
    return number


def _whole(value: Any) -> int | None:
    """A whole number, however it is written; None for anything else."""
    match value:
        case bool():
            return None
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case str() if value.isascii() and value.strip().isdigit():
            return int(value.strip()[:_DIGITS])
        case _:
            return None
