"""What a protection's state is kept under: digests, so that a key's values cannot be read there."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from runfold.contracts.protection import Protection
from runfold.contracts.tasks import Task
from runfold.executor.configuring import configured
from runfold.executor.roots import Roots
from runfold.graph.kinds import Kind
from runfold.ids import address_of, attempt_id
from runfold.isolated.rendering import rendered_text

BREAKERS, LIMITS, SLOTS = "breaker.", "limit.", "slots."
"""Begin the keys of circuit breakers, of rate limits, and of nodes that run so often at a time."""
_digested = msgspec.json.Encoder().encode
"""Keys in their order: the same rules in another order can give another result."""


class Keys(msgspec.Struct, frozen=True):
    """Of one attempt."""

    who: str
    """The attempt itself."""
    cache: str = ""
    once: str = ""
    breaker: str = ""
    limit: str = ""
    slots: str = ""


async def keys_of(task: Task, protection: Protection, group: str, kind: Kind, roots: Roots) -> Keys:
    """The keys of an attempt, rendered.

    Raises what rendering raises: `ReferenceMissing`, `ExpressionFailed`, `NodeFailed`.
    """
    node = ("node", task.workflow_id, task.node_id)

    async def text(template: str) -> str:
        return await rendered_text(template, roots.lookup, asker=task.run_id)

    async def shared(template: str) -> tuple[str, ...]:
        """What its author named for several nodes of the group, or else the node's own."""
        return ("named", await text(template)) if template else node

    cache, breaker, limit = protection.cache, protection.breaker, protection.rate_limit
    address = address_of(task.scope, task.node_id)
    keys = {"who": _digest(attempt_id(task.run_id, address, task.attempt))[:12]}
    if cache is not None and cache.key:
        keys["cache"] = _key("cache", *node, await text(cache.key))
    elif cache is not None:
        keys["cache"] = _key("cache", task.workflow_id, *await _work(task, kind, roots))
    if protection.idempotency_key:
        keys["once"] = _key("once", *node, await text(protection.idempotency_key))
    if breaker is not None:
        keys["breaker"] = _key("breaker", group, *await shared(breaker.key))
    if limit is not None:
        numbers = (limit.algorithm, limit.rate, limit.per, limit.most)
        keys["limit"] = _key("limit", group, *numbers, *await shared(limit.key))
    if protection.concurrency:
        keys["slots"] = _key("slots", group, *node)
    return Keys(**keys)


async def _work(task: Task, kind: Kind, roots: Roots) -> tuple[Any, ...]:
    """All that an execution's result can depend on."""
    config = msgspec.to_builtins(await configured(kind, task.config, roots))
    # What a program or an expression reads is not in the configuration.
    return task.node_type, config, task.inputs if kind.raw else None


def _key(what: str, *parts: Any) -> str:
    return f"{what}.{_digest(parts)}"


def _digest(value: Any) -> str:
    return hashlib.sha256(_digested(value)).hexdigest()[:40]
