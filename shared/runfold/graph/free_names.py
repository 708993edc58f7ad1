"""Names a workflow reads that nothing in it provides: its undeclared inputs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runfold.graph.definition import Node, Workflow
from runfold.graph.external import operands_of_run
from runfold.graph.kinds import kind_of
from runfold.graph.kinds.loop import is_bare_name
from runfold.graph.loops import loop_body
from runfold.values.references import EVERYTHING, references_in

RESERVED = frozenset(("sys", "env", "secrets", "conversation", EVERYTHING))
"""Roots that the system provides everywhere."""
LOOP_NAMES = frozenset(("item", "index"))
"""Roots that a loop provides inside its body."""
BODY_FIELDS = ("nodes", "edges", "prompt", "system_prompt", "model", "output")
"""Fields of a loop that belong to its body's scope."""


def own_config(node: Node) -> dict[str, Any]:
    """A node's configuration as its own scope reads it.

    A loop's body is another scope; what a wait's condition reads of the event is nothing of it.
    """
    if node.type == "wait" and node.config.get("match") is not None:
        return {**node.config, "match": operands_of_run(node.config["match"])}
    if node.type != "loop":
        return node.config
    config = {name: value for name, value in node.config.items() if name not in BODY_FIELDS}
    if is_bare_name(config.get("items")):
        config["items"] = "{{" + config["items"] + "}}"
    return config


def raw_fields(node: Node) -> tuple[str, ...]:
    """Fields of a node that are no templates."""
    kind = kind_of(node.type)
    return kind.raw if kind else ()


def free_names(workflow: Workflow) -> list[str]:
    """Root names without a provider, in order of appearance."""
    found: dict[str, None] = {}
    _collect(workflow.nodes, set(workflow.variables) | RESERVED, found)
    return list(found)


def _collect(
    nodes: Iterable[Node], known: set[str] | frozenset[str], found: dict[str, None]
) -> None:
    nodes = tuple(nodes)
    known = known | {node.id for node in nodes}
    for node in nodes:
        for ref in references_in(own_config(node), raw=raw_fields(node)):
            if ref.root not in known:
                found.setdefault(ref.root)
        body = loop_body(node)
        if body is not None:
            inside = known | LOOP_NAMES
            _collect(body[0], inside, found)
            names = inside | {inner.id for inner in body[0]}
            for ref in references_in(node.config.get("output")):
                if ref.root not in names:
                    found.setdefault(ref.root)
