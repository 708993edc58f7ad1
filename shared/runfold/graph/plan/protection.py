"""What protects a planned node, and the keys its executors render."""

from __future__ import annotations

from runfold.contracts.protection import (
    Breaker,
    Cache,
    Protection,
    RateLimit,
)
from runfold.graph.definition import Node


def protection_of(node: Node) -> Protection | None:
    """What protects a node, or None."""
    made = Protection(
        cache=node.cache,
        idempotency_key=node.idempotency_key,
        breaker=node.breaker,
        rate_limit=node.rate_limit,
        concurrency=node.concurrency,
    )
    return None if made == Protection() else made


def protection_templates(node: Node) -> dict[str, str]:
    """The keys that executors render, by their place in the node."""
    keys = {"idempotency_key": node.idempotency_key}
    for name in ("breaker", "rate_limit", "cache"):
        part: Breaker | RateLimit | Cache | None = getattr(node, name)
        if part is not None:
            keys[f"{name}.key"] = part.key
    return {place: key for place, key in keys.items() if key}
