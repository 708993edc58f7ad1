"""`start`: the run's inputs. It becomes `values`, so that every scope reads them by its id."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.flow import Flow, Made, NodeKind, Path, native, single
from runfold.importers.dify.names import file_fields
from runfold.importers.dify.reading import (
    flag_at,
    json_in,
    list_at,
    number_of,
    objects_at,
    text_at,
)
from runfold.importers.dify.source import SourceNode
from runfold.values.paths import is_name, spelled

_TYPES = {
    "text-input": "string",
    "paragraph": "string",
    "select": "string",
    "string": "string",
    "text": "string",
    "external_data_tool": "string",
    "number": "number",
    "checkbox": "boolean",
    "boolean": "boolean",
    "json_object": "object",
    "object": "object",
    "file": "file",
    "file-list": "files",
    "array[file]": "files",
    "url": "string",
    "json": "object",
    "single-file": "file",
    "multi-files": "files",
    "files": "files",
}
_RESERVED = ("sys", "env", "secrets", "conversation", "item", "index")
"""Names that mean something else here."""
_MEDIA = {"image": "image/*", "audio": "audio/*", "video": "video/*"}


def variables_of(node: SourceNode) -> list[dict[str, Any]]:
    """The input variables of a start node that have a name."""
    return [one for one in objects_at(node.data, "variables") if text_at(one, "variable", "name")]


def declare(flow: Flow, variable: dict[str, Any], *, required: bool) -> tuple[str, str]:
    """Declare one input of the run; `(name in the source, reference)`."""
    source_name = text_at(variable, "variable", "name")
    name = f"{source_name}_" if source_name in _RESERVED else source_name
    type_ = _TYPES.get(text_at(variable, "type").strip().lower(), "any")
    declared: dict[str, Any] = {"type": type_}
    if type_ != "any":
        declared["lenient"] = True
    label = text_at(variable, "label") or text_at(variable, "description")
    if label and label != name:
        declared["description"] = label
    options = [one for one in list_at(variable, "options") if isinstance(one, str) and one]
    if options and text_at(variable, "type") == "select":
        declared["enum"] = options if required else [*options, ""]
    media = [_MEDIA.get(str(one), "") for one in list_at(variable, "allowed_file_types")]
    if type_ in ("file", "files") and media and all(media):
        declared["media_types"] = media
    default = _default(variable.get("default"), type_)
    if default is not None and default not in declared.get("enum", [default]):
        default = None
    if default is not None:
        declared["default"] = default
    elif required:
        declared["required"] = True
    else:
        flow.draft.definition.setdefault("variables", {}).setdefault(name, None)
    flow.draft.definition["inputs"][name] = declared
    return source_name, "{{" + input_reference(name) + "}}"


def input_reference(name: str) -> str:
    """The path of a run's input."""
    return name if is_name(name) and not name.isdigit() else spelled("_", (name,))


def _default(value: Any, type_: str) -> Any:
    if value in (None, ""):
        return None
    match type_:
        case "number":
            return number_of(value)
        case "boolean":
            return flag_at({"value": value}, "value")
        case "object":
            made = json_in(value)
            return made if isinstance(made, dict) else None
        case "file" | "files":
            return None
        case "string":
            return value if isinstance(value, str) else str(value)
        case _:
            return value


def _make(node: SourceNode, flow: Flow) -> Made:
    outputs: dict[str, Any] = {}
    others = len(roots_of(flow)) > 1
    for variable in variables_of(node):
        required = flag_at(variable, "required") and not others
        name, reference = declare(flow, variable, required=required)
        outputs[name] = reference
    reasons = []
    undeclared = [
        name
        for name in flow.reads.get(node.id, ())
        if name not in outputs and not name.startswith(("sys", "error_"))
    ]
    for name in undeclared:
        outputs[name] = declare(flow, {"variable": name, "type": "any"}, required=False)[1]
    if undeclared:
        named = ", ".join(undeclared)
        reasons.append(f"{named}: read and not declared, so it is an input, or else null")
    made = native(flow, node, "values", {"outputs": outputs})
    if any(text_at(one, "type") == "external_data_tool" for one in variables_of(node)):
        reasons.append("values of external data tools have to be given as inputs")
    return single(made, *reasons)


def roots_of(flow: Flow) -> list[SourceNode]:
    """The nodes at which a run of the graph can begin."""
    starts = ("start", "trigger-webhook", "trigger-schedule", "trigger-plugin")
    return [node for node in flow.source.within("") if node.type in starts]


def _spell(node: SourceNode, way: Path, flow: Flow) -> Path | None:
    del flow
    return file_fields(way) if len(way) > 1 and _gives_file(node, way[0]) else None


def _gives_file(node: SourceNode, output: str) -> bool:
    return any(
        text_at(one, "type") in ("file", "file-list")
        for one in variables_of(node)
        if text_at(one, "variable", "name") == output
    )


KIND = NodeKind(make=_make, spell=_spell, gives_file=_gives_file)
