"""From an author's document to nodes and edges: every spelling settled, every oddity reported."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.errors import RunfoldError
from runfold.graph.definition import OUT, Edge, Node, OnError, Retry
from runfold.graph.durations import parse_duration
from runfold.graph.findings import Findings, nearest
from runfold.graph.kinds import kind_of
from runfold.graph.kinds.human_review import APPROVED

_NODE_KEYS = frozenset(
    ("id", "type", "name", "config", "timeout", "retry", "on_error", "description", "position")
)
_EDGE_KEYS = {
    "source": "source",
    "from": "source",
    "target": "target",
    "to": "target",
    "port": "port",
    "condition": "port",
    "sourcePort": "port",
    "source_port": "port",
    "id": "",
}
_SHORT_STRATEGIES = {
    "retry": "fail",
    "abort": "fail",
    "skip": "skip",
    "fallback": "default_value",
}


def read_nodes(documents: Any, path: str, found: Findings) -> tuple[Node, ...]:
    """The nodes of a list of documents; those that cannot be read at all are left out."""
    if not isinstance(documents, list):
        found.error("document.nodes", path, "nodes must be a list of nodes")
        return ()
    nodes = []
    for index, document in enumerate(documents):
        node = _read_node(document, f"{path}[{index}]", found)
        if node is not None:
            nodes.append(node)
    return tuple(nodes)


def _read_node(document: Any, path: str, found: Findings) -> Node | None:
    if not isinstance(document, dict):
        found.error("document.node", path, "a node must be an object with id and type")
        return None
    fields = dict(document)
    for key in [key for key in fields if key not in _NODE_KEYS]:
        hint = nearest(str(key), _NODE_KEYS)
        found.error("node.unknown_key", f"{path}.{key}", f"a node has no {key!r}", hint)
    node_id, type_ = fields.get("id"), fields.get("type")
    if not isinstance(node_id, str) or not node_id:
        found.error("node.id", f"{path}.id", "a node needs an id")
        return None
    if not isinstance(type_, str) or not type_:
        found.error("node.type", f"{path}.type", f"node {node_id!r} needs a type")
        return None
    config = fields.get("config") or {}
    if not isinstance(config, dict):
        found.error("node.config", f"{path}.config", f"config of {node_id!r} must be an object")
        config = {}
    kind = kind_of(type_)
    config = dict(config)
    retry, on_error = _short_error(config.pop("error", None), f"{path}.config.error", found)
    if "retry" in fields:
        retry = _read_retry(fields["retry"], f"{path}.retry", found)
    if "on_error" in fields:
        on_error = _read_on_error(fields["on_error"], f"{path}.on_error", found)
    if kind is not None and kind.type == "loop" and config.get("nodes"):
        config = _read_body(config, f"{path}.config", found)
    return Node(
        id=node_id,
        type=kind.type if kind else type_,
        name=str(fields.get("name") or ""),
        config=config,
        timeout=_read_seconds(fields.get("timeout"), f"{path}.timeout", found),
        retry=retry,
        on_error=on_error,
    )


def _read_body(config: dict[str, Any], path: str, found: Findings) -> dict[str, Any]:
    nodes = read_nodes(config["nodes"], f"{path}.nodes", found)
    edges = read_edges(config.get("edges"), nodes, path, found)
    body = {"nodes": msgspec.to_builtins(nodes), "edges": msgspec.to_builtins(edges)}
    return {**config, **body}


def _read_seconds(value: Any, path: str, found: Findings) -> float | None:
    if value is None:
        return None
    try:
        return parse_duration(value)
    except RunfoldError as error:
        found.error("duration.invalid", path, str(error))
        return None


def _read_retry(value: Any, path: str, found: Findings) -> Retry:
    if not isinstance(value, dict):
        found.error("node.retry", path, "retry must be an object")
        return Retry()
    fields = dict(value)
    for name in ("delay", "max_delay"):
        if name in fields:
            fields[name] = _read_seconds(fields[name], f"{path}.{name}", found) or 0.0
    retry = _converted(fields, Retry, path, found) or Retry()
    limits = (("max_attempts", 1, 100), ("backoff", 1, 100), ("jitter", 0, 1))
    for name, low, high in limits:
        if not low <= getattr(retry, name) <= high:
            message = f"{name} must be from {low} to {high}, not {getattr(retry, name)}"
            found.error("node.retry", f"{path}.{name}", message)
    return retry


def _read_on_error(value: Any, path: str, found: Findings) -> OnError:
    if isinstance(value, str):
        value = {"strategy": value}
    return _converted(value, OnError, path, found) or OnError()


def _short_error(value: Any, path: str, found: Findings) -> tuple[Retry, OnError]:
    """The short `error` object inside a configuration: strategy, max_retries, retry_delay."""
    if value is None:
        return Retry(), OnError()
    if not isinstance(value, dict) or value.get("strategy", "abort") not in _SHORT_STRATEGIES:
        hint = f"strategies are: {', '.join(sorted(_SHORT_STRATEGIES))}"
        found.error("node.error", path, "error must be an object with a known strategy", hint)
        return Retry(), OnError()
    strategy = value.get("strategy", "abort")
    retries = value.get("max_retries", 3) if strategy == "retry" else 0
    delay = _read_seconds(value.get("retry_delay", 1.0), f"{path}.retry_delay", found)
    retry = Retry(max_attempts=int(retries) + 1, delay=delay or 0.0)
    on_error = OnError(_SHORT_STRATEGIES[strategy], value.get("fallback_value"))  # type: ignore[arg-type]  # the table holds strategies
    return retry, on_error


def _converted(value: Any, kind: Any, path: str, found: Findings) -> Any:
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        found.error("node.setting", path + where.rstrip("`"), what)
        return None


def read_edges(
    documents: Any, nodes: tuple[Node, ...], path: str, found: Findings
) -> tuple[Edge, ...]:
    """The edges as written, or, when none are written, as the order of the nodes implies.

    Where a condition names its `true_next` and `false_next`, those are edges too.
    """
    edges: list[Edge] = []
    written = documents is not None
    if written and not isinstance(documents, list):
        found.error("document.edges", f"{path}.edges".lstrip("."), "edges must be a list")
    by_id = {node.id: node for node in nodes}
    for index, document in enumerate(documents if isinstance(documents, list) else ()):
        edge = _read_edge(document, by_id, f"{path}.edges[{index}]".lstrip("."), found)
        if edge is not None:
            edges.append(edge)
    branches = _named_branches(nodes, edges)
    edges += branches
    if not written:
        edges += _implied(nodes, branches)
        for edge in edges:
            found.info(
                "edge.inferred",
                f"{path}.edges".lstrip("."),
                f"{edge.source} → {edge.target}" + (f" at {edge.port}" if edge.port != OUT else ""),
            )
    return tuple(edges)


def _read_edge(document: Any, by_id: dict[str, Node], path: str, found: Findings) -> Edge | None:
    if not isinstance(document, dict):
        found.error("document.edge", path, "an edge must be an object with source and target")
        return None
    fields: dict[str, Any] = {}
    for key, value in document.items():
        if key not in _EDGE_KEYS:
            hint = nearest(str(key), _EDGE_KEYS)
            found.error("edge.unknown_key", f"{path}.{key}", f"an edge has no {key!r}", hint)
        elif value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            fields[_EDGE_KEYS[key]] = text
    for name in ("source", "target"):
        if name not in fields:
            found.error(f"edge.{name}", f"{path}.{name}", f"an edge needs a {name}")
    if "source" not in fields or "target" not in fields:
        return None
    source = by_id.get(fields["source"])
    is_review = source is not None and source.type == "human_review"
    port = fields.get("port") or (APPROVED if is_review else OUT)
    return Edge(fields["source"], fields["target"], port)


def _named_branches(nodes: tuple[Node, ...], edges: list[Edge]) -> list[Edge]:
    """Edges for `true_next` and `false_next`, which leave the configuration by this."""
    present = {(edge.source, edge.port) for edge in edges}
    named = []
    for node in nodes:
        for key, port in (("true_next", "true"), ("false_next", "false")):
            target = node.config.pop(key, None) if node.type == "condition" else None
            if target and (node.id, port) not in present:
                named.append(Edge(node.id, str(target), port))
    return named


def _implied(nodes: tuple[Node, ...], branches: list[Edge]) -> list[Edge]:
    """Each node leads to the next listed one that is no branch's target."""
    targets = {edge.target for edge in branches}
    branching = {edge.source for edge in branches}
    edges = []
    for index, node in enumerate(nodes):
        if node.id in branching or node.type == "end":
            continue
        follower = next((other for other in nodes[index + 1 :] if other.id not in targets), None)
        if follower is not None:
            port = APPROVED if node.type == "human_review" else OUT
            edges.append(Edge(node.id, follower.id, port))
    return edges
