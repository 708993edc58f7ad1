"""`template` → template-transform."""

from __future__ import annotations

from runfold.exporters.dify.errors import write_errors
from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import Writing


def _write(writing: Writing, room: Room) -> None:
    template = writing.config.get("template", "")
    writing.put("template", "template", lambda: room.jinja(template)[0])
    writing.put("variables", "template", lambda: room.jinja(template)[1])
    write_errors(writing)


KIND = WrittenKind(type="template-transform", write=_write, outputs={"output": ("output",)})
