"""`aggregate`: one value of several: the first that there is, all of them, or them merged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.composites import fixed_problems
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register


class AggregateConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of an `aggregate` node: `values` or `groups`.

    What is missing, because its node was skipped for example, is passed over.
    """

    values: list[Any] = []
    """References, in the order of preference."""
    mode: Literal["first", "collect", "merge"] = "first"
    """`first`: the first that is not null. `collect`: a list of all that are not null. `merge`:
    objects into one, later keys win; or lists into one."""
    groups: dict[str, list[Any]] = {}
    """Name → references: each group by itself, an output by its name."""
    FORM: ClassVar[Forms] = {
        "values": Form("list", (["{{long.output}}", "{{short.output}}"],)),
        "mode": Form("choice", ("first",)),
        "groups": Form("key_values", ({"text": ["{{long.output}}", "{{short.output}}"]},)),
    }


_FIXED = ("mode",)


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from fixed_problems(config, *_FIXED)
    if not config.get("values") and not config.get("groups"):
        message = "aggregate needs 'values' or 'groups'"
        yield Problem("values", message, "config.missing")
    if config.get("values") and config.get("groups"):
        yield Problem("groups", "aggregate takes 'values' or 'groups', not both")


def _outputs(config: dict[str, Any]) -> dict[str, str]:
    groups = config.get("groups")
    return dict.fromkeys(groups, "any") if isinstance(groups, dict) else {}


KIND = register(
    Kind(
        type="aggregate",
        group=INLINE,
        config=AggregateConfig,
        summary="One value of several",
        aliases=("variable_aggregator",),
        outputs=(),
        rules=_rules,
        declared=_outputs,
        hints=Hints(
            category="data",
            fixed=_FIXED,
            output_types={"output": "any"},
            outputs_from=("groups",),
        ),
    )
)
