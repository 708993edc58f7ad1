"""To JSON and from JSON."""

from __future__ import annotations

from runfold.importers.coze.step import BEFORE, Built, Kind, Step
from runfold.importers.coze.texts import native
from runfold.importers.coze.types import schema_of


def _to_json(step: Step) -> Built:
    config = {"input": native(step.inputs.get("input")), "sort_keys": True}
    return Built(type="json_stringify", config=config)


def _from_json(step: Step) -> Built:
    config = {"input": native(step.inputs.get("input", ""))}
    schema = schema_of(step.block.output("output"))
    if schema.get("type", "string") == "string":
        return Built(type="json_parse", config=config)
    fitted = {"outputs": {"output": f"{{{{{BEFORE}.output}}}}"}, "types": {"output": schema}}
    after = step.node(step.id, "values", fitted)
    return Built(type="json_parse", config=config, after=[after], given={"output": ("output",)})


TO_JSON = Kind("To JSON", _to_json)
FROM_JSON = Kind("From JSON", _from_json)
