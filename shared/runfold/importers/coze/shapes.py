"""The shapes in which canvases of Coze come, recognised by their keys.

- the canvas itself: `{nodes, edges, versions}`
- what the clipboard holds: `{type: coze-workflow-clipboard-data, json: {nodes, edges}}`
- the YAML of the hosted product: `{schema_version, nodes, edges}`, nodes with `parameters`
- an exported file: `{type: coze-workflow-export-data, json: …}`
- what an API or a collection of templates gives: an object with the canvas as an object or as text
  under `schema`, `canvas`, `schema_json`, `workflow` or `data`, and a name beside it
"""

from __future__ import annotations

from typing import Any, NamedTuple

from runfold.importers.coze.fields import obj, parsed, plain, rows
from runfold.importers.coze.written import canvas_of, is_written

_AROUND = ("json", "schema", "schema_json", "canvas", "workflow", "data", "content", "draft")
_NAMES = ("name", "title", "workflow_name")
_IDS = ("workflow_id", "workflowId", "id")
_DEEPEST = 4
_OWN_TYPES = ("coze-workflow-clipboard-data", "coze-workflow-export-data")


class Shape(NamedTuple):
    """A canvas, and what stands beside it."""

    canvas: dict[str, Any]
    name: str = ""
    id: str = ""


def shape_of(document: Any, depth: int = 0) -> Shape | None:
    """The canvas in a document; None when there is none."""
    if not isinstance(document, dict) or depth > _DEEPEST:
        return None
    if is_written(document):
        return Shape(canvas_of(document), _first(document, _NAMES), _first(document, _IDS))
    if _is_canvas(document):
        return Shape(document, _first(document, _NAMES), _first(document, _IDS))
    for key in _AROUND:
        inner = document.get(key)
        found = shape_of(parsed(inner) if isinstance(inner, str) else inner, depth + 1)
        if found is not None:
            source = obj(document.get("source"))
            name = found.name or _first(document, _NAMES)
            return Shape(
                found.canvas, name, found.id or _first(document, _IDS) or _first(source, _IDS)
            )
    if document.get("type") in _OWN_TYPES:
        return Shape({"nodes": [], "edges": []})
    return None


def _is_canvas(document: dict[str, Any]) -> bool:
    """Whether nodes have what those of Coze have: a number as type and their settings in `data`."""
    nodes = rows(document.get("nodes"))
    typed = [node for node in nodes if plain(node.get("type")).isascii()]
    numbered = [node for node in typed if plain(node.get("type")).isdigit()]
    shaped = [node for node in numbered if isinstance(node.get("data"), dict) or "blocks" in node]
    edges = rows(document.get("edges"))
    has_edges = any("sourceNodeID" in edge or "targetNodeID" in edge for edge in edges)
    has_versions = isinstance(document.get("versions"), dict)
    if not isinstance(document.get("nodes"), list):
        return False
    return bool(shaped) or (has_edges and not _is_other(nodes)) or (has_versions and not nodes)


def _is_other(nodes: list[dict[str, Any]]) -> bool:
    return any("key" in node or "parameters" in node for node in nodes)


def _first(document: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((plain(document.get(key)) for key in keys if plain(document.get(key))), "")
