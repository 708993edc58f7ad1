"""`condition`: goes on at `true` or at `false`."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, register


class ConditionConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `condition` node."""

    condition: Any
    """Structured, decided at once; or Python expression text, decided in the code sandbox."""
    FORM: ClassVar[Forms] = {
        "condition": Form(
            "condition",
            ({"left": "{{score.output}}", "operator": ">=", "right": 7}, "{{score.output}} > 0.8"),
        ),
    }


KIND = register(
    Kind(
        type="condition",
        group=INLINE,
        config=ConditionConfig,
        summary="Go on at `true` or at `false`",
        ports=lambda _config: ("true", "false"),
        outputs=("result", "branch"),
        raw=("condition",),
        hints=Hints(
            category="flow",
            output_types={"output": "boolean", "result": "boolean", "branch": "string"},
            may_need=("code",),
        ),
    )
)
