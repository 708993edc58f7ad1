"""The body of a loop node, as a graph of its own."""

from __future__ import annotations

import msgspec

from runfold.graph.definition import Edge, Node

CALL = "call"
"""Id of the one node of a body written as a prompt."""
_LLM_FIELDS = ("prompt", "model", "system_prompt", "temperature", "max_tokens")


def loop_body(node: Node) -> tuple[tuple[Node, ...], tuple[Edge, ...]] | None:
    """Nodes and edges of a canonical loop node's body; None for any other node."""
    if node.type != "loop":
        return None
    config = node.config
    if config.get("prompt"):
        asked = {name: config[name] for name in _LLM_FIELDS if name in config}
        call = Node(id=CALL, type="llm", config=asked, timeout=node.timeout, retry=node.retry)
        return (call,), ()
    return (
        msgspec.convert(config.get("nodes", []), tuple[Node, ...]),
        msgspec.convert(config.get("edges", []), tuple[Edge, ...]),
    )
