"""Puts what an author binds a need to in the place of its placeholders."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from runfold.graph.loader import load_workflow
from runfold.importers.repair import nodes_in
from runfold.importers.report import Line, Need, Result

_PARAMETER = re.compile(r"\{\{\s*param\.([\w.-]+)\s*\}\}")
BODY_KEYS = ("type", "config", "retry", "timeout", "on_error")
"""What a binding may say of the node that it puts there."""


def bind(
    definition: dict[str, Any],
    bindings: Mapping[str, Any],
    lines: list[Line],
    needs: list[Need],
) -> bool:
    """Replace every placeholder whose need is bound, in place, and say so; whether there was one.

    A binding is a node's body: `{type: plugin, config: {…}}`. `{{param.NAME}}` in its configuration
    stands for the placeholder's parameter of that name.
    """
    bound: set[str] = set()
    sources = definition.get("origin", {}).get("nodes", {})
    for node in list(nodes_in(definition)):
        config = node.get("config")
        need = config.get("need", "") if isinstance(config, dict) else ""
        if node.get("type") != "placeholder" or not need or need not in bindings:
            continue
        source = sources.get(node.get("id"), node.get("id"))
        body = bindings[need]
        if not isinstance(body, dict) or not isinstance(body.get("type"), str):
            reason = f"the binding of {need} is no node: write {{type: …, config: {{…}}}}"
            _say(lines, source, "approximated", reason)
            continue
        parameters = config.get("parameters", {}) if isinstance(config, dict) else {}
        missing: dict[str, None] = {}
        node.pop("profile", None)
        node.update(
            {key: _filled(body[key], parameters, missing) for key in BODY_KEYS if key in body}
        )
        if "config" not in body:
            node["config"] = parameters
        bound.add(need)
        odd = _odd(body, parameters, missing)
        said = "; ".join((f"bound to {node['type']}", *odd))
        _say(lines, source, "approximated" if odd else "mapped", said)
    needs[:] = [need for need in needs if need.name not in bound]
    return bool(bound)


def say_unread(definition: dict[str, Any], lines: list[Line]) -> None:
    """Say which nodes read what a bound one does not have: it is nothing for them."""
    sources = definition.get("origin", {}).get("nodes", {})
    document = {key: value for key, value in definition.items() if key != "origin"}
    for finding in load_workflow(document).findings:
        if finding.code != "reference.unknown_output":
            continue
        # A node that is put before another one has its id and what it is for: `7_inputs`.
        of = finding.node.rpartition("_")[0]
        reader = sources.get(finding.node) or sources.get(of, finding.node)
        for at, line in enumerate(lines):
            if line.node == reader and line.result != "unsupported":
                said = "; ".join(filter(None, (line.reason, finding.message)))
                lines[at] = Line(line.node, line.type, "approximated", said)


def _say(lines: list[Line], source: Any, result: Result, reason: str) -> None:
    for at, line in enumerate(lines):
        if line.node == source:
            lines[at] = Line(line.node, line.type, result, reason)


def _odd(
    body: Mapping[str, Any], parameters: Mapping[str, Any], missing: Iterable[str]
) -> list[str]:
    """What of a binding came to nothing."""
    odd = []
    if missing:
        has = ", ".join(parameters) or "none"
        odd.append(f"no such parameter, null here: {', '.join(missing)} (there are: {has})")
    left = [str(key) for key in body if key not in BODY_KEYS]
    if left:
        odd.append(f"keys that a binding has not are left out: {', '.join(left)}")
    return odd


def _filled(value: Any, parameters: Mapping[str, Any], missing: dict[str, None]) -> Any:
    """A value with the parameters in it; those that are not there are noted."""

    def given(name: str) -> Any:
        if name not in parameters:
            missing[name] = None
        return parameters.get(name)

    match value:
        case str():
            whole = _PARAMETER.fullmatch(value.strip())
            if whole:
                return given(whole[1])
            return _PARAMETER.sub(lambda found: _text(given(found[1])), value)
        case dict():
            return {key: _filled(one, parameters, missing) for key, one in value.items()}
        case list():
            return [_filled(one, parameters, missing) for one in value]
        case _:
            return value


def _text(value: Any) -> str:
    """A parameter within a text."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
