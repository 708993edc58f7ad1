"""`batch`: runs its body for each item of a list, so many at a time, with pauses in between."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

import msgspec

from runfold.graph.kinds.composites import (
    INNER,
    ITEM_NAMES,
    BodyConfig,
    body_problems,
    count_problems,
    duration_problems,
    fixed_problems,
    items_problems,
    only_body,
)
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register

BATCH_SIZE = 10
"""Items of a batch, unless it says otherwise."""


class BatchConfig(BodyConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of a `batch` node.

    A batch begins when the one before has ended. Inside, `{{item}}` and `{{index}}` are the item
    and its number from 0, `{{batch_index}}` is the batch's. `continue` ends an item.
    """

    items: Any
    """A list, a reference to one, or the bare name of the node or value that is one; or lists by
    name, which are gone through in step as far as the shortest goes: an item is an object."""
    batch_size: Any = BATCH_SIZE
    """Items of a batch."""
    concurrency: Any = None
    """Items of a batch under way at a time; by default all of it."""
    delay: Any = 0
    """Pause between batches: seconds, or text such as `"500ms"`."""
    continue_on_error: bool = True
    """Whether a failed item leaves null in its place; else it fails the node."""
    max_batches: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Items beyond so many batches are left alone."""
    item_timeout: Any = None
    """Longest time of one item."""
    FORM: ClassVar[Forms] = {
        "items": Form("reference", ("{{records}}", [1, 2, 3])),
        "batch_size": Form("number", (10,), group="limits"),
        "concurrency": Form("number", (4,), group="limits"),
        "delay": Form("duration", ("500ms", 2), group="limits"),
        "continue_on_error": Form("boolean", group="errors"),
        "max_batches": Form("number", (100,), group="limits"),
        "item_timeout": Form("duration", ("30s",), group="limits"),
    }


def _provides(_config: dict[str, Any]) -> frozenset[str]:
    return ITEM_NAMES | {"batch_index"}


_FIXED = ("max_batches", "continue_on_error")


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from body_problems(config)
    yield from items_problems(config)
    yield from count_problems(config, "concurrency", "batch_size")
    yield from fixed_problems(config, *_FIXED)
    yield from duration_problems(config, "delay", "item_timeout")


KIND = register(
    Kind(
        type="batch",
        group=INLINE,
        config=BatchConfig,
        summary="Run a body for each item of a list, batch after batch",
        outputs=(
            *("count", "success_count", "failed_count", "success_rate"),
            *("failed", "results", "batches"),
        ),
        rules=_rules,
        bodies=only_body,
        provides=_provides,
        inner=INNER,
        hints=Hints(
            category="flow",
            fixed=_FIXED,
            output_types={
                "output": "array",
                "count": "integer",
                "success_count": "integer",
                "failed_count": "integer",
                "success_rate": "number",
                "failed": "array",
                "results": "array",
                "batches": "integer",
            },
            body_places=("",),
        ),
    )
)
