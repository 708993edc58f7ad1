"""Which node stands where in a canonical workflow: places such as `nodes[2]`, and addresses.

An address here has no items or rounds, since none has begun: `each/call`, not `each[3]/call`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runfold.graph.bodies import bodies_of
from runfold.graph.definition import Node, Workflow


def node_addresses(workflow: Workflow) -> dict[str, str]:
    """The address of each node, by its place in the workflow; those without an id are left out."""
    return dict(_addresses(workflow.nodes, "nodes", ""))


def _addresses(nodes: Iterable[Node], path: str, around: str) -> Iterator[tuple[str, str]]:
    for index, node in enumerate(nodes):
        if not node.id:
            continue
        place, address = f"{path}[{index}]", f"{around}{node.id}"
        yield place, address
        for name, body in bodies_of(node).items():
            inner = f"{address}[{name}]/" if name else f"{address}/"
            yield from _addresses(body.nodes, f"{place}.config.{body.path}nodes", inner)
