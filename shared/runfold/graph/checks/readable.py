"""What may be read where: for each graph the nodes that lead to a node, and the names around it.

What is upstream of a node is a set of bits, so that large graphs stay cheap. Whether a reference
is right is decided in `references.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from runfold.graph.bodies import Body, bodies_of
from runfold.graph.definition import Edge, Node, Workflow
from runfold.graph.free_names import RESERVED
from runfold.graph.kinds import kind_of
from runfold.graph.kinds.composites import ITEM_NAMES
from runfold.graph.kinds.state_machine import MACHINE_NAMES
from runfold.graph.reading.compensation import ERROR_NAME, compensation_nodes

READ_ONLY = {"state_machine": MACHINE_NAMES, "batch": ITEM_NAMES | {"batch_index"}}
"""Kind → what it provides inside that cannot be assigned to, where that is not `ITEM_NAMES`."""


class Place(NamedTuple):
    """A graph and what may be read inside it."""

    nodes: dict[str, Node]
    upstream: dict[str, int]
    bits: dict[str, int]
    outer: dict[str, Node]
    """Nodes around the graph that have ended when it runs."""
    names: frozenset[str]
    variables: frozenset[str]
    """Names that `assign` may change."""
    conversation: frozenset[str]
    """The same of the conversation."""
    is_body: bool
    """Whether there is a composite around it: a node reads its own name as what is around it."""
    undoing: frozenset[str] = frozenset()
    """Nodes that undo others: they may read the error as well."""

    def leads_to(self, source: str, node: str) -> bool:
        """Whether a node of the graph has ended, or was skipped, when another begins."""
        return bool(self.upstream[node] & self.bits[source])

    def of(self, node: Node) -> Place:
        """The place as one of its nodes has it."""
        if node.id not in self.undoing:
            return self
        return self._replace(names=self.names | {ERROR_NAME})


class InBody(NamedTuple):
    """What may be read inside a body of a composite."""

    body: Body
    place: Place
    """Around the body's graph, as `entered` takes it."""
    given: frozenset[str]
    """Names that the composite provides there."""
    variables: frozenset[str]
    """Those of them that `assign` may change."""


class Inside(NamedTuple):
    """What may be read inside a composite."""

    within: Place
    """Outside its bodies, with the names that it provides."""
    bodies: dict[str, InBody]


def around(workflow: Workflow) -> Place:
    """What may be read everywhere in a workflow."""
    return Place(
        nodes={},
        upstream={},
        bits={},
        outer={},
        names=frozenset((*workflow.inputs, *workflow.variables, *RESERVED)),
        variables=frozenset((*workflow.inputs, *workflow.variables)),
        conversation=frozenset(workflow.conversation),
        is_body=False,
    )


def entered(nodes: tuple[Node, ...], edges: tuple[Edge, ...], place: Place) -> Place:
    """A graph in a place that has `outer`, `names` and `variables`."""
    by_id = {node.id: node for node in nodes if node.id}
    bits = {node_id: 1 << index for index, node_id in enumerate(by_id)}
    upstream = _upstream(by_id, edges, bits)
    undoing = compensation_nodes(nodes)
    for node_id, undone in undoing.items():
        # It may read what the node it undoes could, and what that came to.
        upstream[node_id] = upstream[undone.id] | bits[undone.id]
    return place._replace(nodes=by_id, upstream=upstream, bits=bits, undoing=frozenset(undoing))


def inside_of(node: Node, place: Place) -> Inside | None:
    """What may be read inside a node of a graph; None when it is not a composite."""
    kind = kind_of(node.type)
    if kind is None or not kind.inner:
        return None
    ended = {one: other for one, other in place.nodes.items() if place.leads_to(one, node.id)}
    outer = {**place.outer, **ended}
    provided = kind.provides(node.config)
    own = provided - READ_ONLY.get(node.type, ITEM_NAMES)
    within = place._replace(
        outer=outer,
        is_body=True,
        names=place.names | provided,
        variables=place.variables | own,
    )
    bodies = {}
    for name, body in bodies_of(node).items():
        given = kind.names_in(node.config, name)
        seen = {outside: one for outside, one in outer.items() if outside not in given}
        inner = within._replace(outer=seen, names=place.names | given)
        bodies[name] = InBody(body, inner, given, own & given)
    return Inside(within, bodies)


def _upstream(
    by_id: dict[str, Node], edges: tuple[Edge, ...], bits: dict[str, int]
) -> dict[str, int]:
    """For each node the nodes that lead to it, as bits; cycles are cut where they close."""
    incoming: dict[str, list[str]] = {node_id: [] for node_id in by_id}
    targets: dict[str, list[str]] = {node_id: [] for node_id in by_id}
    for edge in edges:
        if edge.source in by_id and edge.target in by_id:
            incoming[edge.target].append(edge.source)
            targets[edge.source].append(edge.target)
    waiting = {node_id: len(sources) for node_id, sources in incoming.items()}
    order = [node_id for node_id, count in waiting.items() if not count]
    for node_id in order:
        for target in targets[node_id]:
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    upstream = dict.fromkeys(by_id, 0)
    for node_id in order:
        for source in incoming[node_id]:
            upstream[node_id] |= upstream[source] | bits[source]
    # Nodes of a cycle are reported as such; here everything may be upstream of them.
    for node_id in by_id.keys() - set(order):
        upstream[node_id] = (1 << len(by_id)) - 1
    return upstream
