"""Sub-workflows: what is called, with which inputs, and whether calling ever comes to an end."""

from __future__ import annotations

from collections.abc import Iterator

from runfold.graph.bodies import bodies_of
from runfold.graph.definition import Node, Workflow
from runfold.graph.findings import Findings
from runfold.graph.kinds import kind_of
from runfold.graph.kinds.sub_workflow import called
from runfold.values.references import is_computed


def check_calls(workflow: Workflow, found: Findings) -> None:
    """Every `sub_workflow` node of a workflow, those in bodies included."""
    for path, node in calls_in(workflow.nodes, ""):
        name, version = called(node.config)
        target = workflow.workflows.get(name)
        if target is None:
            continue
        if version:
            message = f"{name!r} is one of this document's workflows, which have no versions"
            found.error("sub_workflow.version", f"{path}.config.version", message)
        _check_inputs(node, target, path, found)
    for name in workflow.workflows:
        around = _endless(name, workflow)
        if around:
            message = f"workflows call each other without end: {' → '.join(around)}"
            hint = "let a `condition` or `selector` decide whether to call again"
            found.error("sub_workflow.recursion", f"workflows.{name}", message, hint)


def calls_in(nodes: tuple[Node, ...], prefix: str) -> Iterator[tuple[str, Node]]:
    """Each `sub_workflow` node of a graph and of its composites' bodies, with its place."""
    for index, node in enumerate(nodes):
        path = f"{prefix}nodes[{index}]"
        if node.type == "sub_workflow":
            yield path, node
        for body in bodies_of(node).values():
            yield from calls_in(body.nodes, f"{path}.config.{body.path}")


def called_from(workflow: Workflow) -> set[str]:
    """Names of the workflows that a document's nodes lead to, through others of it as well."""
    reached: set[str] = set()
    left = [workflow.nodes]
    while left:
        for _, node in calls_in(left.pop(), ""):
            name, _ = called(node.config)
            target = workflow.workflows.get(name)
            if target is not None and name not in reached:
                left += [one.nodes for one in _with_own(target)]
            reached.add(name)
    return reached


def _with_own(workflow: Workflow) -> Iterator[Workflow]:
    """A workflow, and those that it brings along itself."""
    yield workflow
    for own in workflow.workflows.values():
        yield from _with_own(own)


def _check_inputs(node: Node, target: Workflow, path: str, found: Findings) -> None:
    given = node.config.get("inputs")
    if is_computed(given):
        return
    names = given if isinstance(given, dict) else {}
    known = {*target.inputs, *target.variables}
    for name in names:
        if target.closed_inputs and name not in known:
            message = f"workflow {target.id!r} has no input {name!r}"
            hint = found.nearest(name, known)
            found.error("sub_workflow.inputs", f"{path}.config.inputs.{name}", message, hint)
    for name, declared in target.inputs.items():
        needed = declared.required and declared.default is None and name not in target.variables
        if needed and name not in names:
            message = f"workflow {target.id!r} needs the input {name!r}"
            found.error("sub_workflow.inputs", f"{path}.config.inputs", message)


def _endless(name: str, workflow: Workflow) -> list[str]:
    """A circle of calls that begins with a workflow and in which nothing ever branches."""
    walked: list[str] = []
    here = name
    while here not in walked:
        walked.append(here)
        target = workflow.workflows.get(here)
        if target is None or any(_branches(node) for node in target.nodes):
            return []
        further = [
            called(node.config)[0]
            for node in target.nodes
            if node.type == "sub_workflow" and called(node.config)[0] in workflow.workflows
        ]
        if not further:
            return []
        here = further[0]
    return [*walked[walked.index(here) :], here] if here == name else []


def _branches(node: Node) -> bool:
    kind = kind_of(node.type)
    return kind is not None and len(kind.ports(node.config)) > 1
