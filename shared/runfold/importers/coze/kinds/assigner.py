"""Variable assigner: sets variables of the app and of the user."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze.fields import at, obj, plain, rows
from runfold.importers.coze.step import Built, Kind, Step
from runfold.importers.coze.texts import Place, native


def _assigner(step: Step) -> Built:
    assignments: list[dict[str, Any]] = []
    for one in rows(step.block.inputs.get("inputParameters")):
        left = obj(
            at(one, "left", "value", "content") or at(one, "left", "input", "value", "content")
        )
        path = [plain(part) for part in left.get("path") or () if plain(part)]
        place = step.names.variable(plain(left.get("source")), tuple(path)) if path else None
        if not isinstance(place, Place) or place.root == "sys" or len(path) > 1:
            step.notes.append(f"variable {'.'.join(path) or '?'} cannot be set: it is passed over")
            continue
        right = one.get("right") if "value" in obj(one.get("right")) else at(one, "right", "input")
        name = ".".join((place.root, *map(str, place.path)))
        value = step.input(right if right is not None else one.get("input"), "right")
        assignments.append({"variable": name, "value": native(value)})
        if place.root == "conversation":
            step.notes.append("a variable of the user is kept with the conversation here")
    if not assignments:
        return Built(type="values", config={"outputs": {}}, is_task=False)
    return Built(type="assign", config={"assignments": assignments}, is_task=False)


ASSIGNER = Kind("Variable assigner", _assigner)
