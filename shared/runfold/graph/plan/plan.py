"""The compiled plan: a workflow's graph with everything the engine looks up made ready.

Linear in nodes and edges. A plan is made from a definition that has passed the checks; it is
cached by the definition's bytes and shared by all runs that pinned it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts.protection import Protection
from runfold.graph.bodies import bodies_of
from runfold.graph.definition import Edge, Input, Node, OnError, Retry, Settings, Workflow
from runfold.graph.kinds import INLINE, kind_of
from runfold.graph.kinds.join import needed
from runfold.graph.kinds.sub_workflow import called, is_detached
from runfold.graph.plan.pipes import Pipe, pipes_of
from runfold.graph.plan.protection import protection_of, protection_templates
from runfold.graph.safe_names import with_safe_names
from runfold.values.conditions import has_expression
from runfold.values.profiles import forgives
from runfold.values.references import Ref, references_in


class JoinRule(msgspec.Struct, frozen=True):
    """When a `join` node goes on."""

    need: int
    """Branches that must come."""
    ignore_errors: bool
    cancel_losers: bool


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
    backup: bool = False
    """Whether its configuration names a backup, for one more attempt after the others."""
    compensate: str = ""
    """Id of the node that undoes this one; empty: none does."""
    undoes: str = ""
    """Id of the node that this one undoes: it runs for nothing else, and has no edges."""
    bodies: dict[str, Plan] = {}
    """For composites: the graphs run for items or rounds; the only one has no name."""
    calls: str = ""
    """For `sub_workflow` that is a part of the run: which of the library's plans."""
    join: JoinRule | None = None
    pipe: Pipe | None = None
    """Set: its task may be handed out while the node before it is still writing."""
    profile: str = ""
    """Whose rules about values it keeps; empty: runfold's."""
    forgives: bool = False
    """Whether a run that went past its failure has succeeded all the same."""
    guard: str = ""
    """The nearest `join` that cares about its branches and that all ways from here lead to."""


class Library:
    """The workflows that sub-workflow nodes may run, each compiled when first asked for.

    Args:
        workflows: By the names under which nodes call them.
        around: Asked for what is not among them; of a stored workflow that was pinned only for
            others that were: the names of the workflow that calls it are not its own.
    """

    def __init__(
        self, workflows: dict[str, Workflow], around: Library | None = None, *, stored: bool = False
    ) -> None:
        self._workflows = workflows
        self._outer = around
        self._stored = stored
        self._plans: dict[str, Plan] = {}

    def plan(self, name: str) -> Plan | None:
        """The plan of a workflow, or None."""
        if name in self._plans:
            return self._plans[name]
        if name in self._workflows:
            plan = self._plans[name] = compile_plan(self._workflows[name], self, stored="@" in name)
            return plan
        around = self._around(name)
        return around.plan(name) if around else None

    def workflow(self, name: str) -> Workflow | None:
        """The definition of a workflow, or None."""
        if name in self._workflows:
            return self._workflows[name]
        around = self._around(name)
        return around.workflow(name) if around else None

    def own(self) -> dict[str, Workflow]:
        """All workflows that nodes here may call and that are not stored."""
        around = self._outer.own() if self._outer and not self._stored else {}
        return {**around, **{k: v for k, v in self._workflows.items() if "@" not in k}}

    def _around(self, name: str) -> Library | None:
        return self._outer if not self._stored or "@" in name else None

    def name_of(self, config: dict[str, Any]) -> str:
        """The name under which a `sub_workflow` node's workflow is found."""
        workflow, version = called(config)
        return workflow if self.has(workflow) else pinned_name(workflow, version)

    def has(self, name: str) -> bool:
        """Whether a workflow is called so."""
        around = self._around(name)
        return name in self._workflows or (around is not None and around.has(name))


class Plan(msgspec.Struct, frozen=True):
    """One graph: a workflow's, or a composite's body."""

    nodes: dict[str, PlanNode]
    roots: tuple[str, ...]
    """Nodes without incoming edges."""
    ends: tuple[str, ...]
    """Nodes without outgoing edges."""
    variables: dict[str, Any]
    settings: Settings
    workflow_id: str
    library: Library
    conversation: dict[str, Any] = {}
    inputs: dict[str, Input] = {}
    closed_inputs: bool = False
    version: str = ""
    """Of a sub-workflow: the stored version that was pinned."""
    forward: int = 0
    """How many nodes have to end for the graph to be complete: all but those that undo others."""
    compensates: bool = False
    """Whether anything in the workflow, its parts included, has to do with compensation."""
    graphs: dict[str, Plan | None] = msgspec.field(default_factory=dict)
    """The graphs of scopes that were looked up, by scope; of the run's own plan alone."""

    def body(self, node_id: str, name: str = "") -> Plan | None:
        """The graph that a composite of this graph runs, or None."""
        node = self.nodes.get(node_id)
        if node is None:
            return None
        return self.library.plan(node.calls) if node.calls else node.bodies.get(name)


def pinned_name(workflow_id: str, version: str) -> str:
    """The name under which a stored workflow is pinned for a run."""
    return f"{workflow_id}@{version}"


def compile_plan(
    workflow: Workflow, around: Library | None = None, *, stored: bool = False
) -> Plan:
    """The plan of a checked workflow.

    Args:
        workflow: The workflow, with all that its sub-workflow nodes may run.
        around: The library of the workflow that runs it.
        stored: Whether it is a stored workflow that was pinned as a part of that.
    """
    workflow = with_safe_names(workflow)
    library = Library(workflow.workflows, around, stored=stored)
    plan = _compile(workflow.nodes, workflow.edges, workflow.settings, workflow.id, library)
    return msgspec.structs.replace(
        plan,
        compensates=_has_compensation(workflow),
        variables=workflow.variables,
        conversation=conversation_of(workflow),
        inputs=workflow.inputs,
        closed_inputs=workflow.closed_inputs,
        version=workflow.version,
    )


def _compile(
    nodes: tuple[Node, ...],
    edges: tuple[Edge, ...],
    settings: Settings,
    workflow_id: str,
    library: Library,
) -> Plan:
    incoming = dict.fromkeys((node.id for node in nodes), 0)
    targets: dict[str, dict[str, list[str]]] = {node.id: {} for node in nodes}
    for edge in edges:
        incoming[edge.target] += 1
        targets[edge.source].setdefault(edge.port, []).append(edge.target)
    undoes = {node.compensate: node.id for node in nodes if node.compensate}
    guards = _guards(nodes, targets, dict(incoming))
    pipes = pipes_of(nodes, edges)
    planned = {}
    for order, node in enumerate(nodes):
        bodies = {
            name: _compile(body.nodes, body.edges, settings, workflow_id, library)
            for name, body in bodies_of(node).items()
        }
        planned[node.id] = msgspec.structs.replace(
            _plan_node(node, order, incoming[node.id], targets[node.id]),
            bodies=bodies,
            calls=_calls(node, library),
            pipe=pipes.get(node.id),
            guard=guards.get(node.id, ""),
            undoes=undoes.get(node.id, ""),
        )
    return Plan(
        nodes=planned,
        roots=tuple(node.id for node in nodes if not incoming[node.id] and node.id not in undoes),
        ends=tuple(node.id for node in nodes if not targets[node.id]),
        variables={},
        settings=settings,
        workflow_id=workflow_id,
        library=library,
        forward=len(planned) - len(undoes),
    )


def conversation_of(workflow: Workflow) -> dict[str, Any]:
    """What a workflow and its parts declare as variables of the conversation; its own count."""
    declared: dict[str, Any] = {}
    for part in workflow.workflows.values():
        declared |= conversation_of(part)
    return declared | workflow.conversation


def _has_compensation(workflow: Workflow) -> bool:
    """Whether anything in a workflow, or in one that is a part of it, has to do with it."""
    return _compensates(workflow.nodes) or any(
        _has_compensation(part) for part in workflow.workflows.values()
    )


def _compensates(nodes: tuple[Node, ...]) -> bool:
    return any(
        node.compensate
        or node.type == "compensate"
        or any(_compensates(body.nodes) for body in bodies_of(node).values())
        for node in nodes
    )


def _calls(node: Node, library: Library) -> str:
    is_part = node.type == "sub_workflow" and not is_detached(node.config)
    return library.name_of(node.config) if is_part else ""


def _guards(
    nodes: tuple[Node, ...], targets: dict[str, dict[str, list[str]]], waiting: dict[str, int]
) -> dict[str, str]:
    """For each node the caring join that all its ways lead to next, where there is one."""
    caring = {
        node.id
        for node in nodes
        if node.type == "join"
        and (node.config.get("ignore_errors") or node.config.get("cancel_losers"))
    }
    if not caring:
        return {}
    order = [node_id for node_id, count in waiting.items() if not count]
    for node_id in order:
        for ids in targets[node_id].values():
            for target in ids:
                waiting[target] -= 1
                if not waiting[target]:
                    order.append(target)
    guards: dict[str, str] = {}
    for node_id in reversed(order):
        ahead = {
            target if target in caring else guards.get(target, "")
            for ids in targets[node_id].values()
            for target in ids
        }
        if len(ahead) == 1 and (guard := ahead.pop()):
            guards[node_id] = guard
    return guards


def _plan_node(
    node: Node,
    order: int,
    incoming: int,
    targets: dict[str, list[str]],
) -> PlanNode:
    kind = kind_of(node.type)
    if kind is None:
        message = f"node type {node.type!r} of {node.id!r} passed the checks but is not known here"
        raise LookupError(message)
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
        backup=bool(kind.backup and node.config.get(kind.backup)),
        compensate=node.compensate,
        profile=node.profile,
        forgives=forgives(node.profile),
        join=_join_rule(node, incoming),
    )


def _join_rule(node: Node, incoming: int) -> JoinRule | None:
    if node.type != "join":
        return None
    config = node.config
    return JoinRule(
        needed(config, incoming),
        ignore_errors=bool(config.get("ignore_errors")),
        cancel_losers=bool(config.get("cancel_losers")),
    )


def _refs(node: Node, raw: tuple[str, ...]) -> tuple[Ref, ...]:
    refs = references_in(node.config, raw=raw)
    keys = references_in([*protection_templates(node).values()])
    return tuple(dict.fromkeys((*refs, *keys))) if keys else refs
