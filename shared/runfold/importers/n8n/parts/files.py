"""Files: what is in them. Bytes that a store holds are read by a native `document_extract`."""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.document import Node
from runfold.importers.n8n.parts.workflows import results_of
from runfold.importers.n8n.plain import as_text
from runfold.importers.n8n.room import PROFILE, Part, Room, retried

_OWN = ("binaryToPropery", "fromIcs")
"""Operations that take the bytes themselves."""


def extract(node: Node, room: Room) -> Part:
    """Extract From File: a native node reads what a store holds, the operation all else."""
    operation = as_text(node.parameters.get("operation"), "csv")
    if operation in _OWN:
        return Part((retried(node, room.items(node, "extractFromFile")),))
    return _read(node, room, node.parameters)


def pdf(node: Node, room: Room) -> Part:
    """Read PDF, as Extract From File does it."""
    return _read(node, room, {**node.parameters, "operation": "pdf"})


def _read(node: Node, room: Room, parameters: dict[str, Any]) -> Part:
    files = room.items(node, "filesOf", parameters, node_id=room.step_id(node, "files"))
    stored, read = room.step_id(node, "stored"), room.step_id(node, "read")
    condition = {"left": "{{item.json.file}}", "operator": "not_empty"}
    call = {
        "id": stored,
        "type": "condition",
        "profile": PROFILE,
        "config": {"condition": condition},
    }
    output = {key: "{{" + f"{read}.{key}" + "}}" for key in ("text", "pages", "metadata")}
    each = room.each(node, "{{" + files["id"] + ".items}}", call, output)
    reader = {
        "id": read,
        "type": "document_extract",
        "name": f"{node.title}: read",
        "config": {"file": "{{item.json.file}}"},
    }
    each["config"]["nodes"] = [call, retried(node, reader)]
    each["config"]["edges"] = [{"source": stored, "target": read, "port": "true"}]
    collect = room.items(node, "extractFromFile", parameters, results=results_of(each))
    tables = as_text(parameters.get("operation"), "csv") in ("csv", "html", "xls", "xlsx", "ods")
    reason = "of a table that a store holds, the first sheet is read" if tables else ""
    return Part((files, each, collect), "approximated" if tables else "mapped", reason)
