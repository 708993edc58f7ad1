"""Definitions that are runfold's own already: imported as they are."""

from __future__ import annotations

import re
from typing import Any

from runfold.graph.kinds import kind_of
from runfold.graph.loader import load_workflow
from runfold.importers.draft import native_id
from runfold.importers.importer import Context, Importer
from runfold.importers.report import Imported, Line, status_of

_NODE = re.compile(r"nodes\[(\d+)\]")


def _recognises(document: Any) -> bool:
    nodes = document.get("nodes") if isinstance(document, dict) else None
    return isinstance(nodes, list) and any(
        isinstance(node, dict) and isinstance(node.get("type"), str) and kind_of(node["type"])
        for node in nodes
    )


def _read(document: Any, context: Context) -> Imported:
    definition = dict(document)
    definition.setdefault("id", native_id(context.name) or "imported")
    wrong = _wrong(definition)
    lines = [
        Line(
            str(node.get("id", "")),
            str(node.get("type", "")),
            "unsupported" if at in wrong else "mapped",
            wrong.pop(at, ""),
        )
        for at, node in enumerate(document["nodes"])
        if isinstance(node, dict)
    ]
    lines += [Line("", "document", "unsupported", message) for message in wrong.values()]
    report = tuple(lines)
    return Imported("native", str(definition["id"]), status_of(report), report, (), definition)


def _wrong(definition: dict[str, Any]) -> dict[int | str, str]:
    """Place of a node, or path of anything else → the first error that the checks have of it."""
    found: dict[int | str, str] = {}
    for error in load_workflow(definition).findings:
        if error.level == "error":
            of_node = _NODE.match(error.path)
            found.setdefault(int(of_node[1]) if of_node else error.path, error.message)
    return found


NATIVE = Importer("native", _recognises, _read)
