"""The compiled plan: a workflow's graph with everything the engine looks up made ready.

Linear in nodes and edges. A plan is made from a definition that has passed the checks; it is
cached by the definition's bytes and shared by all runs that pinned it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts.protection import Protection
from runfold.graph.definition import Edge, Node, OnError, Retry, Settings, Workflow
from runfold.graph.kinds import INLINE, kind_of
from runfold.graph.loops import loop_body
from runfold.graph.protecting import protection_of, protection_templates
from runfold.values.conditions import has_expression
from runfold.values.references import Ref, references_in


class PlanNode(msgspec.Struct, frozen=True):
    """One node, ready to be decided on."""

    id: str
    type: str
    name: str
    group: str
    """`inline`, or the executor group its tasks go to."""
    config: dict[str, Any]
    ports: tuple[str, ...]
    refs: tuple[Ref, ...]
    """Every reference in the configuration and the keys that a value must be found for."""
    incoming: int
    """Number of edges that must be decided before the node is."""
    targets: dict[str, tuple[str, ...]]
    """Port → nodes its edges lead to."""
    order: int
    """Place in the definition: ties are settled by it."""
    timeout: float | None
    retry: Retry
    on_error: OnError
    protection: Protection | None = None
    body: Plan | None = None
    """The graph run for each item, for composites."""


class Plan(msgspec.Struct, frozen=True):
    """One graph: the workflow's, or a composite's body."""

    nodes: dict[str, PlanNode]
    roots: tuple[str, ...]
    """Nodes without incoming edges."""
    variables: dict[str, Any]
    settings: Settings
    workflow_id: str


def compile_plan(workflow: Workflow) -> Plan:
    """The plan of a checked workflow."""
    return _compile(
        workflow.nodes, workflow.edges, workflow.variables, workflow.settings, workflow.id
    )


def _compile(
    nodes: tuple[Node, ...],
    edges: tuple[Edge, ...],
    variables: dict[str, Any],
    settings: Settings,
    workflow_id: str,
) -> Plan:
    incoming = dict.fromkeys((node.id for node in nodes), 0)
    targets: dict[str, dict[str, list[str]]] = {node.id: {} for node in nodes}
    for edge in edges:
        incoming[edge.target] += 1
        targets[edge.source].setdefault(edge.port, []).append(edge.target)
    planned = {
        node.id: _plan_node(node, order, incoming[node.id], targets[node.id], settings, workflow_id)
        for order, node in enumerate(nodes)
    }
    return Plan(
        nodes=planned,
        roots=tuple(node.id for node in nodes if not incoming[node.id]),
        variables=variables,
        settings=settings,
        workflow_id=workflow_id,
    )


def _plan_node(
    node: Node,
    order: int,
    incoming: int,
    targets: dict[str, list[str]],
    settings: Settings,
    workflow_id: str,
) -> PlanNode:
    kind = kind_of(node.type)
    if kind is None:
        message = f"node type {node.type!r} of {node.id!r} passed the checks but is not known here"
        raise LookupError(message)
    body = loop_body(node)
    # A condition written as Python text is evaluated by the code executor's sandbox.
    group = "code" if kind.group == INLINE and has_expression(node.config) else kind.group
    return PlanNode(
        id=node.id,
        type=kind.type,
        name=node.name,
        group=group,
        config=node.config,
        ports=kind.ports(node.config),
        refs=_refs(node, kind.raw),
        incoming=incoming,
        targets={port: tuple(ids) for port, ids in targets.items()},
        order=order,
        timeout=node.timeout,
        retry=node.retry,
        on_error=node.on_error,
        protection=protection_of(node),
        body=None if body is None else _compile(*body, {}, settings, workflow_id),
    )


def _refs(node: Node, raw: tuple[str, ...]) -> tuple[Ref, ...]:
    refs = references_in(node.config, raw=raw)
    keys = references_in([*protection_templates(node).values()])
    return tuple(dict.fromkeys((*refs, *keys))) if keys else refs
