"""Definitions that are runfold's own already: imported as they are."""

from __future__ import annotations

from typing import Any

from runfold.graph.kinds import kind_of
from runfold.importers.importer import Context, Importer
from runfold.importers.report import Imported, Line


def _recognises(document: Any) -> bool:
    nodes = document.get("nodes") if isinstance(document, dict) else None
    return isinstance(nodes, list) and any(
        isinstance(node, dict) and isinstance(node.get("type"), str) and kind_of(node["type"])
        for node in nodes
    )


def _read(document: Any, context: Context) -> Imported:
    nodes = [node for node in document["nodes"] if isinstance(node, dict)]
    lines = [Line(str(node.get("id", "")), str(node.get("type", "")), "mapped") for node in nodes]
    definition = dict(document)
    definition.setdefault("id", context.name)
    return Imported("native", str(definition["id"]), "complete", tuple(lines), (), definition)


NATIVE = Importer("native", _recognises, _read)
