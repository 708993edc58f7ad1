"""`selector`: goes on at the first branch whose condition holds, or at `else`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from runfold.graph.definition import ERROR
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register

ELSE = "else"


class Branch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One branch of a `selector`."""

    id: str
    """The port at which the run goes on."""
    condition: Any
    """Structured, or Python expression text."""
    name: str = ""
    """For people."""


class SelectorConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `selector` node."""

    branches: list[Branch]
    """Tried in this order."""


def _ports(config: dict[str, Any]) -> tuple[str, ...]:
    branches = config.get("branches")
    ids = [
        branch["id"]
        for branch in (branches if isinstance(branches, list) else ())
        if isinstance(branch, dict) and isinstance(branch.get("id"), str)
    ]
    return (*dict.fromkeys(ids), ELSE)


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
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
        summary="Go on at the first branch whose condition holds",
        aliases=("if_else",),
        ports=_ports,
        outputs=("branch",),
        raw=("branches",),
        rules=_rules,
    )
)
