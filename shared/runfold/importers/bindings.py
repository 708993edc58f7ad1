"""Puts what an author binds a need to in the place of its placeholders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runfold.importers.repair import nodes_in
from runfold.importers.report import Line, Need

_PARAMETER = re.compile(r"\{\{\s*param\.([\w.-]+)\s*\}\}")
BODY_KEYS = ("type", "config", "retry", "timeout", "on_error")
"""What a binding may say of the node that it puts there."""


def bind(
    definition: dict[str, Any],
    bindings: Mapping[str, Any],
    lines: list[Line],
    needs: list[Need],
) -> None:
    """Replace every placeholder whose need is bound, in place, and say so in the report.

    A binding is a node's body: `{type: plugin, config: {…}}`. `{{param.NAME}}` in its configuration
    stands for the placeholder's parameter of that name.
    """
    bound: set[str] = set()
    sources = definition.get("origin", {}).get("nodes", {})
    for node in list(nodes_in(definition)):
        config = node.get("config")
        need = config.get("need", "") if isinstance(config, dict) else ""
        body = bindings.get(need) if node.get("type") == "placeholder" and need else None
        if not isinstance(body, dict):
            continue
        parameters = config.get("parameters", {}) if isinstance(config, dict) else {}
        node.pop("profile", None)
        node.update({key: _filled(body[key], parameters) for key in BODY_KEYS if key in body})
        if "config" not in body:
            node["config"] = parameters
        bound.add(need)
        source = sources.get(node.get("id"), node.get("id"))
        for at, line in enumerate(lines):
            if line.node == source:
                lines[at] = Line(line.node, line.type, "mapped", f"bound to {node['type']}")
    needs[:] = [need for need in needs if need.name not in bound]


def _filled(value: Any, parameters: Mapping[str, Any]) -> Any:
    match value:
        case str():
            whole = _PARAMETER.fullmatch(value.strip())
            if whole:
                return parameters.get(whole[1])
            return _PARAMETER.sub(lambda found: str(parameters.get(found[1], "")), value)
        case dict():
            return {key: _filled(one, parameters) for key, one in value.items()}
        case list():
            return [_filled(one, parameters) for one in value]
        case _:
            return value
