"""Start and End: what a run is given, and what it gives back."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze.canvas import Block
from runfold.importers.coze.fields import plain
from runfold.importers.coze.names import Outputs
from runfold.importers.coze.step import Built, Kind, Step
from runfold.importers.coze.texts import Place, native
from runfold.importers.coze.types import is_file, literal, schema_of, short
from runfold.values.profiles.coze_files import file_address

_CHAT = {"USER_INPUT": Place("sys", ("query",)), "CONVERSATION_NAME": "Default"}
"""Inputs of a chat flow: what the user says, and where."""


def _start(step: Step) -> Built:
    outputs: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    types: dict[str, Any] = {}
    inputs: dict[str, Any] = step.draft.definition.setdefault("inputs", {})
    for one in step.block.outputs:
        name = plain(one.get("name"))
        if not name:
            continue
        written = one.get("defaultValue")
        default = literal(one, written) if written not in (None, "") else _CHAT.get(name)
        is_address = _is_file(one)
        outputs[name] = native(Place(name, filters="|file_address" if is_address else ""))
        if isinstance(default, str) and is_address:
            default = file_address(default)
        # What the filter makes of nothing is text; null it has to be.
        if default is not None or is_address:
            defaults[name] = native(default)
        if schema := schema_of(one):
            types[name] = short(schema)
        inputs[name] = _declared(one, is_required=one.get("required") is True and default is None)
    if "USER_INPUT" in outputs and "query" not in inputs:
        inputs["query"] = {"type": "any", "description": "What the user says."}
    config = {"outputs": outputs, "defaults": defaults, "types": types}
    kept = {key: value for key, value in config.items() if value or key == "outputs"}
    return Built(type="values", config=kept, is_task=False)


def _is_file(variable: dict[str, Any]) -> bool:
    """Whether a variable is the address of a file, or a list of them."""
    listed = variable.get("schema") if variable.get("type") == "list" else None
    return is_file(variable) or is_file(listed)


def _declared(variable: dict[str, Any], *, is_required: bool) -> dict[str, Any]:
    """An input of the workflow. It may come as text, of any type: the node reads it."""
    said = "file" if is_file(variable) else plain(variable.get("type"))
    description = plain(variable.get("description"))
    declared: dict[str, Any] = {"type": "any"}
    if is_required:
        declared["required"] = True
    told = f"{description} ({said})" if description and said else description or said
    return declared | ({"description": native(told)} if told else {})


def _end(step: Step) -> Built:
    inputs = step.block.inputs
    if inputs.get("terminatePlan") == "useAnswerContent":
        answer = step.text(step.literal(inputs.get("content")) or "")
        return Built(type="end", config={"answer": answer}, is_task=False)
    step.is_exact = True
    outputs = {name: native(value) for name, value in step.inputs.items()}
    config = {"outputs": outputs} | ({"defaults": step.empties} if step.empties else {})
    return Built(type="end", config=config, is_task=False)


def _end_outputs(_block: Block) -> Outputs:
    return {"output": ("answer",)}


START = Kind("Start", _start)
END = Kind("End", _end, _end_outputs)
