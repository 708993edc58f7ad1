"""`selector`: goes on at the branches whose conditions hold, or at `else`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.definition import ERROR
from runfold.graph.kinds.composites import fixed_problems
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register
from runfold.graph.selecting import ELSE


class Branch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One branch of a `selector`."""

    id: str
    """The port at which the run goes on."""
    condition: Any = True
    """Structured, or Python expression text."""
    priority: int = 0
    """Branches of a higher priority are tried first."""
    weight: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    """With strategy `weighted`: its share among the branches whose conditions hold."""
    name: str = ""
    """For people."""
    FORM: ClassVar[Forms] = {
        "id": Form("text", ("refund",)),
        "condition": Form(
            "condition", ({"left": "{{kind}}", "operator": "==", "right": "refund"},)
        ),
        "priority": Form("number", (10,)),
        "weight": Form("number", (0.5,)),
        "name": Form("text", ("Refunds",)),
    }


class SelectorConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `selector` node."""

    branches: list[Branch]
    """Tried by priority, then in this order."""
    strategy: Literal["first_match", "all_match", "weighted"] = "first_match"
    """`first_match`: the first branch that holds is taken. `all_match`: all branches that
    hold are taken. `weighted`: one of them, drawn by weight, the same one whenever it is
    asked about the same run."""
    FORM: ClassVar[Forms] = {
        "branches": Form(
            "objects",
            (
                [
                    {
                        "id": "refund",
                        "condition": {"left": "{{kind}}", "operator": "==", "right": "refund"},
                    }
                ],
            ),
        ),
        "strategy": Form("choice"),
    }


def _ports(config: dict[str, Any]) -> tuple[str, ...]:
    branches = config.get("branches")
    ids = [
        branch["id"]
        for branch in (branches if isinstance(branches, list) else ())
        if isinstance(branch, dict) and isinstance(branch.get("id"), str)
    ]
    return (*dict.fromkeys(ids), ELSE)


def _weight_problems(config: dict[str, Any]) -> Iterator[Problem]:
    branches = config.get("branches")
    for index, branch in enumerate(branches if isinstance(branches, list) else ()):
        if not isinstance(branch, dict):
            continue
        where = f"branches[{index}]"
        if config.get("strategy") != "weighted" and "weight" in branch:
            yield Problem(f"{where}.weight", "a weight counts with strategy 'weighted' only")
        if config.get("strategy") != "weighted" and "condition" not in branch:
            yield Problem(f"{where}.condition", "a branch needs a condition", "config.missing")


_FIXED = ("strategy",)


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from fixed_problems(config, *_FIXED)
    yield from _weight_problems(config)
    if config.get("branches") == []:
        yield Problem("branches", "a selector needs at least one branch")
    branches = config.get("branches")
    ids = [
        branch.get("id")
        for branch in (branches if isinstance(branches, list) else ())
        if isinstance(branch, dict)
    ]
    for branch_id, times in Counter(one for one in ids if isinstance(one, str)).items():
        if times > 1:
            yield Problem("branches", f"two branches are called {branch_id!r}")
        if branch_id in (ELSE, ERROR) or not branch_id:
            yield Problem("branches", f"a branch cannot be called {branch_id!r}: the port is taken")


KIND = register(
    Kind(
        type="selector",
        group=INLINE,
        config=SelectorConfig,
        summary="Go on at the branches whose conditions hold",
        aliases=("if_else",),
        ports=_ports,
        outputs=("branch",),
        raw=("branches",),
        rules=_rules,
        hints=Hints(
            category="flow",
            fixed=_FIXED,
            ports_from=("branches",),
            ports_rule="The `id` of each branch, and `else`.",
            output_types={"output": "any", "branch": "string"},
            may_need=("code",),
        ),
    )
)
