"""The document that a trial is a run of: the node by itself, what it calls, and an `end`.

Where the values come from that the node refers to is not decided here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from runfold.graph.checks.calls import called_from
from runfold.graph.definition import ERROR, Edge, Finding, Input, Node, Workflow
from runfold.graph.kinds import kind_of
from runfold.graph.loader import Loaded, accepted
from runfold.isolated.documents import load_workflow
from runfold.values.paths import spelled

WORKFLOW = "runfold-trial"
"""The workflow that trials are runs of. It is not stored."""
_NODE, _IN_DOCUMENT = "node", "nodes[0]"


async def checked_alone(
    document: dict[str, Any], base: Workflow, workflows: Mapping[str, Any]
) -> Workflow:
    """A workflow of the node alone; its inputs are the names that the node needs.

    Raises:
        InvalidWorkflow: It does not pass the checks.
    """
    loaded = await load_workflow(
        {
            "id": WORKFLOW,
            "nodes": [document],
            "conversation": base.conversation,
            "environment": base.environment,
            "workflows": {**msgspec.to_builtins(base.workflows), **workflows},
        }
    )
    workflow, _ = accepted(_with_what_it_calls(loaded, workflows))
    return workflow


def _with_what_it_calls(loaded: Loaded, given: Mapping[str, Any]) -> Loaded:
    """The document without given workflows that the node does not lead to, mistakes and all."""
    findings = tuple(_renamed(one) for one in loaded.findings)
    workflow = loaded.workflow
    if workflow is None:
        return replace(loaded, findings=findings)
    others = given.keys() - called_from(workflow)
    kept = {name: one for name, one in workflow.workflows.items() if name not in others}
    left_out = tuple(f"workflows.{name}." for name in others)
    findings = tuple(one for one in findings if not f"{one.path}.".startswith(left_out))
    return replace(loaded, workflow=replace(workflow, workflows=kept), findings=findings)


def _renamed(finding: Finding) -> Finding:
    path = finding.path
    if path.startswith(_IN_DOCUMENT):
        path = _NODE + path.removeprefix(_IN_DOCUMENT)
    return replace(finding, path=path)


def with_an_end(node: Node, values: Mapping[str, Any], base: Workflow) -> Workflow:
    """A workflow of the node, and an end that every way out of it leads to; failures have another.

    A node that has failed has an error and no output.
    """
    inputs = {name: Input() for name in values}
    made = replace(base, name=f"Trial of {node.id}", inputs=inputs, nodes=(node,), edges=())
    if node.type == "end":
        return made
    taken = {node.id, *values}
    end = _end_of(node, "output", taken)
    kind = kind_of(node.type)
    ports = kind.ports(node.config) if kind is not None else ()
    edges = tuple(Edge(node.id, end.id, port) for port in ports)
    if node.on_error.strategy != "error_branch":
        return replace(made, nodes=(node, end), edges=edges)
    failed = _end_of(node, "error", {*taken, end.id})
    return replace(made, nodes=(node, end, failed), edges=(*edges, Edge(node.id, failed.id, ERROR)))


def _end_of(node: Node, name: str, taken: Collection[str]) -> Node:
    """An `end` with one of a node's values, under an id that nothing else has."""
    end_id = "end"
    while end_id in taken:
        end_id += "_"
    value = "{{" + spelled(node.id, (name,)) + "}}"
    return Node(id=end_id, type="end", config={"outputs": {name: value}})
