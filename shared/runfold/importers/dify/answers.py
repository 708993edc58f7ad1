"""Answers inside containers: what a run says there is a part of its answer in Dify.

Here a run's answer is that of its own `answer` nodes. So where a container has some, a variable
gathers what all of them say, and an `end` node that runs last gives it. They are still sent as they
come.
"""

from __future__ import annotations

from collections.abc import Iterator

from runfold.importers.dify.flow import PROFILE, Flow, Node, edge

Edges = list[dict[str, str]]


def gather(flow: Flow, nodes: list[Node], edges: Edges) -> None:
    """Add, in place, what gathers answers, if any stands in a container."""
    if not any(_answers_in(node) for node in nodes):
        return
    said = flow.draft.fresh_id("said")
    flow.draft.definition.setdefault("variables", {})[said] = ""
    led_on = {(one["source"], one.get("port", "out")) for one in edges}
    open_ends = [
        way
        for made in flow.made.values()
        for ways in (made.exits.values() if made else ())
        for way in ways
        if way not in led_on
    ]
    own = {node["id"] for node in nodes}
    finished = {node["id"] for node in nodes if node["type"] == "end"}
    moved = _keep(flow, said, nodes, edges)
    last = flow.draft.fresh_id("answered")
    output = {"answer": "{{" + said + "}}"}
    nodes.append({"id": last, "type": "end", "config": {"outputs": output}, "profile": PROFILE})
    for node_id, port in dict.fromkeys(open_ends):
        if node_id in own and node_id not in finished:
            edges.append(edge(moved.get(node_id, node_id), last, port))


def _answers_in(node: Node) -> bool:
    inner = node["config"].get("nodes")
    return isinstance(inner, list) and any(
        one["type"] == "answer" or _answers_in(one) for one in inner
    )


def _keep(flow: Flow, said: str, nodes: list[Node], edges: Edges) -> dict[str, str]:
    """Put a node after each answer that adds it to the variable; `{answer: that node}`."""
    moved: dict[str, str] = {}
    for node in list(nodes):
        if node["type"] == "answer":
            keeper = moved[node["id"]] = flow.draft.fresh_id(f"{node['id']}_said")
            flow.owners[keeper] = _source_of(flow, node["id"])
            text = "{{" + f"{node['id']}.answer" + "}}"
            change = {"variable": said, "operation": "+=", "value": text}
            config = {"assignments": [change]}
            nodes.append({"id": keeper, "type": "assign", "config": config, "profile": PROFILE})
    for one in edges:
        one["source"] = moved.get(one["source"], one["source"])
    edges += [edge(answer, keeper) for answer, keeper in moved.items()]
    for body in _bodies(nodes):
        _keep(flow, said, body["nodes"], body["edges"])
    return moved


def _bodies(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        if node["type"] in ("iteration", "loop"):
            yield node["config"]


def _source_of(flow: Flow, node_id: str) -> str:
    return next((source for source, native in flow.draft.ids.items() if native == node_id), node_id)
