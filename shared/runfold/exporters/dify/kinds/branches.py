"""`selector` and `condition` → if-else."""

from __future__ import annotations

from typing import Any

from runfold.exporters.dify.conditions import group_of
from runfold.exporters.dify.kind import WrittenKind, handle
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import Writing
from runfold.graph.definition import Node

_FALSE = "false"
_OUTPUTS = {"branch": ("selected_case_id",)}


def _selector(writing: Writing, room: Room) -> None:
    branches = writing.config.get("branches", [])
    if any("weight" in one or one.get("priority") for one in branches):
        writing.refuse("branches", "cases of Dify have no weight and no priority")
    if writing.config.get("strategy", "first_match") != "first_match":
        writing.refuse("strategy", "Dify goes on at the first case that holds")
    writing.put(
        "cases",
        ("branches", "strategy"),
        lambda: [_case(handle(str(one["id"])), one.get("condition"), room) for one in branches],
    )


def _condition(writing: Writing, room: Room) -> None:
    condition = writing.config.get("condition")
    writing.put("cases", "condition", lambda: [_case("true", condition, room)])


def _case(case_id: str, condition: Any, room: Room) -> dict[str, Any]:
    logic, members = group_of(condition, room)
    return {
        "id": case_id,
        "case_id": case_id,
        "logical_operator": logic,
        "conditions": members,
    }


def _handle(node: Node, port: str) -> str:
    del node
    return _FALSE if port == "else" else handle(port)


SELECTOR = WrittenKind(type="if-else", write=_selector, outputs=_OUTPUTS, handle=_handle)
CONDITION = WrittenKind(type="if-else", write=_condition, outputs=_OUTPUTS)
