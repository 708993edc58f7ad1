"""Retries and error strategies as Dify's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from runfold.exporters.writing import NotMappable, Writing
from runfold.graph.definition import Retry
from runfold.importers.dify.flow import Path
from runfold.importers.dify.source import FAIL_BRANCH

_SHORTEST, _MOST = 100, 10
"""Dify's bounds: milliseconds between attempts, and attempts after the first."""
_TYPES = {str: "string", int: "number", float: "number", bool: "string", dict: "object"}


def write_errors(
    writing: Writing, outputs: Mapping[str, Path] | None = None, *, retries: bool = True
) -> None:
    """Write what happens when a node fails.

    Args:
        writing: The node.
        outputs: Output here → the way to it in Dify.
        retries: Whether Dify tries nodes of this type again.
    """
    node = writing.node
    if retries and node.retry != Retry():
        writing.put("retry_config", "@retry", lambda: _retries(writing))
    strategy = node.on_error.strategy
    if strategy == "error_branch":
        writing.put("error_strategy", "@on_error", lambda: FAIL_BRANCH)
    elif strategy == "default_value":
        writing.put("error_strategy", "@on_error", lambda: "default-value")
        writing.put(
            "default_value", "@on_error", lambda: _defaults(node.on_error.value, outputs or {})
        )


def _retries(writing: Writing) -> dict[str, Any]:
    retry = writing.node.retry
    if retry.max_attempts - 1 > _MOST:
        writing.said.append(f"it is tried again {_MOST} times, the most that Dify has")
    if retry.backoff not in (1.0, 1) or retry.jitter:
        writing.said.append("Dify waits equally long before each attempt")
    return {
        "retry_enabled": True,
        "max_retries": min(_MOST, retry.max_attempts - 1),
        "retry_interval": max(_SHORTEST, round(retry.delay * 1000)),
    }


def _defaults(value: Any, outputs: Mapping[str, Path]) -> list[dict[str, Any]]:
    if not isinstance(value, dict):
        message = "Dify has default values output by output"
        raise NotMappable(message)
    found = []
    for name, one in value.items():
        kind = _TYPES.get(type(one), "array[object]" if isinstance(one, list) else "string")
        text = one if isinstance(one, str | int | float) and not isinstance(one, bool) else None
        written = json.dumps(one, ensure_ascii=False) if text is None else text
        found.append({"key": outputs.get(name, (name,))[0], "type": kind, "value": written})
    return found
