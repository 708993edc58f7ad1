"""What differs between two definitions, by what it means: nodes, edges, inputs, settings.

Nodes are told apart by their addresses, so that one that moved in its list has not changed. The
order of keys counts where values are kept in order (a form's fields, a schema's properties).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from runfold.graph.bodies import bodies_of, inside
from runfold.graph.definition import Edge, Node, Workflow
from runfold.graph.kinds import kind_of

_encode = msgspec.json.Encoder().encode


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value that differs."""

    path: str
    """Where: `config.prompt`, `retry.max_attempts`."""
    before: Any = msgspec.UNSET
    """Absent: it was not there."""
    after: Any = msgspec.UNSET
    """Absent: it is there no longer."""


class NodeRef(msgspec.Struct, frozen=True):
    """A node that is in one of the two."""

    node: str
    """By the ids on the way to it: `each/call`."""
    type: str
    definition: dict[str, Any] = {}
    """The node itself, without the nodes and edges of its bodies, which are listed on their own."""


class NodeChange(msgspec.Struct, frozen=True):
    """A node that is in both, and differs."""

    node: str
    type: str
    changes: tuple[Change, ...]


class EdgeRef(msgspec.Struct, frozen=True):
    """An edge, by the addresses of its nodes."""

    source: str
    target: str
    port: str


class NodeDifferences(msgspec.Struct, frozen=True):
    """What differs among the nodes, those of bodies included."""

    added: tuple[NodeRef, ...] = ()
    removed: tuple[NodeRef, ...] = ()
    changed: tuple[NodeChange, ...] = ()


class EdgeDifferences(msgspec.Struct, frozen=True):
    """What differs among the edges."""

    added: tuple[EdgeRef, ...] = ()
    removed: tuple[EdgeRef, ...] = ()


class Differences(msgspec.Struct, frozen=True):
    """What differs between two definitions."""

    same: bool
    """Whether they are the same definition."""
    nodes: NodeDifferences
    edges: EdgeDifferences
    inputs: tuple[Change, ...]
    """Of the declared inputs, and whether others are taken."""
    outputs: tuple[Change, ...]
    """Of the nodes that say what the run gives back: `end.config.outputs`."""
    settings: tuple[Change, ...]
    other: tuple[Change, ...]
    """Name, description, labels, variables, conversation, environment and own workflows."""


def differences(before: Workflow, after: Workflow) -> Differences:
    """What differs between two definitions; of those with mistakes, what could be read."""
    old, new = dict(_nodes(before.nodes, "")), dict(_nodes(after.nodes, ""))
    changed = []
    for address in old.keys() & new.keys():
        changes = tuple(changes_in(_own(old[address]), _own(new[address])))
        if changes:
            changed.append(NodeChange(address, new[address].type, changes))
    order = {address: place for place, address in enumerate(new)}
    changed.sort(key=lambda one: order[one.node])
    old_edges, new_edges = dict.fromkeys(_edges(before)), dict.fromkeys(_edges(after))
    was, now = _document(before), _document(after)
    top = {key: (was.pop(key), now.pop(key)) for key in ("inputs", "settings")}
    inputs = [
        *changes_in(*top["inputs"]),
        *changes_in(was.pop("closed_inputs"), now.pop("closed_inputs"), "closed_inputs"),
    ]
    for document in (was, now):
        for key in ("id", "version", "nodes", "edges"):
            del document[key]
    return Differences(
        same=_encode(before) == _encode(after),
        nodes=NodeDifferences(
            added=tuple(NodeRef(k, new[k].type, _own(new[k])) for k in new if k not in old),
            removed=tuple(NodeRef(k, old[k].type, _own(old[k])) for k in old if k not in new),
            changed=tuple(changed),
        ),
        edges=EdgeDifferences(
            added=tuple(one for one in new_edges if one not in old_edges),
            removed=tuple(one for one in old_edges if one not in new_edges),
        ),
        inputs=tuple(inputs),
        outputs=tuple(changes_in(_outputs(before), _outputs(after))),
        settings=tuple(changes_in(*top["settings"])),
        other=tuple(changes_in(was, now)),
    )


def changes_in(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    """The values that differ between two JSON values, each with its path."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _changes_of_keys(before, after, path)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from changes_in(old, new, f"{path}[{index}]")
    elif _encode(before) != _encode(after):
        yield Change(path, before, after)


def _changes_of_keys(before: dict[str, Any], after: dict[str, Any], path: str) -> Iterator[Change]:
    inner = []
    for key in [*before, *(key for key in after if key not in before)]:
        where = f"{path}.{key}" if path else key
        if key not in after:
            inner.append(Change(where, before=before[key]))
        elif key not in before:
            inner.append(Change(where, after=after[key]))
        else:
            inner += changes_in(before[key], after[key], where)
    both_ways = [key for key in before if key in after], [key for key in after if key in before]
    if both_ways[0] != both_ways[1]:
        yield Change(path, before, after)  # the order of its keys
    else:
        yield from inner


def _document(workflow: Workflow) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(workflow)
    return document


def _nodes(nodes: tuple[Node, ...], around: str) -> Iterator[tuple[str, Node]]:
    for node in nodes:
        if not node.id:  # one that could not be read
            continue
        address = f"{around}{node.id}"
        yield address, node
        for name, body in bodies_of(node).items():
            yield from _nodes(body.nodes, _inside(address, name))


def _inside(address: str, body: str) -> str:
    return f"{address}[{body}]/" if body else f"{address}/"


def _edges(workflow: Workflow) -> Iterator[EdgeRef]:
    yield from _edges_of(workflow.nodes, workflow.edges, "")


def _edges_of(nodes: tuple[Node, ...], edges: tuple[Edge, ...], around: str) -> Iterator[EdgeRef]:
    for edge in edges:
        yield EdgeRef(f"{around}{edge.source}", f"{around}{edge.target}", edge.port)
    for node in nodes:
        for name, body in bodies_of(node).items():
            yield from _edges_of(body.nodes, body.edges, _inside(f"{around}{node.id}", name))


def _own(node: Node) -> dict[str, Any]:
    """A node without the nodes and edges of its bodies, which are compared on their own."""
    document: dict[str, Any] = msgspec.to_builtins(node)
    kind = kind_of(node.type)
    if kind is None:
        return document
    for keys in kind.bodies(node.config).values():
        body = inside(document.get("config", {}), keys)
        if body is not None and not body.get("prompt"):
            body.pop("nodes", None)
            body.pop("edges", None)
    return document


def _outputs(workflow: Workflow) -> dict[str, Any]:
    """What the nodes that end a run say it gives back, by node."""
    return {
        f"{node.id}.config.outputs": node.config["outputs"]
        for node in workflow.nodes
        if node.type == "end" and "outputs" in node.config
    }
