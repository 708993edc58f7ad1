"""Reads a canvas of Coze as a definition."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze.canvas import COMMENT, START, Canvas, read_canvas
from runfold.importers.coze.fields import at, parsed, plain
from runfold.importers.coze.graph import Assembly
from runfold.importers.coze.shapes import Shape, shape_of
from runfold.importers.draft import Draft, native_id
from runfold.importers.importer import Context, Importer
from runfold.importers.report import Imported


def recognises(document: Any) -> bool:
    """Whether a document holds a canvas of Coze."""
    return shape_of(document) is not None


def read(document: Any, context: Context) -> Imported:
    """The canvas of a document as a definition, with a line for each of its nodes."""
    shape = shape_of(document) or Shape({})
    canvas = read_canvas(shape.canvas)
    called = context.callable.get(shape.id) or native_id(shape.name) or native_id(shape.id)
    starts = [block for block in canvas.blocks.values() if block.type == START]
    taken = tuple(plain(one.get("name")) for block in starts for one in block.outputs)
    name = shape.name or context.name
    draft = Draft("coze", called or native_id(context.name), name, taken)
    for block in canvas.blocks.values():
        draft.id_of(block.id)
    nodes, edges = Assembly(canvas, draft, context).scope()
    told = {line.node for line in draft.lines}
    for block in canvas.blocks.values():
        if block.id not in told:
            why = "never runs: what it is inside of does not; it is kept in the original"
            draft.line(block.id, block.type, "mapped", why)
    for block_id, type_, why in canvas.broken:
        draft.line(block_id, type_, "approximated", f"{why}: it is left out")
    if not nodes:
        nothing = {"id": draft.fresh_id("nothing"), "type": "values", "config": {"outputs": {}}}
        nodes = [nothing]
    draft.definition |= {"nodes": nodes, "edges": edges}
    notes = _notes(canvas)
    if notes:
        draft.definition["origin"] = {"notes": notes}
    return draft.imported()


def _notes(canvas: Canvas) -> list[dict[str, Any]]:
    notes = []
    for block in canvas.blocks.values():
        if block.type == COMMENT:
            text = "".join(_words(parsed(block.inputs.get("note"))))
            notes.append({"id": block.id, "text": text, "position": block.position})
    return notes


def _words(value: Any, depth: int = 0) -> list[str]:
    """The text of a comment: blocks of pieces within each other."""
    if depth > 20:  # noqa: PLR2004 -- an editor nests a few
        return []
    if isinstance(value, list):
        return [word for one in value for word in _words(one, depth + 1)]
    text = plain(at(value, "text"))
    return [text] if text else _words(at(value, "children"), depth + 1)


IMPORTER = Importer("coze", recognises, read)
