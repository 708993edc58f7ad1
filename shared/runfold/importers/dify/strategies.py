"""What happens when a node fails: retries, a branch for errors, values in place of outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold.importers.dify.flow import Exits, Node, Path
from runfold.importers.dify.reading import (
    flag_at,
    json_in,
    number_of,
    object_at,
    objects_at,
    text_at,
    whole_at,
)
from runfold.importers.dify.source import FAIL_BRANCH, SourceNode

_KINDS = (
    *("timeout", "rate_limit", "server", "network", "auth", "input", "output", "reference"),
    *("expression", "code", "limit", "internal"),
)
"""What is tried again: Dify asks for no reason."""
_MOST_ATTEMPTS = 100
_LONGEST = 60.0


def retries(data: dict[str, Any]) -> dict[str, Any] | None:
    """The retries of a node, when they are on."""
    written = object_at(data, "retry_config")
    if not flag_at(written, "retry_enabled"):
        return None
    attempts = min(_MOST_ATTEMPTS, whole_at(written, "max_retries", 3, least=0) + 1)
    delay = whole_at(written, "retry_interval", 1000, least=0, most=3_600_000) / 1000
    return {
        "max_attempts": attempts,
        "delay": delay,
        "backoff": 1,
        "max_delay": max(_LONGEST, delay),
        "retry_on": list(_KINDS),
    }


def strategy_of(node: SourceNode) -> str:
    """The error strategy of a node; empty for none."""
    written = text_at(node.data, "error_strategy").strip().lower().replace("_", "-")
    return written if written in (FAIL_BRANCH, "default-value") else ""


def is_guarded(node: SourceNode) -> bool:
    """Whether something else than the run's end follows a failure."""
    return bool(strategy_of(node)) or retries(node.data) is not None


def guard(
    node: SourceNode, made: Node, exits: Exits, outputs: Mapping[str, Path] | None = None
) -> None:
    """Put retries and error strategy of a node into what it became.

    Args:
        node: The node of the source.
        made: The native node that does its work.
        exits: Where edges leave it: a branch for errors is added.
        outputs: Output of the source → the way to it here, where that has another name.
    """
    tried = retries(node.data)
    if tried is not None:
        made["retry"] = tried
    strategy = strategy_of(node)
    if strategy == FAIL_BRANCH:
        made["on_error"] = {"strategy": "error_branch"}
        exits[FAIL_BRANCH] = [(made["id"], "error")]
    elif strategy == "default-value":
        value = _defaults(node.data, outputs or {})
        made["on_error"] = {"strategy": "default_value", "value": value}


def _defaults(data: dict[str, Any], outputs: Mapping[str, Path]) -> dict[str, Any]:
    named = object_at(data, "default_value")
    found = {outputs.get(name, (name,))[0]: value for name, value in named.items()}
    for one in () if named else objects_at(data, "default_value"):
        name = text_at(one, "key")
        if name:
            way = outputs.get(name, (name,))
            found[way[0]] = _typed(one.get("value"), text_at(one, "type").lower())
    return found


def _typed(value: Any, kind: str) -> Any:
    if kind == "number":
        number = number_of(value)
        # Dify makes a number with a point of text, and writes it so.
        return float(number) if isinstance(value, str) and number is not None else number
    if kind == "string":
        return value if isinstance(value, str) or value is None else str(value)
    return json_in(value)
