"""`json_parse`: text to a JSON value."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, register


class JsonParseConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `json_parse` node."""

    input: Any
    """Text; any other value is already parsed and passed on."""
    strict: bool = True
    """False: also look inside a Markdown code block, or for the first object or array in prose,
    after a thought."""
    default: Any = msgspec.UNSET
    """Used when there is no JSON, instead of failing."""
    FORM: ClassVar[Forms] = {
        "input": Form("template", ("{{draft.output}}",)),
        "strict": Form("boolean"),
        "default": Form("value", ({},), group="errors"),
    }


KIND = register(
    Kind(
        type="json_parse",
        group="text",
        config=JsonParseConfig,
        summary="Parse JSON text",
        outputs=("output",),
        hints=Hints(
            category="data",
            output_types={"output": "any"},
        ),
    )
)
