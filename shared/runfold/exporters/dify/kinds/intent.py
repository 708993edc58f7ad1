"""`intent` → question-classifier."""

from __future__ import annotations

from typing import Any

from runfold.exporters.dify.errors import write_errors
from runfold.exporters.dify.kind import WrittenKind, handle
from runfold.exporters.dify.kinds.models import write_model
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import Writing
from runfold.graph.definition import Node

OUTPUTS = {"class_name": ("class_name",), "class_id": ("class_id",), "usage": ("usage",)}
_OTHER = "other"


def _write(writing: Writing, room: Room) -> None:
    config = writing.config
    write_model(writing)
    writing.put("query_variable_selector", "text", lambda: room.selector(config.get("text")))
    writing.put(
        "classes", "classes", lambda: [_class(one, room) for one in config.get("classes", [])]
    )
    if any(isinstance(one, dict) and one.get("examples") for one in config.get("classes", [])):
        writing.refuse("classes", "classes of Dify have no examples")
    writing.put("instruction", "instructions", lambda: room.text(config.get("instructions", "")))
    if config.get("history"):
        window = config.get("history_window", 10) // 2
        writing.put(
            "memory",
            ("history", "history_window"),
            lambda: {"window": {"enabled": True, "size": window}},
        )
    write_errors(writing, retries=False)


def _class(one: Any, room: Room) -> dict[str, Any]:
    if not isinstance(one, dict):
        return {"id": str(one), "name": str(one)}
    said = room.text(one.get("name") or one["id"])
    about = one.get("description")
    return {"id": handle(one["id"]), "name": f"{said}: {about}" if about else said}


def _handle(node: Node, port: str) -> str:
    classes = node.config.get("classes") or [""]
    if port == _OTHER:  # Dify has no such way out: what is in no class goes on at the first
        first = classes[0]
        port = first["id"] if isinstance(first, dict) else str(first)
    return handle(port)


KIND = WrittenKind(type="question-classifier", write=_write, outputs=OUTPUTS, handle=_handle)
