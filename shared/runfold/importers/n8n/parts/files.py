"""Files of items: tables, JSON and text are steps over items.

Bytes that a store holds, as answers of requests are, are read by a native `document_extract`. The
formats of office programs that neither reads or writes are placeholders to be bound.
"""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.document import Node
from runfold.importers.n8n.parts import services
from runfold.importers.n8n.parts.workflows import results_of
from runfold.importers.n8n.plain import as_text
from runfold.importers.n8n.room import PROFILE, Part, Room, retried

_OFFICE = ("xls", "xlsx", "ods", "rtf")
_READ = ("xlsx",)
"""Formats of office programs that can be read here."""
_TABLES = ("csv", "html", "xlsx")
_BYTES = ("binaryToPropery", "fromIcs")
"""Operations that take the bytes themselves."""
KINDS = ("convertToFile", "extractFromFile", "readPDF", "spreadsheetFile")
"""Types that are made here."""


def make(node: Node, room: Room) -> Part:
    """A step over items, a `document_extract` for each file before it, or a placeholder."""
    operation = as_text(node.parameters.get("operation"))
    if node.kind == "readPDF":
        return _read(node, room, {**node.parameters, "operation": "pdf"})
    reads = node.kind == "extractFromFile"
    if (operation in _OFFICE or _format_of(node) in _OFFICE) and not (reads and operation in _READ):
        return services.make(node, room)
    if reads and operation not in _BYTES:
        return _read(node, room, node.parameters)
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


def _read(node: Node, room: Room, parameters: dict[str, Any]) -> Part:
    """What a store holds is read by a native node, and what is in the items by the step."""
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
    operation = as_text(parameters.get("operation"), "csv")
    reasons = []
    if operation in _TABLES:
        reasons.append("of a table that a store holds, the first sheet is read")
    if operation == "pdf":
        reasons.append("lines of the text may break elsewhere")
    if operation in ("pdf", *_READ):
        reasons.append("a file in the item itself, in base64, is not read")
    result = "approximated" if reasons else "mapped"
    return Part((files, each, collect), result, "; ".join(reasons))  # type: ignore[arg-type]
