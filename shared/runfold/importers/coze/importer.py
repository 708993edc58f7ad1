"""Reads a canvas of Coze as a definition."""

from __future__ import annotations

from typing import Any

from runfold.graph.layouts import coordinate
from runfold.importers.coze.canvas import COMMENT, START, Block, Canvas, read_canvas
from runfold.importers.coze.fields import at, obj, parsed, plain
from runfold.importers.coze.graph import Assembly
from runfold.importers.coze.shapes import Shape, shape_of
from runfold.importers.draft import Draft, native_id
from runfold.importers.importer import Context, Importer
from runfold.importers.report import Imported

_WIDTH = 240.0
"""Of a comment that does not say how wide it is."""


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
    notes = [block for block in canvas.blocks.values() if block.type == COMMENT]
    if notes:
        draft.definition["origin"] = {"notes": [_kept(one) for one in notes]}
    for one in notes:
        _note(one, canvas, draft)
    return draft.imported()


def _kept(note: Block) -> dict[str, Any]:
    return {"id": note.id, "text": _text(note), "position": note.position}


def _note(note: Block, canvas: Canvas, draft: Draft) -> None:
    """A comment as a note of the canvas; one in a loop counts from the middle of the loop."""
    width, height = (coordinate(obj(note.data.get("size")).get(key)) for key in ("width", "height"))
    around = canvas.blocks[note.parent].position if note.parent else {}
    x, y = (note.position.get(axis, 0.0) + around.get(axis, 0.0) for axis in ("x", "y"))
    draft.note(note.id, _text(note), (x - (width or _WIDTH) / 2, y), (width, height), "")


def _text(note: Block) -> str:
    """The words of a comment, a paragraph a line."""
    written = parsed(note.inputs.get("note"))
    lines = written if isinstance(written, list) else [written]
    return "\n".join("".join(_words(one)) for one in lines)


def _words(value: Any, depth: int = 0) -> list[str]:
    """The text of a comment: blocks of pieces within each other."""
    if depth > 20:  # noqa: PLR2004 -- an editor nests a few
        return []
    if isinstance(value, list):
        return [word for one in value for word in _words(one, depth + 1)]
    text = plain(at(value, "text"))
    return [text] if text else _words(at(value, "children"), depth + 1)


IMPORTER = Importer("coze", recognises, read)
