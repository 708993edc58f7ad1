"""`answer` → answer."""

from __future__ import annotations

from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import Writing


def _write(writing: Writing, room: Room) -> None:
    if not room.chats:
        writing.refuse("answer", "an app with an end node has no answers")
    writing.put("answer", "answer", lambda: room.text(writing.config.get("answer", "")))


KIND = WrittenKind(type="answer", write=_write, outputs={"answer": ("answer",)})
