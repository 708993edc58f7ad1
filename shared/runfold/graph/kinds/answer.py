"""`answer`: text for the viewer, sent piece by piece as the nodes it refers to produce it."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, register


class AnswerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of an `answer` node."""

    answer: str
    """Template of the text; references to streaming nodes are passed on live, in this order."""
    FORM: ClassVar[Forms] = {
        "answer": Form("template", ("Summary: {{summary.output}}",)),
    }


KIND = register(
    Kind(
        type="answer",
        group=INLINE,
        config=AnswerConfig,
        summary="Text for the viewer, streamed",
        outputs=("answer",),
        streams=True,
        hints=Hints(
            category="flow",
            output_types={"output": "string", "answer": "string"},
        ),
    )
)
