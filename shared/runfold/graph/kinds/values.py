"""`values`: outputs that are written down, or made of other values by templates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.composites import fixed_problems
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register
from runfold.values.lenient import schema_problems


class ValuesConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `values` node."""

    outputs: dict[str, Any]
    """Output by output: any value, with references."""
    defaults: dict[str, Any] = {}
    """What an output is instead that is null, or empty text, an empty list or object."""
    types: dict[str, Any] = {}
    """Outputs that are made to fit a type: its name, or `{type, properties, items}`. Text becomes
    what it spells; what cannot be made to fit is null."""
    FORM: ClassVar[Forms] = {
        "outputs": Form("key_values", ({"limit": 10, "customer": "{{order.customer}}"},)),
        "defaults": Form("key_values", ({"limit": 10},), group="more"),
        "types": Form("key_values", ({"limit": "integer"},), group="more"),
    }


def _outputs(config: dict[str, Any]) -> dict[str, str]:
    outputs = config.get("outputs")
    return dict.fromkeys(outputs, "any") if isinstance(outputs, dict) else {}


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from fixed_problems(config, "types")
    types = config.get("types", {})
    for name, schema in types.items() if isinstance(types, dict) else ():
        for problem in schema_problems(schema):
            yield Problem(f"types.{name}", problem)


KIND = register(
    Kind(
        type="values",
        group=INLINE,
        config=ValuesConfig,
        summary="Outputs that are written down or made of other values",
        outputs=(),
        rules=_rules,
        declared=_outputs,
        hints=Hints(
            category="data",
            fixed=("types",),
            output_types={"output": "object"},
            outputs_from=("outputs",),
        ),
    )
)
