"""`iteration`: runs its body for each item of a list, in order or several at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.composites import (
    INNER,
    BodyConfig,
    body_problems,
    count_problems,
    duration_problems,
    fixed_problems,
    item_names,
    items_problems,
    only_body,
)
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register


class IterationConfig(BodyConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of an `iteration` node.

    Inside, `{{item}}` and `{{index}}` are the item and its number from 0. `continue` ends an item.
    """

    items: Any
    """A list, a reference to one, or the bare name of the node or value that is one; or lists by
    name, which are gone through in step as far as the shortest goes: an item is an object."""
    concurrency: Any = 1
    """Items under way at a time; results are in the order of the items all the same."""
    on_item_error: Literal["terminate", "continue", "drop"] = "terminate"
    """A failed item fails the node, leaves null in its place, or leaves no place."""
    flatten: bool = False
    """If every result is a list, `output` is their items in one list. Nulls, as of failed items,
    are passed over; with nulls alone it stays as it is."""
    max_items: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """More items than this fail the node before any runs."""
    item_timeout: Any = None
    """Longest time of one item."""
    FORM: ClassVar[Forms] = {
        "items": Form("reference", ("{{records}}", [1, 2, 3])),
        "concurrency": Form("number", (4,), group="limits"),
        "on_item_error": Form("choice", group="errors"),
        "flatten": Form("boolean", group="more"),
        "max_items": Form("number", (1000,), group="limits"),
        "item_timeout": Form("duration", ("30s",), group="limits"),
    }


_FIXED = ("on_item_error", "max_items", "flatten")


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from body_problems(config)
    yield from items_problems(config)
    yield from count_problems(config, "concurrency")
    yield from fixed_problems(config, *_FIXED)
    yield from duration_problems(config, "item_timeout")


KIND = register(
    Kind(
        type="iteration",
        group=INLINE,
        config=IterationConfig,
        summary="Run a body for each item of a list",
        outputs=("count", "failed_count", "failed"),
        rules=_rules,
        bodies=only_body,
        provides=item_names,
        inner=INNER,
        hints=Hints(
            category="flow",
            fixed=_FIXED,
            output_types={
                "output": "array",
                "count": "integer",
                "failed_count": "integer",
                "failed": "array",
            },
            body_places=("",),
        ),
    )
)
