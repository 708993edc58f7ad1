"""Canvases of Coze written as the hosted product's YAML writes them."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze.written import TYPES

_WORDS = {number: word for word, number in reversed(TYPES.items())}
_FILES = {1: "file", 2: "image", 3: "doc", 4: "code", 5: "ppt", 6: "txt", 7: "excel", 8: "audio"}
_VALUES = ("ref", "literal")


def yaml_of(canvas: dict[str, Any]) -> dict[str, Any]:
    """The workflow that a canvas is, before it is dumped as YAML."""
    return {"schema_version": "1.0.0", "name": "it", "id": "77", **_scope(canvas["nodes"], canvas)}


def _scope(nodes: list[Any], around: dict[str, Any]) -> dict[str, Any]:
    return {
        "nodes": [_node(one) for one in nodes],
        "edges": [_edge(one) for one in around.get("edges") or ()],
    }


def _node(node: dict[str, Any]) -> dict[str, Any]:
    data = node.get("data", {})
    given = {"settingOnError": data.get("settingOnError"), **(data.get("inputs") or {})}
    parameters = {key: _value(value) for key, value in given.items() if value is not None}
    if "inputParameters" in parameters:
        parameters["node_inputs"] = parameters.pop("inputParameters")
    if isinstance(data.get("outputs"), list) and data["outputs"]:
        parameters["node_outputs"] = {one["name"]: _output(one) for one in data["outputs"]}
    made = {
        "id": node["id"],
        "type": _WORDS.get(str(node["type"]), node["type"]),
        "title": data.get("nodeMeta", {}).get("title", ""),
        "position": node.get("meta", {}).get("position"),
        "parameters": parameters,
    }
    return made | (_scope(node["blocks"], node) if node.get("blocks") else {})


def _edge(edge: dict[str, Any]) -> dict[str, Any]:
    ends = {
        "source_node": edge["sourceNodeID"],
        "target_node": edge["targetNodeID"],
        "source_port": edge.get("sourcePortID"),
    }
    return {key: end for key, end in ends.items() if end}


def _output(one: dict[str, Any]) -> dict[str, Any]:
    return {"value": _value(one["input"])} if "input" in one else _variable(one)


def _variable(one: dict[str, Any]) -> dict[str, Any]:
    told = {key: one[key] for key in ("required", "description") if key in one}
    return {**_type(one), "value": one.get("defaultValue"), **told}


def _type(one: dict[str, Any]) -> dict[str, Any]:
    word = one.get("type")
    made: dict[str, Any] = {"type": "number" if word == "float" else word}
    if word == "string" and one.get("assistType") in _FILES:
        made["type"] = _FILES[one["assistType"]]
    inner = one.get("schema")
    if word == "list" and inner is not None:
        made["items"] = {**_type(inner), "value": None}
    elif isinstance(inner, list):
        made["properties"] = {field["name"]: _variable(field) for field in inner}
    return made


def _value(value: Any) -> Any:
    """Settings, with `{path, ref_node}` for a reference and constants as they are."""
    if isinstance(value, list):
        return [_value(one) for one in value]
    if not isinstance(value, dict):
        return value
    inner = value.get("value")
    if not isinstance(inner, dict) or inner.get("type") not in _VALUES:
        return {key: _value(one) for key, one in value.items()}
    content = inner["content"]
    if inner["type"] == "literal":
        return {**_type(value), "value": content}
    if content.get("source") == "block-output":
        found = {"path": content["name"], "ref_node": content["blockID"]}
        return {**_type(value), "value": found}
    return {**_type(value), "value": {"source": content["source"], "path": content["path"]}}
