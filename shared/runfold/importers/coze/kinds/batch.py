"""Batch: a body for each element of lists, so many at a time."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze.batch_mode import batch_config
from runfold.importers.coze.canvas import Block
from runfold.importers.coze.fields import plain
from runfold.importers.coze.names import Outputs
from runfold.importers.coze.step import BEFORE, Built, Kind, Step
from runfold.importers.coze.texts import native


def _batch(step: Step) -> Built:
    block = step.block
    config = batch_config(step, block.inputs)
    nodes, edges = step.body(block.id)
    config["nodes"] = nodes or [
        {
            "id": step.draft.fresh_id(f"{step.id}_nothing"),
            "type": "values",
            "config": {"outputs": {}},
        }
    ]
    config["edges"] = edges
    fields = {
        plain(one.get("name")): native(step.value(one.get("input")))
        for one in block.outputs
        if plain(one.get("name"))
    }
    if len(fields) == 1:
        config["output"] = next(iter(fields.values()))
        return Built(type="batch", config=config, is_task=False)
    config["output"] = fields
    if not fields:
        return Built(type="batch", config=config, is_task=False)
    after = step.node(step.id, "values", _columns(list(fields)))
    return Built(type="batch", config=config, is_task=False, after=[after])


def _columns(fields: list[str]) -> dict[str, Any]:
    """The list of each field, of a list of objects."""
    return {
        "outputs": {
            name: f"{{{{{BEFORE}.output|map(attribute={_quoted(name)})|list|tojson}}}}"
            for name in fields
        },
        "types": dict.fromkeys(fields, "array"),
    }


def _quoted(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _outputs(block: Block) -> Outputs:
    names = [plain(one.get("name")) for one in block.outputs if plain(one.get("name"))]
    return {names[0]: ("output",)} if len(names) == 1 else {}


BATCH = Kind("Batch", _batch, _outputs)
