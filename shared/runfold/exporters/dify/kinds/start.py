"""What begins a run → start: its variables are the inputs of the run."""

from __future__ import annotations

from typing import Any

from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.names import FILES, MESSAGE
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import NotMappable, Writing

_TYPES = {
    "string": "text-input",
    "number": "number",
    "integer": "number",
    "boolean": "checkbox",
    "object": "json_object",
    "file": "file",
    "files": "file-list",
}
_MEDIA = {"image/*": "image", "audio/*": "audio", "video/*": "video"}
_KINDS = ("document", "image", "audio", "video")
_OF_IMPORTS = "trigger"
"""An input that an import adds, where a run can begin in several ways."""


def _write(writing: Writing, room: Room) -> None:
    given = writing.config.get("outputs")
    inputs = room.definition.get("inputs") or {}
    for name, value in (given or {}).items() if isinstance(given, dict) else ():
        if name not in inputs and name not in (MESSAGE, FILES):
            writing.refuse(
                "outputs", f"{name!r} is no input, but {value!r}: Dify begins with inputs"
            )
    writing.put("variables", ("outputs", "#inputs"), lambda: _variables(inputs, room))


def _variables(inputs: dict[str, Any], room: Room) -> list[dict[str, Any]]:
    own = (MESSAGE, FILES) if room.chats else ()
    return [
        _variable(name, one if isinstance(one, dict) else {"type": one})
        for name, one in inputs.items()
        if name not in (*own, _OF_IMPORTS)
    ]


def _variable(name: str, declared: dict[str, Any]) -> dict[str, Any]:
    written = declared.get("type") or "any"
    type_ = _TYPES.get(written)
    if type_ is None:
        message = f"Dify has no input of type {written!r}, as {name!r} is"
        raise NotMappable(message)
    made: dict[str, Any] = {
        "variable": name,
        "label": declared.get("description") or name,
        "type": type_,
        "required": bool(declared.get("required")),
        "options": [],
    }
    if declared.get("enum"):
        made |= {"type": "select", "options": [one for one in declared["enum"] if one]}
    if declared.get("default") is not None:
        made["default"] = declared["default"]
    if type_ in ("file", "file-list"):
        media = [_MEDIA.get(one, "document") for one in declared.get("media_types", ())]
        made["allowed_file_types"] = list(dict.fromkeys(media)) or list(_KINDS)
        made["allowed_file_upload_methods"] = ["local_file", "remote_url"]
    return made


KIND = WrittenKind(type="start", write=_write)
