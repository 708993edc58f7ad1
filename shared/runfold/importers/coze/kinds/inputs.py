"""Input: waits for values from outside."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze.canvas import Block
from runfold.importers.coze.fields import parsed, plain, rows
from runfold.importers.coze.names import Outputs
from runfold.importers.coze.step import Built, Kind, Step
from runfold.importers.coze.texts import native
from runfold.importers.coze.types import schema_of


def _variables(block: Block) -> list[dict[str, Any]]:
    written = block.inputs.get("outputSchema")
    found = parsed(written) if isinstance(written, str) else written
    return rows(found) or block.outputs


def _input(step: Step) -> Built:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for one in _variables(step.block):
        name = plain(one.get("name"))
        if not name:
            continue
        properties[name] = _nullable(schema_of(one))
        if plain(one.get("description")):
            properties[name]["description"] = native(plain(one["description"]))
        if one.get("required") is True:
            required.append(name)
    schema = {"type": "object", "properties": properties, "required": required}
    config: dict[str, Any] = {"schema": schema} if properties else {}
    if step.block.title:
        config["message"] = native(step.block.title)
    return Built(type="input", config=config, is_task=False)


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """The type of a field: what comes may also be nothing, or text that spells it."""
    kind = schema.get("type")
    return {"type": list(dict.fromkeys((kind, "string", "null")))} if isinstance(kind, str) else {}


def _outputs(block: Block) -> Outputs:
    names = [plain(one.get("name")) for one in _variables(block) if plain(one.get("name"))]
    return {name: ("values", name) for name in names}


INPUT = Kind("Input", _input, _outputs)
