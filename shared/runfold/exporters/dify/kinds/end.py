"""`end` → end: outputs by name, each a reference."""

from __future__ import annotations

from typing import Any

from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import NotMappable, Writing
from runfold.importers.dify.flow import PROFILE

_FORMS = ("outputs", "output", "answer")


def _write(writing: Writing, room: Room) -> None:
    if room.chats and writing.node.profile != PROFILE:
        writing.refuse("outputs", "an app that answers messages has no end node")
    writing.put("outputs", _FORMS, lambda: _outputs(writing, room))


def _outputs(writing: Writing, room: Room) -> list[dict[str, Any]]:
    config = writing.config
    given = config.get("outputs")
    if not isinstance(given, dict):
        given = {name: config[name] for name in ("output", "answer") if name in config}
    if not given and "outputs" not in config:
        message = "Dify's end node names its outputs: write `outputs`"
        raise NotMappable(message)
    return [
        {"variable": name, "value_selector": room.selector(value)} for name, value in given.items()
    ]


KIND = WrittenKind(type="end", write=_write)
