"""How many lists of items an operation of `items` gives: its ports follow from that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold.graph.definition import OUT

NONE = "none"
"""The port taken when no output has an item."""
_FIXED = {"if": 2, "compareDatasets": 4}
_SWITCH_V1 = 4
_MOST = 100
"""Outputs that an operation may ask for."""


def output_count(config: Mapping[str, Any]) -> int:
    """Outputs of an operation as it is configured, the one for errors among them.

    Args:
        config: The node's configuration, as written or rendered; of any shape.
    """
    operation = config.get("operation")
    parameters = config.get("parameters")
    settings = config.get("settings")
    written = parameters if isinstance(parameters, Mapping) else {}
    count = _of_operation(operation, _number(config.get("version"), 1), written)
    errors = isinstance(settings, Mapping) and settings.get("on_error") == "error_output"
    return count + 1 if errors else count


def ports_of(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The ports of a configuration: `out`, or one for each output, and `none`."""
    count = output_count(config)
    return (OUT, NONE) if count == 1 else (*(str(at) for at in range(count)), NONE)


def _of_operation(operation: Any, version: float, parameters: Mapping[str, Any]) -> int:
    if operation == "switch":
        return _of_switch(version, parameters)
    if operation in ("route", "collect", "trigger"):
        return _bounded(int(_number(parameters.get("outputs"), 1)))
    if operation == "splitInBatches":
        return 1 if version < 2 else 2  # noqa: PLR2004 -- versions of n8n's node
    return _FIXED.get(operation, 1) if isinstance(operation, str) else 1


def _of_switch(version: float, parameters: Mapping[str, Any]) -> int:
    if version < 2:  # noqa: PLR2004 -- versions of n8n's node
        return _SWITCH_V1
    if parameters.get("mode") == "expression":
        amount = parameters.get("numberOutputs", parameters.get("outputsAmount"))
        return _bounded(int(_number(amount, 4)))
    rules = parameters.get("rules")
    listed = (rules.get("values") or rules.get("rules") or ()) if isinstance(rules, Mapping) else ()
    options = parameters.get("options")
    fallback = parameters.get("fallbackOutput")
    if isinstance(options, Mapping):
        fallback = options.get("fallbackOutput", fallback)
    count = len(listed) if isinstance(listed, list) else 0
    return _bounded(count + (fallback == "extra"))


def _bounded(count: int) -> int:
    return max(1, min(count, _MOST))


def _number(value: Any, default: float) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return default
