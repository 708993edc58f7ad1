"""`compensate`: gives the run up, so that all it has completed is undone."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, register


class CompensateConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `compensate` node."""

    reason: Any = ""
    """Why, for people and for the compensation nodes: a template."""
    FORM: ClassVar[Forms] = {
        "reason": Form("template", ("fraud score {{score}}",)),
    }


KIND = register(
    Kind(
        type="compensate",
        group=INLINE,
        config=CompensateConfig,
        summary="Give the run up and undo what it has completed",
        outputs=(),
        hints=Hints(
            category="flow",
        ),
    )
)
