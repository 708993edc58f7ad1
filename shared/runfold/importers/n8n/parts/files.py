"""Files of items: tables, workbooks, JSON and text are steps over items.

PDF is read by a native `document_extract`. Formats of office programs that are not read or written
here are placeholders to be bound.
"""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.document import Node
from runfold.importers.n8n.parts import services
from runfold.importers.n8n.parts.workflows import results_of
from runfold.importers.n8n.plain import as_text
from runfold.importers.n8n.room import PROFILE, Part, Room, retried

_OFFICE = ("xls", "ods", "rtf")
"""Formats of office programs that are neither read nor written here."""
KINDS = ("convertToFile", "extractFromFile", "iCal", "readPDF", "spreadsheetFile")
"""Types that are made here."""


def make(node: Node, room: Room) -> Part:
    """A step over items; for PDF a `document_extract` before it; or a placeholder."""
    operation = as_text(node.parameters.get("operation"))
    if node.kind == "iCal":
        event = {"title": "", **node.parameters, "operation": "iCal"}
        return Part((retried(node, room.items(node, "convertToFile", event)),))
    if node.kind == "readPDF" or (node.kind == "extractFromFile" and operation == "pdf"):
        return _read(node, room, {**node.parameters, "operation": "pdf"})
    if operation in _OFFICE or _format_of(node) in _OFFICE:
        return services.make(node, room)
    reason = ""
    if node.kind == "spreadsheetFile" and operation != "toFile":
        reason = "reads CSV, HTML and XLSX; other files of office programs fail"
    return Part((retried(node, room.items(node, node.kind)),), reason=reason)


def _format_of(node: Node) -> str:
    """The format that Spreadsheet File names; the one where it names none."""
    if node.kind != "spreadsheetFile":
        return ""
    writes = as_text(node.parameters.get("operation")) == "toFile"
    return as_text(node.parameters.get("fileFormat"), "xls" if writes else "")


def _read(node: Node, room: Room, parameters: dict[str, Any]) -> Part:
    """What a store holds is read by a native node, and made items by the step."""
    files = room.items(node, "filesOf", parameters, node_id=room.step_id(node, "files"))
    stored, read = room.step_id(node, "stored"), room.step_id(node, "read")
    condition = {"left": "{{item.json.file}}", "operator": "not_empty"}
    choice: dict[str, Any] = {
        "id": stored,
        "type": "condition",
        "profile": PROFILE,
        "config": {"condition": condition},
    }
    reader = {
        "id": read,
        "type": "document_extract",
        "name": f"{node.title}: read",
        "config": {"file": "{{item.json.file}}"},
    }
    output = {key: "{{" + f"{read}.{key}" + "}}" for key in ("text", "pages", "metadata")}
    each = room.each(node, "{{" + files["id"] + ".items}}", choice, output)
    each["config"]["nodes"] = [choice, retried(node, reader)]
    each["config"]["edges"] = [{"source": stored, "target": read, "port": "true"}]
    collect = room.items(node, "extractFromFile", parameters, results=results_of(each))
    reason = "lines of the text may break elsewhere; a file in the item itself is not read"
    return Part((files, each, collect), "approximated", reason)
