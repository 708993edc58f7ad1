"""The two shapes that the guide prints: a canvas, and one node by itself."""

from __future__ import annotations

from typing import Any, NamedTuple


class Node(NamedTuple):
    """One node."""

    key: str
    type: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    position: dict[str, Any]


class Canvas(NamedTuple):
    """Nodes, edges and variables, as far as they are objects."""

    nodes: list[Node]
    edges: list[dict[str, Any]]
    variables: list[dict[str, Any]]
    broken: list[str]
    """Places of what is no node."""


def recognises(document: Any) -> bool:
    """Whether a document is a canvas whose nodes have a `key`, or a node with a `node_type`."""
    if not isinstance(document, dict):
        return False
    if isinstance(document.get("node_type"), str):
        return isinstance(document.get("data"), dict)
    nodes = document.get("nodes")
    return isinstance(nodes, list) and any(_is_node(node) for node in nodes)


def _is_node(node: Any) -> bool:
    if not isinstance(node, dict) or not isinstance(node.get("data"), dict):
        return False
    typed = node.get("node_type", node.get("type"))
    named = node.get("key", node.get("node_key"))
    return isinstance(typed, str) and isinstance(named, str) and not typed.isdigit()


def read_canvas(document: Any) -> Canvas:
    """The nodes, edges and variables of a document."""
    whole = document if isinstance(document, dict) else {}
    listed = [whole] if "node_type" in whole and "nodes" not in whole else whole.get("nodes")
    nodes: list[Node] = []
    broken: list[str] = []
    seen: set[str] = set()
    for number, one in enumerate(listed if isinstance(listed, list) else ()):
        node = _node(one) if isinstance(one, dict) else None
        if node is None or node.key in seen:
            broken.append(node.key if node else f"nodes[{number}]")
            continue
        seen.add(node.key)
        nodes.append(node)
    return Canvas(nodes, _objects(whole.get("edges")), _objects(whole.get("variables")), broken)


def _node(one: dict[str, Any]) -> Node:
    data = one.get("data")
    inside = data if isinstance(data, dict) else {}
    type_ = _text(one.get("node_type")) or _text(one.get("type"))
    key = _text(one.get("key")) or _text(one.get("node_key")) or _snake(type_) or "node"
    return Node(
        key,
        type_,
        _object(inside.get("inputs")),
        _object(inside.get("outputs")),
        _object(one.get("position")),
    )


def _snake(name: str) -> str:
    return "".join(
        f"_{one.lower()}" if one.isupper() and at and name[at - 1].islower() else one.lower()
        for at, one in enumerate(name)
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
