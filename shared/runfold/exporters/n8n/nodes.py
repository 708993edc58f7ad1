"""One node of n8n: as it was, with what changed of it, or new."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.exporters.merging import patched
from runfold.exporters.n8n.groups import ITEMS, Group
from runfold.exporters.writing import NotMappable
from runfold.graph.definition import Node, Retry
from runfold.importers.n8n.document import BASE
from runfold.importers.n8n.known import OF_BASE

_FOLLOWS = ("inputs", "others", "provided", "written", "workflow", "run_index")
"""Settings that follow from other nodes and from the workflow."""
_ON_ERROR = {
    "stop": "stopWorkflow",
    "continue": "continueRegularOutput",
    "error_output": "continueErrorOutput",
}
_SETTINGS = {"execute_once": "executeOnce", "always_output": "alwaysOutputData"}
_TRIGGER = "trigger"
_MADE = (_TRIGGER, "collect")
"""Operations whose parameters an import makes."""


def changed_node(original: dict[str, Any], before: Group, now: Group) -> dict[str, Any]:
    """The node of the original with what changed of the native nodes that stand for it.

    Raises:
        NotMappable: Something changed that no setting of n8n stands for.
    """
    if set(before.nodes) != set(now.nodes):
        missing = sorted(set(before.nodes) ^ set(now.nodes))
        message = f"of the native nodes that stand for it, {', '.join(missing)} came or went"
        raise NotMappable(message)
    made = dict(original)
    for native, placed in now.nodes.items():
        then, here = before.nodes[native].node, placed.node
        if then != here:
            _change(made, original, then, here, is_main=native == now.main)
    position = now.nodes[now.main].position
    if position and position != before.nodes[before.main].position:
        made["position"] = [position.get("x", 0), position.get("y", 0)]
    return made


def new_node(group: Group) -> dict[str, Any]:
    """A node that the original does not have. Raises `NotMappable`."""
    native, placed = next(iter(group.nodes.items()))
    node = placed.node
    if len(group.nodes) > 1 or node.type != ITEMS:
        message = f"a node of kind {node.type!r} is no step over items, as nodes of n8n are"
        raise NotMappable(message)
    parameters = node.config.get("parameters") or {}
    kind = node.config.get("operation", "")
    if kind == _TRIGGER:
        kind = parameters.get(_TRIGGER, "")
        parameters = {}
    if kind not in OF_BASE:
        message = f"n8n has no node that does {kind!r} alone"
        raise NotMappable(message)
    x, y = (placed.position.get(key, 0) for key in ("x", "y"))
    return {
        "parameters": parameters,
        "type": f"{BASE}.{kind}",
        "typeVersion": node.config.get("version", 1),
        "position": [x, y],
        "id": native,
        "name": group.name,
        **_settings(node.config.get("settings") or {}),
        **_retries(node.retry),
    }


def _change(
    made: dict[str, Any], original: dict[str, Any], then: Node, here: Node, *, is_main: bool
) -> None:
    """Put the change of one native node into the node."""
    allowed = {"name": then.name, "config": then.config, "retry": then.retry}
    if msgspec.structs.replace(here, **allowed) != then:
        message = f"n8n has no such setting of a node as changed on {here.id!r}"
        raise NotMappable(message)
    if here.name != then.name:
        message = "its name is what connections and expressions call it by: rename it in n8n"
        raise NotMappable(message)
    if here.retry != then.retry:
        made.update(_retries(here.retry))
    keys = {*then.config, *here.config}
    for key in sorted(keys):
        before, now = then.config.get(key), here.config.get(key)
        if before == now or (here.type == ITEMS and key in _FOLLOWS):
            continue
        _setting(made, original, here, key, before, now, is_main=is_main)


def _setting(
    made: dict[str, Any],
    original: dict[str, Any],
    node: Node,
    key: str,
    before: Any,
    now: Any,
    *,
    is_main: bool,
) -> None:
    match node.type, key:
        case "items", "parameters" if node.config.get("operation") not in _MADE:
            made["parameters"] = _parameters(made, original, before or {}, now or {})
        case "items", "version":
            made["typeVersion"] = now
        case "items", "settings" if is_main:
            for name in (*_SETTINGS.values(), "onError", "continueOnFail"):
                made.pop(name, None)
            made.update(_settings(now or {}))
        case "http_request", "timeout" if isinstance(now, int | float):
            made["parameters"] = _option(made, ("timeout",), round(now * 1000))
        case "iteration", "concurrency" if isinstance(now, int) and "batching" in _options(made):
            made["parameters"] = _option(made, ("batching", "batch", "batchSize"), now)
        case _:
            message = f"no parameter of n8n stands for `{key}` of {node.id!r}"
            raise NotMappable(message)


def _parameters(
    made: dict[str, Any], original: dict[str, Any], before: dict[str, Any], now: dict[str, Any]
) -> dict[str, Any]:
    """The parameters with those that changed, where an import left all of them as they were."""
    written = original.get("parameters")
    if before != (written if isinstance(written, dict) else {}):
        message = "its `parameters` are what an import made of them, and not what n8n has"
        raise NotMappable(message)
    held = made.get("parameters")
    merged: dict[str, Any] = patched(held if isinstance(held, dict) else {}, before, now)
    return merged


def _options(made: dict[str, Any]) -> dict[str, Any]:
    parameters = made.get("parameters")
    options = parameters.get("options") if isinstance(parameters, dict) else None
    return options if isinstance(options, dict) else {}


def _option(made: dict[str, Any], way: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The parameters with one option set."""
    held = made.get("parameters")
    parameters: dict[str, Any] = dict(held) if isinstance(held, dict) else {}
    here = parameters
    for step in ("options", *way[:-1]):
        inner = here.get(step)
        here[step] = dict(inner) if isinstance(inner, dict) else {}
        here = here[step]
    here[way[-1]] = value
    return parameters


def _settings(settings: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {there: True for here, there in _SETTINGS.items() if settings.get(here)}
    on_error = settings.get("on_error", "stop")
    return made if on_error == "stop" else {**made, "onError": _ON_ERROR[on_error]}


def _retries(retry: Retry) -> dict[str, Any]:
    if retry == Retry():
        return {}
    return {
        "retryOnFail": True,
        "maxTries": max(2, min(5, retry.max_attempts)),
        "waitBetweenTries": min(5000, round(retry.delay * 1000)),
    }
