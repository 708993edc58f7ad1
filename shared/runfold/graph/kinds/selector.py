"""`selector`: goes on at the first branch whose condition holds, or at `else`."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.graph.kinds.registry import INLINE, Kind, register

ELSE = "else"


class Branch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One branch of a `selector`."""

    id: str
    """The port at which the run goes on."""
    condition: Any
    """Structured, or Python expression text."""
    name: str = ""


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
    )
)
