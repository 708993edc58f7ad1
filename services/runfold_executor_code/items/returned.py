"""What a program of a Code node gave, as items; or what about it is not a list of items."""

from __future__ import annotations

from typing import Any

from runfold.values.types import kind_name
from runfold_executor_code.items.step import ItemFailed, Made, Paired, StepFailed

_KEYS = frozenset(("json", "binary", "pairedItem", "error", "index"))
"""What stands in an item beside its fields, which are in `json`."""
_OF_ITEMS = frozenset(("json", "binary", "pairedItem"))
"""Those that say that an object is an item; `error` and `index` are fields as well."""
_WANTED = "return a list of objects, one for each item: `return [{ json: { … } }]`"


def items_of(value: Any, *, is_missing: bool = False, first: int = 0) -> list[Made]:
    """The items that a program gave that ran once over all of them.

    Args:
        value: What it gave; null: no items.
        is_missing: Whether it gave nothing at all.
        first: What the first item is called in messages.

    Raises:
        StepFailed: When it gave something else.
    """
    if value is None and not is_missing:
        return []
    listed = [value] if isinstance(value, dict) else value
    if not isinstance(listed, list):
        message = f"the code gave {_named(value)}: {_WANTED}"
        raise StepFailed(message)
    for at, one in enumerate(listed, first):
        if not isinstance(one, dict):
            message = f"item {at} of what the code gave is {_named(one)}: {_WANTED}"
            raise StepFailed(message)
    if not any(_OF_ITEMS & one.keys() for one in listed):
        return [Made(one) for one in listed]
    return [_item(one, at) for at, one in enumerate(listed, first)]


def _item(value: dict[str, Any], at: int) -> Made:
    if unknown := value.keys() - _KEYS:
        message = f"item {at} of what the code gave has {min(unknown)!r} beside its `json`"
        raise StepFailed(f"{message}: put it inside")
    json = value.get("json")
    if json is None and (value.get("error") is not None or value.get("binary")):
        error = value.get("error")
        json = {"error": error} if error is not None else {}
    if not isinstance(json, dict):
        message = (
            f"`json` of item {at} of what the code gave is {_named(json)}: it must be an object"
        )
        raise StepFailed(message)
    binary = value.get("binary")
    return Made(
        json, binary if isinstance(binary, dict) else None, _paired(value.get("pairedItem"))
    )


def item_of(value: Any, index: int) -> Made | None:
    """The item that a program gave that ran for one; None: it goes no further.

    Raises:
        ItemFailed: When it gave something that is no item.
    """
    if value is None:
        return None
    if isinstance(value, list) or not isinstance(value, dict):
        message = f"the code gave {_named(value)}: return one object, `return {{ json: {{ … }} }}`"
        raise ItemFailed(index, message)
    try:
        (made,) = items_of(value, first=index)
    except StepFailed as error:
        raise ItemFailed(index, str(error)) from None
    return Made(made.json, made.binary, (0, index))


def _paired(value: Any) -> Paired:
    found = [
        pair
        for one in (value if isinstance(value, list) else [value])
        if (pair := _pair(one)) is not None
    ]
    return tuple(found) or None


def _pair(value: Any) -> tuple[int, int] | None:
    if isinstance(value, dict):
        item, input_ = value.get("item"), value.get("input") or 0
    else:
        item, input_ = value, 0
    return (input_, item) if isinstance(item, int) and isinstance(input_, int) else None


def _named(value: Any) -> str:
    return "nothing" if value is None else kind_name(value)
