"""Types and configurations of nodes, each field against its kind's struct."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from runfold.graph.bodies import bodies_of, inside
from runfold.graph.checks.shapes import as_written, misfit, mistyped
from runfold.graph.definition import Node
from runfold.graph.extras import how_to_install, missing
from runfold.graph.findings import Findings
from runfold.graph.free_names import own_config
from runfold.graph.kinds import INLINE, Kind, all_kinds, kind_of
from runfold.graph.kinds.loop import CONDITIONS as LOOP_CONDITIONS
from runfold.graph.kinds.registry import config_fields
from runfold.values.conditions import condition_findings, has_expression, is_structured
from runfold.values.references import EXECUTOR_ROOTS, path_of, placed_references
from runfold.values.templates import (
    inline_template_findings,
    template_excess,
    template_findings,
)


def check_configs(
    nodes: tuple[Node, ...], path: str, found: Findings, environment: frozenset[str]
) -> None:
    """Each node's configuration, and those of composites' bodies."""
    for index, node in enumerate(nodes):
        here = f"{path}[{index}]"
        kind = kind_of(node.type)
        if kind is None:
            if node.type:
                known = [kind.type for kind in all_kinds()]
                message = f"node {node.id!r} has the unknown type {node.type!r}"
                hint = found.nearest(node.type, known)
                found.error("node.unknown_type", f"{here}.type", message, hint)
            continue
        _check_extra(node, kind, here, found)
        _check_fields(node, kind, f"{here}.config", found)
        _check_texts(node, kind, f"{here}.config", found, environment)
        if node.timeout is not None and node.timeout <= 0:
            found.error("node.timeout", f"{here}.timeout", "a timeout must be over 0")
        bodies = bodies_of(node)
        is_retried = bool(kind.retried_body or node.config.get("prompt"))
        if bodies and node.retry.max_attempts > 1 and not is_retried:
            message = f"a {kind.type} is not retried as a whole: give `retry` to the nodes inside"
            found.error("loop.retry", f"{here}.retry", message)
        for body in bodies.values():
            check_configs(body.nodes, f"{here}.config.{body.path}nodes", found, environment)


def _check_extra(node: Node, kind: Kind, path: str, found: Findings) -> None:
    """A warning only: the node's executors may be elsewhere, and have it."""
    for extra in filter(missing, (kind.extra, kind.extra_for(node.config))):
        message = (
            f"node {node.id!r} of type {kind.type!r} needs the extra {extra!r}, which is not "
            f"installed here; executors of group {kind.group!r} cannot run it without"
        )
        found.warning("extra.missing", f"{path}.type", message, how_to_install(extra))


@lru_cache(maxsize=512)
def _hints(config: type[msgspec.Struct]) -> dict[str, Any]:
    return {field.encode_name: field.type for field in msgspec.structs.fields(config)}


def _check_fields(node: Node, kind: Kind, path: str, found: Findings) -> None:
    fields = config_fields(kind)
    hints = _hints(kind.config)
    for name, value in node.config.items():
        if name not in fields:
            message = f"{kind.type} has no setting {name!r}"
            hint = found.nearest(name, fields)
            found.error("config.unknown_key", f"{path}.{name}", message, hint)
            continue
        if name in kind.raw:
            wrong = misfit(value, hints[name])
        elif kind.group == INLINE and name in kind.hints.fixed:
            # The scheduler reads it as it is written: "false" would hold, and "5" is no number.
            wrong = as_written(value, hints[name])
        else:
            written = name in kind.written
            wrong = mistyped(value, hints[name], fields[name].type, written=written)
        if wrong is not None:
            what, where = wrong
            message = f"{name}: {what[:1].lower()}{what[1:]}"
            found.error("config.wrong_type", f"{path}.{name}{where}", message)
    for name, field in fields.items():
        if field.required and name not in node.config:
            message = f"{kind.type} {node.id!r} needs {name!r}"
            found.error("config.missing", f"{path}.{name}", message)
    for problem in kind.rules(node.config):
        found.error(problem.code, f"{path}.{problem.field}", problem.message)


def _check_texts(
    node: Node, kind: Kind, path: str, found: Findings, environment: frozenset[str]
) -> None:
    """Templates and conditions."""
    config = own_config(node)
    for name, body in bodies_of(node).items():
        # Of a body only this is rendered by the scheduler as it stands.
        here = inside(node.config, kind.bodies(node.config)[name]) or {}
        if "output" in here:
            config = {**config, f"{body.path}output": here["output"]}
    config = {**config, **kind.reads(node.config)}
    plain = {name: value for name, value in config.items() if name not in kind.raw}
    for name, value in plain.items():
        for text in _texts(value):
            _check_template(text, f"{path}.{name}", found, node.profile)
    for place, condition in _conditions(kind, node.config):
        for problem in condition_findings(condition, node.profile):
            found.error("condition.invalid", f"{path}.{place}", problem)
    if kind.group == INLINE:
        _check_inline(kind, config, plain, path, found, environment, node.profile)


def _check_template(text: str, path: str, found: Findings, profile: str) -> None:
    excess = template_excess(text)
    if excess:
        hint = "split it into several nodes"
        found.error("template.too_complex", path, excess, hint)
        return
    for problem in template_findings(text, profile):
        found.error("template.syntax", path, problem)


def _conditions(kind: Kind, config: dict[str, Any]) -> list[tuple[str, Any]]:
    """Each condition of a node, with its place in the configuration."""
    if kind.type == "condition" and "condition" in config:
        return [("condition", config["condition"])]
    if kind.type == "loop":
        given = [(name, config.get(name)) for name in LOOP_CONDITIONS]
        return [(name, condition) for name, condition in given if is_structured(condition)]
    branches = config.get("branches")
    if kind.type != "selector" or not isinstance(branches, list):
        return []
    return [
        (f"branches[{index}].condition", branch["condition"])
        for index, branch in enumerate(branches)
        if isinstance(branch, dict) and "condition" in branch
    ]


def _check_inline(
    kind: Kind,
    config: dict[str, Any],
    plain: dict[str, Any],
    path: str,
    found: Findings,
    environment: frozenset[str],
    profile: str,
) -> None:
    """What the scheduler may not render or read itself."""
    for name, value in plain.items():
        for problem in inline_template_findings(value):
            hint = "compute it in a template or code node, and refer to that"
            found.error("template.inline", f"{path}.{name}", problem, hint)
    if not has_expression(config):
        for ref, place in placed_references(config, raw=kind.raw).items():
            declared = ref.root == "env" and bool(ref.path) and ref.path[0] in environment
            if ref.root in EXECUTOR_ROOTS and not declared:
                message = f"{{{{{ref.text}}}}} is not readable in a {kind.type} node"
                hint = "declare it in `environment`; what is undeclared, or secret, executors read"
                say = found.warning if profile and ref.root != "secrets" else found.error
                say("reference.executor_only", path + path_of(place), message, hint)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return []
