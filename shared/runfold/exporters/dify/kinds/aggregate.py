"""`aggregate` → variable-aggregator."""

from __future__ import annotations

from typing import Any

from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import Writing
from runfold.graph.definition import Node
from runfold.importers.dify.flow import Path


def _write(writing: Writing, room: Room) -> None:
    config = writing.config
    if config.get("mode", "first") != "first":
        writing.refuse("mode", "Dify gives the first value that there is")
    writing.use("mode")
    groups = config.get("groups")
    if groups:
        writing.put("advanced_settings", "groups", lambda: _groups(groups, room))
        return
    writing.put("variables", "values", lambda: _selectors(config.get("values", []), room))
    writing.data["output_type"] = "any"


def _groups(groups: dict[str, Any], room: Room) -> dict[str, Any]:
    written = [
        {"group_name": name, "output_type": "any", "variables": _selectors(values, room)}
        for name, values in groups.items()
    ]
    return {"group_enabled": True, "groups": written}


def _selectors(values: list[Any], room: Room) -> list[list[str]]:
    return [room.selector(one) for one in values if one is not None]


def _spell(node: Node, path: Path) -> Path | None:
    groups = node.config.get("groups")
    if isinstance(groups, dict) and path[0] in groups:
        return (path[0], "output", *path[1:])
    return path if path[0] == "output" else None


KIND = WrittenKind(type="variable-aggregator", write=_write, spell=_spell)
