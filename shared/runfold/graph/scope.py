"""What each node of a workflow may refer to, for an editor that offers it.

The same places as the check of references has them, so what is offered here passes it. A workflow
with mistakes has a scope as well, as far as it can be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

from runfold.graph.bodies import bodies_of
from runfold.graph.checks.certain import Certain
from runfold.graph.checks.readable import Place, around, entered, inside_of
from runfold.graph.checks.references import CONVERSATION, SYS_TYPES
from runfold.graph.definition import ERROR, OUT, Edge, Node, Workflow
from runfold.graph.free_names import own_config, raw_fields
from runfold.graph.kinds import kind_of
from runfold.graph.outputs import ANY, outputs_of
from runfold.graph.reading.compensation import ERROR_NAME, compensation_nodes
from runfold.graph.reading.protection import fallback_names
from runfold.graph.safe_names import with_safe_names
from runfold.values.paths import is_name
from runfold.values.references import references_in, spelled
from runfold.values.types import JSON_TYPE_NAMES, kind_name

MOST_NAMES = 50_000
"""Names that are listed in all. Each node of a long chain may refer to all before it."""
START = "start"
_INTEGERS = frozenset(("index", "batch_index"))
_SECRETS = "secrets"

When = Literal["always", "some_paths"]
KindOfName = Literal["node", "input", "variable", "system", "item", "env", "secret", "conversation"]


class ScopeName(msgspec.Struct, frozen=True):
    """One thing that a node may refer to."""

    name: Annotated[str, Meta(description="As it stands between `{{` and `}}`: `outline.output`.")]
    type: Annotated[str, Meta(description="A type of inputs; `any` when it is not known.")]
    when: Annotated[
        When,
        Meta(
            description="`some_paths`: it may have no value when the node runs, as when a branch "
            "was not taken or a node failed; `default(…)` stands for it then."
        ),
    ]
    kind: KindOfName


class OutputName(msgspec.Struct, frozen=True):
    """An output of a node."""

    name: str
    type: Annotated[str, Meta(description="A type of inputs; `any` when it is not known.")]


class NodeScope(msgspec.Struct, frozen=True):
    """A node as it is configured."""

    type: str
    ports: Annotated[
        tuple[str, ...], Meta(description="At which edges may leave it, `error` among them.")
    ]
    in_scope: Annotated[
        tuple[ScopeName, ...] | None,
        Meta(description="What it may refer to; null: too much for one answer, ask by `node`."),
    ]
    outputs: Annotated[
        tuple[OutputName, ...],
        Meta(description="Beside `status` and `error`, which every node has."),
    ]


Sure = tuple[bool, bool]
"""Whether a node has certainly run, and whether it then has outputs of its own."""


class _Spot(NamedTuple):
    """A graph, and what is known around it."""

    workflow: Workflow
    everywhere: tuple[ScopeName, ...]
    """What every node of the workflow may refer to, by names that nothing hides."""
    place: Place
    provided: dict[str, KindOfName]
    """Names that composites around it provide."""
    outer: dict[str, Sure]
    """The nodes around it that have ended, or were skipped."""
    certain: Certain
    undone: dict[str, Node]
    """Nodes that undo others → the node each undoes."""

    def sources(self, node: Node) -> dict[str, Sure]:
        """What one of its nodes may refer to: nodes of the graph, and those around it."""
        hidden = self.place.nodes.keys() - {node.id}
        found = {one: sure for one, sure in self.outer.items() if one not in hidden}
        ids, itself = list(self.place.nodes), self.place.bits[node.id]
        bits = self.place.upstream[node.id] & ~itself
        undone = self.undone.get(node.id)
        reader = undone.id if undone is not None else node.id
        while bits:
            source = ids[(bits & -bits).bit_length() - 1]
            bits &= bits - 1
            is_undone = undone is not None and source == undone.id
            found[source] = (
                is_undone or self.certain.has_run(source, reader),
                is_undone or self.certain.has_outputs(source, reader),
            )
        return found


def scope_of(workflow: Workflow, only: str = "") -> dict[str, NodeScope]:
    """The scope of each node, by its address.

    Args:
        workflow: The workflow, with mistakes or without.
        only: The address of the one node that is asked for; empty: all.
    """
    found: dict[str, NodeScope] = {}
    left = MOST_NAMES
    for address, node, spot in _of_workflow(workflow, ""):
        if only and address != only:
            continue
        names = tuple(_names(node, spot)) if left else ()
        fits = bool(left) and (len(names) <= left or bool(only))
        left = left - len(names) if fits else 0
        found[address] = _scope(node, names if fits else None)
    return found


def _scope(node: Node, names: tuple[ScopeName, ...] | None) -> NodeScope:
    kind = kind_of(node.type)
    ports = kind.ports(node.config) if kind is not None else (OUT,)
    errors = (ERROR,) if node.on_error.strategy == "error_branch" else ()
    outputs = outputs_of(kind, node.config) if kind is not None else {"output": ANY}
    return NodeScope(
        type=node.type,
        ports=(*ports, *errors),
        in_scope=names,
        outputs=tuple(OutputName(name, of) for name, of in outputs.items()),
    )


# --- all nodes, each with what is around it -----------------------------------------------------


def _of_workflow(workflow: Workflow, prefix: str) -> Iterator[tuple[str, Node, _Spot]]:
    outermost = around(workflow)
    spot = _Spot(workflow, tuple(_everywhere(workflow)), outermost, {}, {}, Certain({}, ()), {})
    yield from _of_graph(workflow.nodes, workflow.edges, spot, prefix)
    for name, inner in workflow.workflows.items():
        yield from _of_workflow(inner, f"{prefix}{name}:")


def _of_graph(
    nodes: tuple[Node, ...], edges: tuple[Edge, ...], outside: _Spot, prefix: str
) -> Iterator[tuple[str, Node, _Spot]]:
    """The nodes of a graph and of the bodies in it; `outside` is what is known around it."""
    place = entered(nodes, edges, outside.place)
    spot = outside._replace(
        place=place, certain=Certain(place.nodes, edges), undone=compensation_nodes(nodes)
    )
    for node in place.nodes.values():
        yield f"{prefix}{node.id}", node, spot
        inside = inside_of(node, place.of(node))
        for name, (body, inner, given, variables) in inside.bodies.items() if inside else ():
            kinds: dict[str, KindOfName] = {
                one: "variable" if one in variables else "item" for one in sorted(given)
            }
            within = spot._replace(
                place=inner, provided={**spot.provided, **kinds}, outer=spot.sources(node)
            )
            step = f"[{name}]/" if name else "/"
            yield from _of_graph(body.nodes, body.edges, within, f"{prefix}{node.id}{step}")


# --- what a node may refer to -------------------------------------------------------------------


def _names(node: Node, spot: _Spot) -> Iterator[ScopeName]:
    place, workflow = spot.place.of(node), spot.workflow
    here = {**place.outer, **place.nodes}
    if place.is_body:  # its own name is what is called so around it
        del here[node.id]
        here.update({one: outer for one, outer in place.outer.items() if one == node.id})
    for source, sure in spot.sources(node).items():
        yield from _of_node(here[source], workflow, sure)
    free = place.names - here.keys()
    for name, kind in spot.provided.items():
        if name in free:
            of = "integer" if kind == "item" and name in _INTEGERS else ANY
            yield ScopeName(name, of, "always", kind)
    free -= spot.provided.keys()
    for name, (of, kind) in _values_of(workflow).items():
        if name in free and is_name(name):
            yield ScopeName(spelled(name, ()), of, "always", kind)
    if ERROR_NAME in free - _values_of(workflow).keys():
        yield ScopeName(ERROR_NAME, "object", "always", "system")
    yield from spot.everywhere


def _values_of(workflow: Workflow) -> dict[str, tuple[str, KindOfName]]:
    """Variables and inputs by name, with their types."""
    found: dict[str, tuple[str, KindOfName]] = {
        name: (_type_of(value), "variable") for name, value in workflow.variables.items()
    }
    return {**found, **{name: (one.type, "input") for name, one in workflow.inputs.items()}}


def _of_node(node: Node, workflow: Workflow, sure: Sure) -> Iterator[ScopeName]:
    kind, (has_run, has_outputs) = kind_of(node.type), sure
    outputs = outputs_of(kind, node.config) if kind is not None else {"output": ANY}
    if node.type == START:
        values = {name: of for name, (of, _) in _values_of(workflow).items()}
        outputs = {"output": "object", **values}
    for name, of in outputs.items():
        is_there = has_run if name == "output" else has_outputs
        when: When = "always" if is_there else "some_paths"
        yield ScopeName(spelled(node.id, (name,)), of, when, "node")
    for name in fallback_names(node):
        if name not in outputs:
            yield ScopeName(spelled(node.id, (name,)), ANY, "some_paths", "node")


def _everywhere(workflow: Workflow) -> Iterator[ScopeName]:
    for name, value in workflow.conversation.items():
        yield ScopeName(spelled(CONVERSATION, (name,)), _type_of(value), "always", "conversation")
    for name, of in SYS_TYPES.items():
        yield ScopeName(f"sys.{name}", of, "always", "system")
    for name, value in workflow.environment.items():
        yield ScopeName(spelled("env", (name,)), _type_of(value), "always", "env")
    for name in dict.fromkeys(_secrets_of(with_safe_names(workflow).nodes)):
        yield ScopeName(spelled(_SECRETS, (name,)), "string", "always", "secret")


def _secrets_of(nodes: tuple[Node, ...]) -> Iterator[str]:
    """Secrets that the workflow itself names: no others are known here."""
    for node in nodes:
        for ref in references_in(own_config(node), raw=raw_fields(node)):
            if ref.root == _SECRETS and ref.path and isinstance(ref.path[0], str):
                yield ref.path[0]
        for body in bodies_of(node).values():
            yield from _secrets_of(body.nodes)


def _type_of(value: Any) -> str:
    found = kind_name(value)
    return found if found in JSON_TYPE_NAMES else ANY
