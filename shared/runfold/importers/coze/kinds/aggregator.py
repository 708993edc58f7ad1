"""Variable aggregator: the first value of each group that there is."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze.fields import plain, rows
from runfold.importers.coze.step import Built, Kind, Step
from runfold.importers.coze.texts import native


def _aggregator(step: Step) -> Built:
    groups: dict[str, list[Any]] = {}
    for group in rows(step.block.inputs.get("mergeGroups")):
        name = plain(group.get("name"))
        if name:
            values = [step.input(one, name) for one in rows(group.get("variables"))]
            groups[name] = [native(value) for value in values]
    if not groups:
        return Built(type="values", config={"outputs": {}}, is_task=False)
    return Built(type="aggregate", config={"groups": groups}, is_task=False)


AGGREGATOR = Kind("Variable aggregator", _aggregator)
