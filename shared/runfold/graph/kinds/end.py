"""`end`: what the run gives back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register


class EndConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of an `end` node.

    Without any, `output` is what the nodes leading here came to: the one that ran, or several by
    their ids.
    """

    outputs: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    """Named outputs of the run."""
    output: Any = msgspec.UNSET
    """One output, named `output`."""
    answer: Any = msgspec.UNSET
    """One output, named `answer`."""
    defaults: dict[str, Any] = {}
    """What one of `outputs` is instead that is null."""
    FORM: ClassVar[Forms] = {
        "outputs": Form("key_values", ({"article": "{{draft.output}}"},)),
        "output": Form("value", ("{{draft.output}}",)),
        "answer": Form("template", ("Here it is: {{draft.output}}",)),
        "defaults": Form("key_values", ({"article": ""},), group="more"),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    given = [name for name in ("outputs", "output", "answer") if name in config]
    for name in given[1:]:
        yield Problem(name, f"end takes {given[0]!r} or {name!r}, not both")


KIND = register(
    Kind(
        type="end",
        group=INLINE,
        config=EndConfig,
        summary="What the run gives back",
        rules=_rules,
        hints=Hints(
            category="flow",
            outputs_from=("outputs", "output", "answer"),
        ),
    )
)
