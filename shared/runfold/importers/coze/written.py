"""The YAML in which the hosted product exports a workflow, as the canvas that its editor saves.

There nodes have a word as their type and their settings under `parameters`; a value is written as
itself or as `{path, ref_node}`, outputs and fields are objects by name, edges say `source_node` and
`target_node`. What is meant by all of it is decided elsewhere: this only says it the other way.
"""

from __future__ import annotations

from typing import Any

from runfold.importers.coze.fields import at, obj, plain, rows

TYPES = {
    "start": "1",
    "end": "2",
    "llm": "3",
    "plugin": "4",
    "code": "5",
    "knowledge": "6",
    "condition": "8",
    "subflow": "9",
    "database": "12",
    "output": "13",
    "text": "15",
    "image_generate": "16",
    "question": "18",
    "break": "19",
    "set_variable": "20",
    "loop_set_variable": "20",
    "loop": "21",
    "intent": "22",
    "drawing_board": "23",
    "ltm": "26",
    "dataset_write": "27",
    "batch": "28",
    "continue": "29",
    "input": "30",
    "comment": "31",
    "variable_merge": "32",
    "message_list": "37",
    "conversation_clear": "38",
    "conversation_create": "39",
    "assign_variable": "40",
    "variable_assign": "40",
    "update_database": "42",
    "update_record": "42",
    "select_database": "43",
    "select_record": "43",
    "delete_database": "44",
    "delete_record": "44",
    "http": "45",
    "insert_database": "46",
    "insert_record": "46",
    "conversation_update": "51",
    "conversation_delete": "52",
    "conversation_list": "53",
    "conversation_history_list": "54",
    "message_create": "55",
    "message_update": "56",
    "message_delete": "57",
    "to_json": "58",
    "from_json": "59",
    "dataset_delete": "60",
}
"""The words for types of nodes; others are types of their own."""
_FILES = ("file", "image", "doc", "code", "ppt", "txt", "excel", "audio", "zip", "video", "svg",
          "voice")  # fmt: skip
"""The words for files of a kind, in the order of their numbers from 1."""
_TIME = 10000
_OTHER_NAMES = {"number": "float", "array": "list"}
_RAW = ("literal", "ref", "object_ref")
_DEEPEST = 40


def is_written(document: dict[str, Any]) -> bool:
    """Whether a document is a workflow in that YAML."""
    nodes, edges = rows(document.get("nodes")), rows(document.get("edges"))
    known = [one for one in nodes if _word(one) in TYPES]
    has_parameters = any("parameters" in one for one in known)
    is_joined = any("source_node" in one for one in edges)
    return bool(known) and (is_joined or (has_parameters and "schema_version" in document))


def canvas_of(document: dict[str, Any]) -> dict[str, Any]:
    """The canvas that a workflow in that YAML stands for."""
    declared = _Declared(document)
    return {**_scope(document, declared, 0), "versions": {}}


class _Declared:
    """The outputs that nodes declare, by which references have a type."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._outputs: dict[str, dict[str, Any]] = {}
        self._add(document, 0)

    def _add(self, scope: dict[str, Any], depth: int) -> None:
        for node in rows(scope.get("nodes")) if depth < _DEEPEST else ():
            outputs = obj(at(node, "parameters", "node_outputs"))
            self._outputs[plain(node.get("id"))] = outputs
            self._add(node, depth + 1)

    def type_of(self, node: str, path: str) -> dict[str, Any]:
        """What is declared at the end of a path; nothing, where that is not known."""
        first, *rest = path.split(".")
        found = obj(self._outputs.get(node, {}).get(first))
        found = obj(found["value"]) if isinstance(found.get("value"), dict) else found
        for step in rest:
            found = obj(obj(found.get("properties")).get(step))
        return _typed(found, 0) if plain(found.get("type")) else {}


def _scope(scope: dict[str, Any], declared: _Declared, depth: int) -> dict[str, Any]:
    nodes = [_node(one, declared, depth) for one in rows(scope.get("nodes"))]
    return {"nodes": nodes, "edges": [_edge(one) for one in rows(scope.get("edges"))]}


def _node(node: dict[str, Any], declared: _Declared, depth: int) -> dict[str, Any]:
    type_, given = _word(node), obj(node.get("parameters"))
    settings = {key: value for key, value in given.items() if key != "node_outputs"}
    inputs = _read(settings, declared, 0)
    if "node_inputs" in inputs:
        inputs["inputParameters"] = _named(inputs.pop("node_inputs"))
    made = {
        "id": node.get("id"),
        "type": TYPES.get(type_, type_),
        "meta": {"position": node.get("position")},
        "data": {
            "nodeMeta": {key: node[key] for key in ("title", "description") if key in node},
            "inputs": inputs,
            "outputs": _outputs(obj(given.get("node_outputs")), declared),
        },
    }
    if not rows(node.get("nodes")) or depth >= _DEEPEST:
        return made
    inside = _scope(node, declared, depth + 1)
    return made | {"blocks": inside["nodes"], "edges": inside["edges"]}


def _word(node: dict[str, Any]) -> str:
    """The type of a node; a word that is known may be written in capitals."""
    word = plain(node.get("type"))
    return word.lower() if word.lower() in TYPES else word


def _named(inputs: Any) -> Any:
    """Inputs as a list of `{name, input}`, also where they are an object."""
    if isinstance(inputs, dict):
        return [{"name": name, "input": value} for name, value in inputs.items()]
    return inputs


def _outputs(given: dict[str, Any], declared: _Declared) -> list[dict[str, Any]]:
    """The outputs of a node: variables, or of a loop what is read of a node inside."""
    made = []
    for name, one in given.items():
        inner = obj(one).get("value")
        if isinstance(inner, dict) and ("value" in inner or "ref_node" in inner):
            read = inner if "value" in inner else obj(one)
            made.append({"name": name, "input": _read(read, declared, 0)})
        else:
            made.append(_variable(name, obj(one), 0))
    return made


def _variable(name: str, one: dict[str, Any], depth: int) -> dict[str, Any]:
    made = {"name": name, **_typed(one, depth)}
    made |= {key: one[key] for key in ("required", "description") if key in one}
    names = ("value", "defaultValue", "default_value")
    default = next((one[key] for key in names if one.get(key) is not None), None)
    return made if default is None else made | {"defaultValue": default}


def _typed(one: dict[str, Any], depth: int) -> dict[str, Any]:
    """A type as a canvas has it: `{type, assistType, schema}`."""
    word = plain(one.get("type"))
    if word in _FILES:
        return {"type": "string", "assistType": _FILES.index(word) + 1}
    if word == "time":
        return {"type": "string", "assistType": _TIME}
    made: dict[str, Any] = {"type": _OTHER_NAMES.get(word, word)}
    if "assistType" in one:
        made["assistType"] = one["assistType"]
    if isinstance(one.get("items"), dict) and depth < _DEEPEST:
        made["schema"] = _typed(one["items"], depth + 1)
    elif isinstance(one.get("properties"), dict) and depth < _DEEPEST:
        fields = one["properties"].items()
        made["schema"] = [_variable(name, obj(inner), depth + 1) for name, inner in fields]
    elif "schema" in one:
        made["schema"] = one["schema"]
    return made


def _read(value: Any, declared: _Declared, depth: int) -> Any:
    """Settings with each value in them as a canvas has it."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return [_read(one, declared, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    if "value" in value and ("type" in value or isinstance(value["value"], dict)):
        return _input(value, declared)
    if value.get("type") == "object" and isinstance(value.get("properties"), dict):
        return _object(value["properties"], declared, depth)
    return {key: _read(one, declared, depth + 1) for key, one in value.items()}


def _object(fields: dict[str, Any], declared: _Declared, depth: int) -> dict[str, Any]:
    """An object that is put together field by field."""
    made = [
        {"name": name, "input": _read(one, declared, depth + 1)} for name, one in fields.items()
    ]
    return {"type": "object", "schema": made, "value": {"type": "object_ref"}}


def _input(one: dict[str, Any], declared: _Declared) -> dict[str, Any]:
    """An input `{type, value}`, of what is written down or refers to something."""
    value = one["value"]
    typed = _typed(one, 0) if plain(one.get("type")) else {}
    if isinstance(value, dict) and value.get("type") in _RAW:
        return {**typed, "value": value}
    if isinstance(value, dict) and "ref_node" in value:
        node, path = plain(value["ref_node"]), plain(value.get("path"))
        content = {"source": "block-output", "blockID": node, "name": path}
        typed = typed or declared.type_of(node, path)
        return {**typed, "value": {"type": "ref", "content": content}}
    if isinstance(value, dict) and "source" in value and "path" in value:
        path = value["path"]
        steps = path if isinstance(path, list) else plain(path).split(".")
        named = {"source": value["source"], "path": steps, "blockID": "", "name": ""}
        return {**typed, "value": {"type": "ref", "content": named}}
    if isinstance(value, dict) and set(value) == {"content"}:
        value = value["content"]
    return {**typed, "value": {"type": "literal", "content": value}}


def _edge(edge: dict[str, Any]) -> dict[str, Any]:
    ends = {
        "sourceNodeID": edge.get("source_node", edge.get("sourceNodeID")),
        "targetNodeID": edge.get("target_node", edge.get("targetNodeID")),
        "sourcePortID": edge.get("source_port", edge.get("sourcePortID")),
        "targetPortID": edge.get("target_port", edge.get("targetPortID")),
    }
    return {key: _port(one) for key, one in ends.items() if one is not None}


def _port(written: Any) -> Any:
    """An end of an edge; `true` without quotes is the port of that name."""
    return str(written).lower() if isinstance(written, bool) else written
