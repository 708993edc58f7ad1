"""`values`: outputs that are written down, or made of other values by templates."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, register


class ValuesConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `values` node."""

    outputs: dict[str, Any]
    """Output by output: any value, with references."""
    FORM: ClassVar[Forms] = {
        "outputs": Form("key_values", ({"limit": 10, "customer": "{{order.customer}}"},)),
    }


def _outputs(config: dict[str, Any]) -> dict[str, str]:
    outputs = config.get("outputs")
    return dict.fromkeys(outputs, "any") if isinstance(outputs, dict) else {}


KIND = register(
    Kind(
        type="values",
        group=INLINE,
        config=ValuesConfig,
        summary="Outputs that are written down or made of other values",
        outputs=(),
        declared=_outputs,
        hints=Hints(
            category="data",
            output_types={"output": "object"},
            outputs_from=("outputs",),
        ),
    )
)
