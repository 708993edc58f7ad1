"""Runs one operation of `items` without a sandbox: parameters without expressions."""

from __future__ import annotations

from typing import Any

from runfold.graph.kinds.items import ItemSettings
from runfold_executor_code.items.operations import OPERATIONS
from runfold_executor_code.items.step import Item, Made, Step


def step_of(
    operation: str,
    parameters: dict[str, Any] | None = None,
    *inputs: list[Any],
    version: float = 1,
    each: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Step:
    """A step; inputs are lists of the `json` of items.

    Args:
        operation: Its name.
        parameters: As they are written and as they are resolved.
        inputs: For each input the `json` of its items, or items.
        version: Of n8n's node.
        each: Parameters of each item that are not those of all.
        more: What else a step has.
    """
    written = parameters or {}
    read = tuple([_item(one) for one in items] for items in inputs) or ([],)
    count = max(1, len(read[0]))
    resolved = tuple({**written, **(each[at] if each else {})} for at in range(count))
    settings = ItemSettings(on_error=more.pop("on_error", "stop"))
    return Step(
        operation=operation,
        version=version,
        node="Me",
        parameters=written,
        resolved=resolved,
        inputs=read,
        settings=settings,
        **{"new_state": [], "failed": [], **more},
    )


def _item(value: Any) -> Item:
    is_item = isinstance(value, dict) and isinstance(value.get("json"), dict)
    return value if is_item else {"json": value}


def ran(operation: str, *given: Any, **more: Any) -> list[list[Made]]:
    """The items of each output."""
    step = step_of(operation, *given, **more)
    return OPERATIONS[operation](step)


def jsons(outputs: list[list[Made]]) -> list[list[dict[str, Any]]]:
    """The `json` of the items of each output."""
    return [[made.json for made in output] for output in outputs]


def gave(operation: str, *given: Any, **more: Any) -> list[list[dict[str, Any]]]:
    """The `json` of the items that an operation gives at each output."""
    return jsons(ran(operation, *given, **more))
