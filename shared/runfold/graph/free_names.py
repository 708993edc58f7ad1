"""Names a workflow reads that nothing in it provides: its undeclared inputs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runfold.graph.bodies import LLM_FIELDS, Body, bodies_of, inside
from runfold.graph.definition import Node, Workflow
from runfold.graph.external import operands_of_run
from runfold.graph.kinds import kind_of
from runfold.graph.kinds.composites import is_bare_name
from runfold.graph.plan.protection import protection_templates
from runfold.graph.reading.compensation import ERROR_NAME, compensation_nodes
from runfold.graph.safe_names import with_safe_names
from runfold.values.profiles import rules_of
from runfold.values.references import EVERYTHING, Ref, references_in

RESERVED = frozenset(("sys", "env", "secrets", "conversation", EVERYTHING))
"""Roots that the system provides everywhere."""
_OF_BODIES = ("nodes", "edges", *LLM_FIELDS)
"""Fields of a body that its nodes stand for."""


def own_config(node: Node) -> dict[str, Any]:
    """A node's configuration as its own scope reads it.

    A composite's bodies are other scopes; what a wait's condition reads of the event is nothing of
    it.
    """
    if node.type == "wait" and node.config.get("match") is not None:
        return {**node.config, "match": operands_of_run(node.config["match"])}
    kind = kind_of(node.type)
    if kind is None or not kind.inner:
        return node.config
    config = {name: value for name, value in node.config.items() if name not in kind.inner}
    if is_bare_name(config.get("items")):
        config["items"] = "{{" + config["items"] + "}}"
    return config


def inner_refs(node: Node, name: str, body: Body) -> list[tuple[str, Ref]]:
    """What a composite reads inside a body's scope, with the field; its nodes are not asked."""
    kind = kind_of(node.type)
    here = inside(node.config, kind.bodies(node.config)[name]) if kind else None
    if kind is None or here is None:
        return []
    return [
        (body.path + field, ref)
        for field, value in here.items()
        if field not in _OF_BODIES and (body.path or field in kind.inner)
        for ref in references_in({field: value}, raw=kind.raw)
    ]


def own_inner_refs(node: Node) -> list[tuple[str, Ref]]:
    """What a composite reads itself with the names it provides, outside its bodies."""
    kind = kind_of(node.type)
    read = kind.reads(node.config) if kind else {}
    return [
        (place, ref) for place, value in read.items() for ref in references_in({"": value}, raw=())
    ]


def defines_missing(node: Node) -> bool:
    """Whether the node's profile says what stands for a reference that leads nowhere."""
    rules = rules_of(node.profile)
    if rules is None:
        return False
    return rules.defines_missing or (rules.lenient and node.type in ("condition", "selector"))


def raw_fields(node: Node) -> tuple[str, ...]:
    """Fields of a node that are no templates."""
    kind = kind_of(node.type)
    return kind.raw if kind else ()


def free_names(workflow: Workflow) -> list[str]:
    """Root names without a provider, in order of appearance."""
    found: dict[str, None] = {}
    workflow = with_safe_names(workflow)
    _collect(workflow.nodes, set(workflow.variables) | RESERVED, found)
    return list(found)


def _collect(
    nodes: Iterable[Node], known: set[str] | frozenset[str], found: dict[str, None]
) -> None:
    nodes = tuple(nodes)
    everywhere = known | {node.id for node in nodes}
    undoing = compensation_nodes(nodes)
    for node in nodes:
        known = everywhere | {ERROR_NAME} if node.id in undoing else everywhere
        for ref in _own_refs(node):
            if ref.root not in known:
                found.setdefault(ref.root)
        kind = kind_of(node.type)
        inner = known | (kind.provides(node.config) if kind else frozenset())
        is_harmless = _is_harmless(node)
        for _, ref in () if is_harmless else own_inner_refs(node):
            if ref.root not in inner:
                found.setdefault(ref.root)
        for name, body in bodies_of(node).items():
            names = known | (kind.names_in(node.config, name) if kind else frozenset())
            _collect(body.nodes, names, found)
            names |= {one.id for one in body.nodes}
            for _, ref in () if is_harmless else inner_refs(node, name, body):
                if ref.root not in names:
                    found.setdefault(ref.root)


def _own_refs(node: Node) -> tuple[Ref, ...]:
    """What a node reads in its own scope that must be there."""
    if _is_harmless(node):
        return ()
    keys = references_in([*protection_templates(node).values()])
    return (*references_in(own_config(node), raw=raw_fields(node)), *keys)


def _is_harmless(node: Node) -> bool:
    """Whether nothing is asked for on account of a node: what it reads need not be there."""
    rules = rules_of(node.profile)
    return rules is not None and rules.defines_missing
