"""Protections: whether there is anything they could protect, and whether their keys are sound."""

from __future__ import annotations

from runfold.graph.bodies import bodies_of
from runfold.graph.definition import Node
from runfold.graph.findings import Findings
from runfold.graph.kinds import INLINE, kind_of
from runfold.graph.plan.protection import protection_of, protection_templates
from runfold.graph.reading.protection import PROTECTIONS
from runfold.values.references import references_in
from runfold.values.templates import template_findings


def check_protections(nodes: tuple[Node, ...], path: str, found: Findings) -> None:
    """The protections of nodes, and of those in loops' bodies."""
    for index, node in enumerate(nodes):
        here = f"{path}[{index}]"
        if protection_of(node) is not None:
            _check_node(node, here, found)
        for body in bodies_of(node).values():
            check_protections(body.nodes, f"{here}.config.{body.path}nodes", found)


def _check_node(node: Node, path: str, found: Findings) -> None:
    kind = kind_of(node.type)
    if kind is not None and kind.group == INLINE:
        hint = "protect the nodes inside" if bodies_of(node) else "take it out"
        for name in PROTECTIONS:
            if getattr(node, name):
                message = (
                    f"{name} is for nodes that executors run; "
                    f"a {node.type} is decided by the scheduler"
                )
                found.error("protection.inline", f"{path}.{name}", message, hint)
    for place, template in protection_templates(node).items():
        for problem in template_findings(template):
            found.error("template.syntax", f"{path}.{place}", problem)
    if node.idempotency_key and not references_in(node.idempotency_key):
        message = "the idempotency key is always the same: the node runs once a day for all runs"
        hint = "refer to what tells one execution from another, such as {{order_id}}"
        found.warning("protection.constant_key", f"{path}.idempotency_key", message, hint)
