"""The bodies of composite nodes, as graphs of their own."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.graph.definition import Edge, Node
from runfold.graph.kinds import kind_of

CALL = "call"
"""Id of the one node of a body written as a prompt."""
LLM_FIELDS = ("prompt", "model", "system_prompt", "temperature", "max_tokens", "on_length")


class Body(msgspec.Struct, frozen=True):
    """One body."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    path: str
    """Where in the configuration it stands: empty, or ending in a dot."""


def bodies_of(node: Node) -> dict[str, Body]:
    """The bodies of a canonical node by name; a composite's only one has no name."""
    kind = kind_of(node.type)
    if kind is None:
        return {}
    found = {}
    for name, keys in kind.bodies(node.config).items():
        here = inside(node.config, keys)
        if here is None:
            continue
        if here.get("prompt"):
            found[name] = Body((_call(node, here),), (), body_path(keys))
            continue
        nodes = msgspec.convert(here.get("nodes", []), tuple[Node, ...])
        if name and name == kind.retried_body:
            nodes = tuple(msgspec.structs.replace(one, retry=node.retry) for one in nodes)
        found[name] = Body(
            nodes,
            msgspec.convert(here.get("edges", []), tuple[Edge, ...]),
            body_path(keys),
        )
    return found


def inside(config: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any] | None:
    """The object at some keys of a configuration, or None."""
    here: Any = config
    for key in keys:
        here = here.get(key) if isinstance(here, dict) else None
    return here if isinstance(here, dict) else None


def body_path(keys: tuple[str, ...]) -> str:
    """Where in a configuration the object at some keys stands."""
    return "".join(f"{key}." for key in keys)


def _call(node: Node, config: dict[str, Any]) -> Node:
    """What a body written as a prompt is short for."""
    asked = {name: config[name] for name in LLM_FIELDS if name in config}
    return Node(id=CALL, type="llm", config=asked, timeout=node.timeout, retry=node.retry)
