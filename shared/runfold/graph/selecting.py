"""Which branches a `selector` takes, once it is known which conditions hold."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

ELSE = "else"


def in_order(branches: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Branches as they are tried: the higher priority first, else as they are written."""
    return sorted(branches, key=lambda branch: -int(branch.get("priority") or 0))


def chosen(strategy: str, holding: Sequence[dict[str, Any]], seed: str) -> tuple[str, ...]:
    """Ports to be taken.

    Args:
        strategy: `first_match`, `all_match` or `weighted`.
        holding: The branches whose conditions hold, in order.
        seed: What the choice by weight is made from: the same choice for the same seed.
    """
    if not holding:
        return (ELSE,)
    match strategy:
        case "all_match":
            return tuple(str(branch["id"]) for branch in holding)
        case "weighted":
            return (_by_weight(holding, seed),)
        case _:
            return (str(holding[0]["id"]),)


def takes_several(strategy: object) -> bool:
    """Whether several ports may be taken at once."""
    return strategy == "all_match" or not isinstance(strategy, str | None)


def needs_all(strategy: str) -> bool:
    """Whether all conditions have to be looked at."""
    return strategy != "first_match"


def _by_weight(holding: Sequence[dict[str, Any]], seed: str) -> str:
    weights = [float(branch.get("weight", 1.0)) for branch in holding]
    total = sum(weights)
    if not total:
        return ELSE
    drawn = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big") / 2**64 * total
    for branch, weight in zip(holding, weights, strict=True):
        drawn -= weight
        if drawn < 0:
            return str(branch["id"])
    return str(holding[-1]["id"])
