"""Entry and exit, values from outside, text for the viewer."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze_plus.step import Built, Kind, Step
from runfold.values.types import TYPE_NAMES

_MORE = {"list": "array", "float": "number", "int": "integer", "bool": "boolean"}


def type_named(declared: Any) -> str:
    """The name here of a declared type."""
    name = declared.get("type") if isinstance(declared, dict) else declared
    known = _MORE.get(str(name), str(name))
    return known if known in TYPE_NAMES else "any"


def _entry(step: Step) -> Built:
    inputs = step.draft.definition.setdefault("inputs", {})
    defaults: dict[str, Any] = {}
    for name, declared in step.node.inputs.items():
        given = declared if isinstance(declared, dict) else {}
        inputs[name] = {"type": type_named(declared)}
        default = given.get("default")
        if default is not None:
            defaults[name] = step.native({"val": default})
        elif given.get("required") is True:
            inputs[name]["required"] = True
    outputs = {name: f"{{{{{name}}}}}" for name in step.node.inputs}
    config = {"outputs": outputs} | ({"defaults": defaults} if defaults else {})
    return Built("values", config)


def _exit(step: Step) -> Built:
    return Built("end", {"outputs": step.values()})


def _input(step: Step) -> Built:
    declared = step.node.outputs or step.node.inputs
    schema = {name: {"type": type_named(one)} for name, one in declared.items()}
    return Built("input", {"schema": schema} if schema else {})


def _output(step: Step) -> Built:
    text = step.text("content", "text", "output", "message")
    return Built("answer", {"answer": text if isinstance(text, str) else ""})


KINDS = {
    "Entry": Kind(_entry),
    "Start": Kind(_entry),
    "Exit": Kind(_exit),
    "End": Kind(_exit),
    "InputReceiver": Kind(_input),
    "OutputEmitter": Kind(_output, {"output": ("answer",), "content": ("answer",)}),
}
