"""`break` → loop-end."""

from __future__ import annotations

from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import Writing


def _write(writing: Writing, room: Room) -> None:
    around = next(room.flat.around(room.node.id), None)
    if around is None or around.type != "loop":
        writing.refuse("@type", "Dify leaves loops alone")


KIND = WrittenKind(type="loop-end", write=_write)
