"""`join`: goes on when enough of the branches that lead here have come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.composites import fixed_problems
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register


class JoinConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `join` node.

    Its node's `timeout` counts from the first branch that is decided.
    """

    mode: Literal["all", "any", "n", "percentage"] = "all"
    """How many branches must come."""
    n: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """With mode `n`: so many."""
    percentage: Annotated[float, msgspec.Meta(gt=0, le=100)] | None = None
    """With mode `percentage`: so many of a hundred, rounded up."""
    ignore_errors: bool = False
    """Whether a failed node whose only way leads here loses its branch instead of failing the run;
    with mode `all`, those that are left are enough."""
    cancel_losers: bool = False
    """Whether to cancel what is still under way and only leads here."""
    on_timeout: Literal["fail", "continue"] = "fail"
    """`continue`: go on with what has come. `fail`: the node fails."""
    FORM: ClassVar[Forms] = {
        "mode": Form("choice"),
        "n": Form("number", (2,)),
        "percentage": Form("number", (60,)),
        "ignore_errors": Form("boolean", group="errors"),
        "cancel_losers": Form("boolean", group="more"),
        "on_timeout": Form("choice", group="errors"),
    }


def needed(config: dict[str, Any], incoming: int) -> int:
    """How many of the incoming branches must come."""
    match config.get("mode", "all"):
        case "any":
            return 1
        case "n":
            return int(config["n"])
        case "percentage":
            return max(1, -int(-float(config["percentage"]) * incoming // 100))
        case _:
            return incoming


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from fixed_problems(config, *(name for name in config if isinstance(name, str)))
    mode = config.get("mode", "all")
    for name in ("n", "percentage"):
        if mode == name and config.get(name) is None:
            yield Problem(name, f"join with mode {name!r} needs {name!r}", "config.missing")
        elif mode != name and config.get(name) is not None:
            yield Problem(name, f"{name!r} counts with mode {name!r} only, this is {mode!r}")


KIND = register(
    Kind(
        type="join",
        group=INLINE,
        config=JoinConfig,
        summary="Go on when enough branches have come",
        outputs=("arrived", "missing", "timed_out"),
        rules=_rules,
        hints=Hints(
            category="flow",
            fixed=("mode", "n", "percentage", "ignore_errors", "cancel_losers", "on_timeout"),
            output_types={
                "output": "object",
                "arrived": "array",
                "missing": "array",
                "timed_out": "boolean",
            },
        ),
    )
)
