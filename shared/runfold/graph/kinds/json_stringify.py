"""`json_stringify`: a value to JSON text."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from runfold.graph.kinds.registry import Kind, register


class JsonStringifyConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `json_stringify` node."""

    input: Any
    indent: Annotated[int, msgspec.Meta(ge=0, le=8)] | None = None
    """Spaces a level; absent: all on one line."""
    sort_keys: bool = False


KIND = register(
    Kind(
        type="json_stringify",
        group="text",
        config=JsonStringifyConfig,
        summary="Write a value as JSON text",
        outputs=("output",),
    )
)
