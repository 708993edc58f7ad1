"""`json_stringify`: a value to JSON text."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, register


class JsonStringifyConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `json_stringify` node."""

    input: Any
    """The value that is written."""
    indent: Annotated[int, msgspec.Meta(ge=0, le=8)] | None = None
    """Spaces a level; absent: all on one line."""
    sort_keys: bool = False
    """Whether the keys of objects are sorted."""
    FORM: ClassVar[Forms] = {
        "input": Form("value", ("{{record}}",)),
        "indent": Form("number", (2,)),
        "sort_keys": Form("boolean"),
    }


KIND = register(
    Kind(
        type="json_stringify",
        group="text",
        config=JsonStringifyConfig,
        summary="Write a value as JSON text",
        outputs=("output",),
        hints=Hints(
            category="data",
            output_types={"output": "string"},
        ),
    )
)
