"""From an author's document to nodes: every spelling settled, every oddity reported.

A node that cannot be read keeps its place in the list, without id or type, so that the places in
findings are those of the author's document.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec

from runfold.errors import RunfoldError
from runfold.graph.definition import Node, OnError, Retry, Strategy
from runfold.graph.findings import Findings
from runfold.graph.kinds import Kind, kind_of
from runfold.graph.kinds.registry import config_fields
from runfold.graph.reading.declarations import read_text
from runfold.graph.reading.edges import read_edges
from runfold.graph.reading.protection import PROTECTIONS, read_protections
from runfold.values.durations import parse_duration
from runfold.values.profiles import PROFILES

T = TypeVar("T")

MAX_NODES = 5000
"""Nodes of one graph: the workflow's, or a loop's body."""
_NODE_KEYS = frozenset(
    (
        *("id", "type", "name", "config", "timeout", "retry", "on_error", "compensate"),
        *("description", "position", "profile", *PROTECTIONS),
    )
)
_RETRY_LIMITS = (("max_attempts", 1, 100), ("backoff", 1, 100), ("jitter", 0, 1))


class _ShortError(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The short `error` object inside a configuration."""

    strategy: Literal["retry", "skip", "abort", "fallback"] = "abort"
    max_retries: int = 3
    retry_delay: Any = 1.0
    fallback_value: Any = None


_STRATEGIES: dict[str, Strategy] = {
    "retry": "fail",
    "abort": "fail",
    "skip": "skip",
    "fallback": "default_value",
}


def read_nodes(documents: Any, path: str, found: Findings) -> tuple[Node, ...]:
    """The nodes of a list of documents, one each."""
    if not isinstance(documents, list):
        found.error("document.nodes", path, "nodes must be a list of nodes")
        return ()
    if len(documents) > MAX_NODES:
        message = f"{len(documents)} nodes, the limit is {MAX_NODES}"
        found.error("graph.too_large", path, message)
        return ()
    return tuple(
        _read_node(document, f"{path}[{index}]", found) for index, document in enumerate(documents)
    )


def _read_node(document: Any, path: str, found: Findings) -> Node:
    if not isinstance(document, dict):
        found.error("document.node", path, "a node must be an object with id and type")
        return Node(id="", type="")
    for key in [key for key in document if key not in _NODE_KEYS]:
        hint = found.nearest(key, _NODE_KEYS)
        found.error("node.unknown_key", f"{path}.{key}", f"a node has no {key!r}", hint)
    fields = {key: value for key, value in document.items() if value is not None}
    node_id = _read_name(fields, "id", path, found)
    type_ = _read_name(fields, "type", path, found)
    kind = _kind_of(type_, fields.get("config"))
    config = _read_config(fields.get("config", {}), kind, f"{path}.config", found)
    retry, on_error = _short_error(config, kind, f"{path}.config.error", found)
    if "retry" in fields:
        retry = _read_retry(fields["retry"], f"{path}.retry", found)
    if "on_error" in fields:
        on_error = _read_on_error(fields["on_error"], f"{path}.on_error", found)
    return Node(
        id=node_id,
        type=kind.type if kind else type_,
        name=read_text(fields, "name", "node.name", path, found),
        config=config,
        timeout=_read_seconds(fields.get("timeout"), f"{path}.timeout", found),
        retry=retry,
        on_error=on_error,
        compensate=_read_compensate(fields.get("compensate"), path, found),
        profile=_read_profile(fields.get("profile"), path, found),
        **read_protections(fields, path, found),
    )


def _kind_of(type_: str, config: Any) -> Kind | None:
    """The kind that a node is, by its type and by what its configuration makes of it."""
    kind = kind_of(type_)
    other = kind.becomes(config) if kind and isinstance(config, dict) else ""
    return kind_of(other) if other else kind


def _read_compensate(value: Any, path: str, found: Findings) -> str:
    if value is None or (isinstance(value, str) and value):
        return value or ""
    message = f"compensate must be the id of the node that undoes this one, not {value!r}"
    found.error("node.compensate", f"{path}.compensate", message)
    return ""


def _read_profile(value: Any, path: str, found: Findings) -> str:
    if value is None or value == "" or value in PROFILES:
        return value or ""
    message = f"unknown profile {value!r}: known are {', '.join(PROFILES)}"
    found.error("node.profile", f"{path}.profile", message)
    return ""


def _read_name(fields: dict[str, Any], key: str, path: str, found: Findings) -> str:
    value = fields.get(key)
    if isinstance(value, str) and value:
        return value
    said = f", not {value!r}" if key in fields else ""
    found.error(f"node.{key}", f"{path}.{key}", f"a node needs {key}: text{said}")
    return ""


def _read_config(value: Any, kind: Kind | None, path: str, found: Findings) -> dict[str, Any]:
    if not isinstance(value, dict):
        found.error("node.config", path, "config must be an object")
        return {}
    config = dict(value)
    if kind is not None:
        config, origins = kind.expand(config)
        for place, (origin, whole) in origins.items():
            written = f"{path.removesuffix('.config')}.{origin}".rstrip(".")
            found.came_from(f"{path}.bodies.{place}", written, whole=whole)
    bodies = kind.bodies(config) if kind else {}
    if kind is None or not kind.inner:
        return config
    config = {key: inner for key, inner in config.items() if inner is not None}
    for keys in bodies.values():
        _read_body(config, keys, path, found)
    return config


def _read_body(config: dict[str, Any], keys: tuple[str, ...], path: str, found: Findings) -> None:
    """A body in its canonical spelling, in place; the objects on the way to it are copied."""
    body = config
    for key in keys:
        body[key] = dict(body[key])
        body = body[key]
        path = f"{path}.{key}"
    if body.get("prompt"):
        # The checks see the model node that this is short for.
        origin = path.removesuffix(".config")
        found.came_from(f"{path}.nodes[0]", origin, whole=bool(keys))
    if "nodes" in body or "edges" in body:
        nodes = read_nodes(body.get("nodes", []), f"{path}.nodes", found)
        edges = read_edges(body.get("edges"), nodes, path, found)
        body["nodes"] = [msgspec.to_builtins(node) for node in nodes]
        body["edges"] = [msgspec.to_builtins(edge) for edge in edges]


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
    fields = {key: inner for key, inner in value.items() if inner is not None}
    for name in [name for name in ("delay", "max_delay") if name in fields]:
        fields[name] = _read_seconds(fields[name], f"{path}.{name}", found) or 0.0
    retry = _converted(fields, Retry, path, found) or Retry()
    for name, low, high in _RETRY_LIMITS:
        if not low <= getattr(retry, name) <= high:
            message = f"{name} must be from {low} to {high}, not {getattr(retry, name)}"
            found.error("node.retry", f"{path}.{name}", message)
    for kind in sorted(set(retry.retry_on) & set(retry.give_up_on)):
        message = f"{kind!r} is in retry_on and in give_up_on: take it out of one"
        found.error("node.retry", f"{path}.give_up_on", message)
    return retry


def _read_on_error(value: Any, path: str, found: Findings) -> OnError:
    if isinstance(value, str):
        value = {"strategy": value}
    return _converted(value, OnError, path, found) or OnError()


def _short_error(
    config: dict[str, Any], kind: Kind | None, path: str, found: Findings
) -> tuple[Retry, OnError]:
    """What `error` in a configuration says, which leaves the configuration by this."""
    if "error" not in config or (kind is not None and "error" in config_fields(kind)):
        return Retry(), OnError()
    value = config.pop("error")
    if value is None:
        return Retry(), OnError()
    value = {"strategy": value} if isinstance(value, str) else value
    short = _converted(value, _ShortError, path, found) or _ShortError()
    retry = Retry()
    if short.strategy == "retry":
        delay = _read_seconds(short.retry_delay, f"{path}.retry_delay", found)
        retry = Retry(max_attempts=short.max_retries + 1, delay=delay or 0.0)
        most = _RETRY_LIMITS[0][2] - 1
        if not 0 <= short.max_retries <= most:
            message = f"max_retries must be from 0 to {most}, not {short.max_retries}"
            found.error("node.retry", f"{path}.max_retries", message)
    return retry, OnError(_STRATEGIES[short.strategy], short.fallback_value)


def _converted(value: Any, kind: type[T], path: str, found: Findings) -> T | None:
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        found.error("node.setting", path + where.rstrip("`"), what)
        return None
