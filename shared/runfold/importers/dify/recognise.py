"""Whether a document is an export of Dify, by what is in it."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.apps import MODES
from runfold.importers.dify.node_types import CONTAINERS, REAL, type_of
from runfold.importers.dify.printed import recognises_printed
from runfold.importers.dify.reading import list_at, object_at, text_at

_GRAPHS = ("workflow", "advanced-chat")
_LOOKED_AT = 20


def recognises(document: Any) -> bool:
    """Whether a document is one of Dify."""
    if not isinstance(document, dict):
        return False
    app, workflow = object_at(document, "app"), object_at(document, "workflow")
    if object_at(workflow, "graph"):
        return True
    if text_at(app, "mode") in (*_GRAPHS, *MODES, "rag-pipeline"):
        return bool(workflow or object_at(document, "model_config") or "kind" in document)
    if "workflow" in document or "app" in document:
        return _is_graph(workflow)
    is_graph = _is_graph(object_at(document, "graph")) or _is_graph(document)
    return is_graph or recognises_printed(document)


def mode_of(document: dict[str, Any]) -> str:
    """The mode of a document: as it says, or as its nodes do."""
    written = text_at(object_at(document, "app"), "mode").strip().lower()
    if written in (*_GRAPHS, *MODES):
        return written
    if not written and object_at(document, "model_config") and "workflow" not in document:
        return "chat"
    graph = object_at(object_at(document, "workflow"), "graph") or object_at(document, "graph")
    types = {
        text_at(object_at(one, "data"), "type")
        for one in list_at(graph or document, "nodes")
        if isinstance(one, dict)
    }
    return "advanced-chat" if "answer" in types and "end" not in types else "workflow"


def _is_graph(graph: dict[str, Any]) -> bool:
    """Whether an object has nodes as Dify writes them."""
    entries = [one for one in list_at(graph, "nodes") if isinstance(one, dict)][:_LOOKED_AT]
    return bool(entries) and 2 * sum(map(_is_node, entries)) >= len(entries)


def _is_node(entry: dict[str, Any]) -> bool:
    data = object_at(entry, "data")
    written = text_at(data, "type")
    if written:
        return bool(type_of(written)[0]) or "title" in data
    return bool(data) and "position" in entry and text_at(entry, "type") in (*REAL, *CONTAINERS)
