"""The shapes in which workflows of n8n are passed on, and how each is taken apart.

{nodes, connections, …}                     an export, or what is copied from the canvas
[{nodes, …}, …]                             an export of several
{workflow: {…}}, {data: {…}}                templates and answers of its API
{name, nodes: [{…, outputs: [names]}]}      as guides write it: see `short_form`
"""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.plain import as_object, as_text, objects_in, storable
from runfold.importers.n8n.short_form import is_short, written_out

_WRAPPERS = ("workflow", "data", "workflowData", "template")
_DEEPEST = 4


def workflows_in(document: Any, depth: int = 0) -> list[dict[str, Any]]:
    """The workflows of a document, each with `nodes` and `connections`; empty if it has none."""
    if isinstance(document, list):
        return _of_list(document, depth)
    if not isinstance(document, dict) or depth > _DEEPEST:
        return []
    written = as_object(document)
    if _is_workflow(written):
        return [storable(written_out(written) if is_short(written) else written)]
    for wrapper in _WRAPPERS:
        if wrapper in written and (inner := workflows_in(written[wrapper], depth + 1)):
            return [_named(inner[0], written), *inner[1:]]
    return []


def _of_list(document: list[Any], depth: int) -> list[dict[str, Any]]:
    if depth > 1:
        return []
    found = [one for entry in document for one in workflows_in(entry, depth + 1)]
    if found or not document:
        return found
    nodes = objects_in(document)
    looks_like_nodes = len(nodes) == len(document) and all(_is_node(node) for node in nodes)
    return [{"nodes": storable(nodes), "connections": {}}] if looks_like_nodes else []


def _named(workflow: dict[str, Any], around: dict[str, Any]) -> dict[str, Any]:
    """A workflow that has no name takes that of what it was wrapped in."""
    if as_text(workflow.get("name")) or not as_text(around.get("name")):
        return workflow
    return {**workflow, "name": around["name"]}


def _is_workflow(written: dict[str, Any]) -> bool:
    nodes = written.get("nodes")
    if not isinstance(nodes, list):
        return False
    if any(key in written for key in ("edges", "graph", "schema_version", "kind", "app")):
        return False
    members = objects_in(nodes)
    if "connections" in written and isinstance(written["connections"], dict | None):
        return not members or any("type" in node or "name" in node for node in members)
    return bool(members) and (any(_is_node(node) for node in members) or is_short(written))


def _is_node(node: dict[str, Any]) -> bool:
    """Whether something is a node of n8n by itself, as in a pasted fragment."""
    type_ = as_text(node.get("type"))
    has_package = "." in type_ and ("nodes-" in type_ or type_.startswith("@"))
    return has_package or ("typeVersion" in node and "parameters" in node)
