"""`text_filter`: replaces what is found in a text, while the text is still being written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

import msgspec

from runfold.errors import ExpressionFailed
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.values.patterns import compiled


class TextFilterConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `text_filter` node."""

    replace: dict[str, str]
    r"""Regular expression, RE2 syntax → text in its place, with `\1` and `\g<name>` for groups."""
    input: Any = ""
    """The text. A lone reference to the `output` of a streaming node is read as it is written."""
    ignore_case: bool = False
    """Whether upper and lower case are the same."""
    window: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 64
    """Characters a match may have. So many are held back, until it is known what follows."""
    FORM: ClassVar[Forms] = {
        "replace": Form("key_values", ({"\\d{4}": "****"},)),
        "input": Form("template", ("{{draft.output}}",)),
        "ignore_case": Form("boolean"),
        "window": Form("number", (64,), group="limits"),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    patterns = config.get("replace")
    for pattern in patterns if isinstance(patterns, dict) else ():
        try:
            compiled(pattern)
        except ExpressionFailed as error:
            yield Problem("replace", error.message)


KIND = register(
    Kind(
        type="text_filter",
        group="text",
        config=TextFilterConfig,
        summary="Replace words and patterns in a text while it is written",
        outputs=("output", "count"),
        streams=True,
        takes_stream=("input",),
        rules=_rules,
        hints=Hints(
            category="text",
            output_types={"output": "string", "count": "integer"},
        ),
    )
)
