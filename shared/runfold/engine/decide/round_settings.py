"""Reads the settings with which a composite begins: items, numbers, durations, variables."""

from __future__ import annotations

from typing import Any

from runfold.engine.decide.node_context import NodeContext
from runfold.errors import NodeFailed
from runfold.graph.kinds.composites import is_bare_name
from runfold.values.durations import parse_duration
from runfold.values.profiles import rules_of
from runfold.values.references import exact_ref

_DIGITS = 18


def items_of(ctx: NodeContext) -> list[Any]:
    """`items`: a list, a reference to one, the bare name of a node or value, or lists by name.

    Lists by name are gone through in step, as far as the shortest goes: an item is an object of
    what stands at one place in each.

    Raises:
        NodeFailed: `loop.not_a_list`, `loop.too_many_items`.
    """
    written = ctx.config.get("items")
    if isinstance(written, str) and is_bare_name(written):
        value = ctx.render("{{" + written + "}}")
        is_view = isinstance(value, dict) and "output" in value and "status" in value
        items = value["output"] if is_view else value
    elif isinstance(written, dict) and exact_ref(written) is None:
        lists = {name: _list(ctx, ctx.render(one)) for name, one in written.items()}
        rows = zip(*lists.values(), strict=False)
        items = [dict(zip(lists, row, strict=True)) for row in rows]
    else:
        items = ctx.needed(written)
    items = _list(ctx, items)
    node_id = ctx.planned.id
    limit = ctx.config.get("max_items")
    if limit is not None and len(items) > int(limit):
        message = f"node {node_id!r}: {len(items)} items, its max_items is {limit}"
        raise NodeFailed(message, code="loop.too_many_items", kind="limit")
    return items


def _list(ctx: NodeContext, value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    rules = rules_of(ctx.planned.profile)
    if value is None and rules is not None and rules.null_is_no_items:
        return []
    message = (
        f"node {ctx.planned.id!r}: items must be a list, got {type(value).__name__}: {value!r:.100}"
    )
    raise NodeFailed(message, code="loop.not_a_list", kind="input")


def variables_of(ctx: NodeContext) -> dict[str, Any]:
    """The values with which a composite's variables begin."""
    written = ctx.config.get("variables") or {}
    return {name: ctx.render(value) for name, value in written.items()}


def duration(ctx: NodeContext, key: str) -> float | None:
    """A setting in seconds; None when it is not given."""
    written = ctx.config.get(key)
    return None if written is None else parse_duration(ctx.render(written))


def whole_number(ctx: NodeContext, key: str, *, default: int = 1, least: int = 1) -> int:
    """A setting that must be a whole number.

    Raises:
        NodeFailed: `loop.not_a_number`.
    """
    written = ctx.config.get(key)
    value = default if written is None else ctx.render(written)
    number = _whole(value)
    if number is None or number < least:
        message = (
            f"node {ctx.planned.id!r}: {key} must be a whole number from {least} on, "
            f"got {value!r:.100}"
        )
        raise NodeFailed(message, code="loop.not_a_number", kind="input")
    return number


def _whole(value: Any) -> int | None:
    """A whole number, in whichever way it is written; None for anything else."""
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
