"""`document_extract` → document-extractor."""

from __future__ import annotations

from runfold.exporters.dify.errors import write_errors
from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import Writing


def _write(writing: Writing, room: Room) -> None:
    file = writing.config.get("file")
    writing.put("variable_selector", "file", lambda: room.selector(file))
    write_errors(writing, retries=False)


KIND = WrittenKind(
    type="document-extractor", write=_write, outputs={"text": ("text",), "output": ("text",)}
)
