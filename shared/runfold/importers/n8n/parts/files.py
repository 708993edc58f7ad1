"""Files of items: tables, JSON and text are steps over items; PDF is read by `document_extract`.

What neither reads or writes, the formats of office programs, is a placeholder to be bound.
"""

from __future__ import annotations

import json
from typing import Any

from runfold.importers.n8n.document import Node
from runfold.importers.n8n.parts import services
from runfold.importers.n8n.parts.workflows import results_of
from runfold.importers.n8n.plain import as_text, is_expression
from runfold.importers.n8n.room import PROFILE, Part, Room, retried

_OFFICE = ("xls", "xlsx", "ods", "rtf")
KINDS = ("convertToFile", "extractFromFile", "readPDF", "spreadsheetFile")
"""Types that are made here."""


def make(node: Node, room: Room) -> Part:
    """A step over items, a `document_extract` for each, or a placeholder."""
    operation = as_text(node.parameters.get("operation"))
    if node.kind == "readPDF" or (node.kind == "extractFromFile" and operation == "pdf"):
        return _of_pdf(node, room)
    if operation in _OFFICE or _format_of(node) in _OFFICE:
        return services.make(node, room)
    reason = ""
    if node.kind == "spreadsheetFile" and operation != "toFile":
        reason = "reads CSV and HTML; files of office programs fail"
    return Part((retried(node, room.items(node, node.kind)),), reason=reason)


def _format_of(node: Node) -> str:
    """The format that Spreadsheet File names; the one where it names none."""
    if node.kind != "spreadsheetFile":
        return ""
    writes = as_text(node.parameters.get("operation")) == "toFile"
    return as_text(node.parameters.get("fileFormat"), "xls" if writes else "")


def _of_pdf(node: Node, room: Room) -> Part:
    name = as_text(node.parameters.get("binaryPropertyName"), "data")
    if is_expression(name):
        return services.make(node, room)
    at = f"$binary[{json.dumps(name)}]"
    wanted = {"file": f"={{{{ {at}?.file ?? {at} }}}}"}
    asked = room.items(node, "resolve", wanted, node_id=room.step_id(node, "asked"))
    read: dict[str, Any] = {
        "id": room.step_id(node, "read"),
        "type": "document_extract",
        "profile": PROFILE,
        "name": f"{node.title}: text",
        "config": {"file": "{{item.file}}"},
    }
    found = {"text": "{{" + read["id"] + ".text}}", "info": "{{" + read["id"] + ".metadata}}"}
    each = room.each(node, "{{" + asked["id"] + ".resolved}}", read, found)
    collect = room.items(node, "collect", {}, results=results_of(each))
    reason = "`document_extract` reads the text: its lines may break elsewhere; a file in the item "
    reason += "itself, in base64, is not read"
    return Part((asked, each, collect), "approximated", reason)
