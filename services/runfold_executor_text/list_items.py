"""`list` nodes: filter, then extract, then order, then limit, as Dify's list operator does."""

from __future__ import annotations

from typing import Any

from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.list import KIND, ListConfig, OrderBy
from runfold.isolated.pool import Threads
from runfold.values.item_conditions import holds, item_condition_findings, part_of
from runfold.values.operators import MISSING, number_of
from runfold.values.profiles import rules_of
from runfold.values.types import kind_name

_threads = Threads(2, "list")
"""For long lists and slow patterns: others are not to wait for them."""
_NUMBER, _TEXT, _BOOLEAN = range(3)


async def run(ctx: NodeContext, config: ListConfig, _inputs: dict[str, Any]) -> Outcome:
    """The items that are left."""
    rules = rules_of(ctx.profile)
    given = config.input
    if given is None and rules is not None and rules.null_is_no_items:
        given = []
    if not isinstance(given, list):
        message = f"input is not a list, it is {kind_name(given)}"
        raise NodeFailed(message, code="list.not_a_list", kind="input")
    as_typed = rules is not None and rules.orders_as_typed
    items = await _threads.run(_left, given, config, as_typed) if given else []
    outputs = {
        "output": items,
        "first_record": items[0] if items else None,
        "last_record": items[-1] if items else None,
        "count": len(items),
    }
    return Outcome(outputs)


def _left(items: list[Any], config: ListConfig, as_typed: bool) -> list[Any]:  # noqa: FBT001
    if config.filter is not None:
        items = _filtered(items, config.filter)
    if config.extract is not None:
        items = [_extracted(items, config.extract)]
    # The key that counts most is ordered by last: sorting keeps the order of what is equal.
    for key in reversed(config.order):
        items = _ordered(items, key, as_typed=as_typed)
    return items[: config.limit]


def _filtered(items: list[Any], condition: Any) -> list[Any]:
    for place, message in item_condition_findings(condition):
        where = f"filter{place}"
        raise NodeFailed(f"{where}: {message}", code="list.filter", kind="input")
    return [item for item in items if holds(condition, item)]


def _extracted(items: list[Any], place: int) -> Any:
    at = place - 1 if place > 0 else place
    if place == 0 or not -len(items) <= at < len(items):
        message = f"extract: there is no item {place} among {len(items)}"
        details = {"extract": place, "count": len(items)}
        raise NodeFailed(message, code="list.out_of_range", kind="input", details=details)
    return items[at]


def _ordered(items: list[Any], key: OrderBy, *, as_typed: bool) -> list[Any]:
    parts = [part_of(item, key.field) for item in items]
    there = [at for at, part in enumerate(parts) if part is not MISSING and part is not None]
    absent = [at for at, part in enumerate(parts) if part is MISSING or part is None]
    numbers = [number_of(parts[at]) for at in there]
    keys: dict[int, Any]
    if as_typed or None in numbers:
        keys = {at: _sort_key(parts[at], key.field) for at in there}
    else:
        # Text that spells numbers is ordered as `>` compares it.
        keys = dict(zip(there, numbers, strict=True))
    there.sort(key=keys.__getitem__, reverse=key.direction == "desc")
    return [items[at] for at in (*there, *absent)]


def _sort_key(part: Any, field: str) -> tuple[int, Any]:
    """Numbers come before text, and text before booleans."""
    match part:
        case bool():
            return _BOOLEAN, part
        case int() | float():
            return _NUMBER, part
        case str():
            return _TEXT, part
        case _:
            what = f"by {field!r}" if field else "by the items themselves"
            message = f"order: items cannot be ordered {what}: there is {kind_name(part)} among it"
            raise NodeFailed(message, code="list.not_comparable", kind="input")


NODE = NodeExecutor(KIND, run)
