"""Pinning the plugins of a workflow: a run calls the documents that were the newest as it began."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from runfold.errors import NotFound, Undecodable
from runfold.graph.bodies import inside
from runfold.graph.definition import Node, Workflow
from runfold.graph.kinds import kind_of
from runfold.openapi.plugin_names import reference_for
from runfold.plugins.store import PluginStore
from runfold.values.references import is_computed


def plugins_of(workflow: Workflow) -> tuple[str, ...]:
    """The plugins that a workflow names without a version, those of its parts included."""
    return tuple(dict.fromkeys(name for _, name in _named(workflow, "")))


async def pinned_plugins(
    store: PluginStore, workflow: Workflow, names: tuple[str, ...]
) -> dict[str, str]:
    """Name → the reference to its newest version.

    Raises:
        NotFound: One is not stored; says which node wants it.
    """
    found: dict[str, str] = {}
    for name in names:
        try:
            _, version = await store.find(name)
        except (NotFound, Undecodable) as error:
            place = next((one for one, wanted in _named(workflow, "") if wanted == name), "")
            message = f"{place}: {error.message}"
            raise NotFound(message, code="plugin.not_found", details={"path": place}) from error
        found[name] = reference_for(name, version.sha256)
    return found


def with_plugins(workflow: Workflow, pinned: dict[str, str]) -> Workflow:
    """The workflow with the versions of its plugins in it."""
    return replace(
        workflow,
        nodes=tuple(_pinned_node(node, pinned) for node in workflow.nodes),
        workflows={name: with_plugins(part, pinned) for name, part in workflow.workflows.items()},
    )


def _named(workflow: Workflow, prefix: str) -> Iterator[tuple[str, str]]:
    for index, node in enumerate(workflow.nodes):
        yield from _in_node(node.type, node.config, f"{prefix}nodes[{index}].config")
    for name, part in workflow.workflows.items():
        yield from _named(part, f"{prefix}workflows.{name}.")


def _in_node(kind: Any, config: Any, place: str) -> Iterator[tuple[str, str]]:
    if not isinstance(config, dict):
        return
    if kind == "plugin" and _is_open(config.get("plugin")):
        yield f"{place}.plugin", config["plugin"]
    for keys, nodes in _bodies(kind, config):
        for index, node in enumerate(nodes):
            if isinstance(node, dict):
                at = f"{place}.{'.'.join((*keys, ''))}nodes[{index}].config"
                yield from _in_node(node.get("type"), node.get("config"), at)


def _bodies(kind: Any, config: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """The nodes of a composite's bodies, and the keys to the object that has them."""
    known = kind_of(kind) if isinstance(kind, str) else None
    for keys in known.bodies(config).values() if known else ():
        here = inside(config, keys)
        if here is not None and isinstance(here.get("nodes"), list):
            yield keys, here["nodes"]


def _pinned_node(node: Node, pinned: dict[str, str]) -> Node:
    config = _pinned_config(node.type, node.config, pinned)
    return node if config is node.config else replace(node, config=config)


def _pinned_config(kind: Any, config: dict[str, Any], pinned: dict[str, str]) -> dict[str, Any]:
    if not any(True for _ in _in_node(kind, config, "")):
        return config
    changed = dict(config)
    if kind == "plugin":
        changed |= _reference(config, pinned)
    for keys, nodes in _bodies(kind, config):
        changed = _with_nodes(changed, keys, [_pinned_inner(one, pinned) for one in nodes])
    return changed


def _pinned_inner(node: Any, pinned: dict[str, str]) -> Any:
    if not isinstance(node, dict) or not isinstance(node.get("config"), dict):
        return node
    return {**node, "config": _pinned_config(node.get("type"), node["config"], pinned)}


def _with_nodes(config: dict[str, Any], keys: tuple[str, ...], nodes: list[Any]) -> dict[str, Any]:
    """The configuration with other nodes in the object at some keys of it."""
    if not keys:
        return {**config, "nodes": nodes}
    return {**config, keys[0]: _with_nodes(config[keys[0]], keys[1:], nodes)}


def _reference(config: dict[str, Any], pinned: dict[str, str]) -> dict[str, Any]:
    name = config.get("plugin")
    return {"plugin": pinned[name]} if _is_open(name) and name in pinned else {}


def _is_open(name: Any) -> bool:
    return isinstance(name, str) and bool(name) and "@" not in name and not is_computed(name)
