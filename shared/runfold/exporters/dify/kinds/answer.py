"""`answer` → answer; beside an end node, with which no app answers, → template-transform."""

from __future__ import annotations

from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import Writing


def _write(writing: Writing, room: Room) -> None:
    writing.put("answer", "answer", lambda: room.text(writing.config.get("answer", "")))


def _text(writing: Writing, room: Room) -> None:
    template = writing.config.get("answer", "")
    writing.put("template", "answer", lambda: room.jinja(template)[0])
    writing.put("variables", "answer", lambda: room.jinja(template)[1])
    writing.said.append("an app with an end node has no answers: it is a text here")


KIND = WrittenKind(type="answer", write=_write, outputs={"answer": ("answer",)})
TEXT = WrittenKind(
    type="template-transform",
    write=_text,
    outputs={"answer": ("output",), "output": ("output",)},
)
