"""The JSON of a Python tutorial about workflow engines as native definitions.

The format grew up into runfold's own, so a document is taken as it is. What differs is one rule,
which the profile `tutorial` has: a condition that fails is false, and fails nothing.
"""

from __future__ import annotations

from typing import Any, Final

from runfold.importers.draft import native_id
from runfold.importers.importer import Context, Importer
from runfold.importers.report import Imported, Line, Need, status_of

FORMAT: Final = "tutorial"
_TYPES = frozenset(("start", "end", "llm", "code", "condition", "http", "loop", "human"))
"""The node types of the tutorial."""
_OWN_TYPES = frozenset(("http", "human"))
"""Those of them that runfold calls otherwise."""
_OWN_KEYS = frozenset(("true_next", "false_next"))
_DOCUMENT = frozenset(("id", "name", "description", "nodes", "edges", "variables"))
_JUDGED = frozenset(("condition", "loop"))
"""Types whose conditions the profile is about."""


def _recognises(document: Any) -> bool:
    if not isinstance(document, dict) or not set(document) <= _DOCUMENT:
        return False
    nodes = document.get("nodes")
    if not isinstance(nodes, list) or not nodes:
        return False
    if not all(isinstance(node, dict) and node.get("type") in _TYPES for node in nodes):
        return False
    return any(
        node["type"] in _OWN_TYPES
        or (isinstance(node.get("config"), dict) and not _OWN_KEYS.isdisjoint(node["config"]))
        for node in nodes
    )


def _read(document: Any, context: Context) -> Imported:
    definition: dict[str, Any] = _unescaped(document)
    definition["id"] = native_id(str(definition.get("id") or context.name)) or "imported"
    nodes: list[dict[str, Any]] = definition["nodes"]
    models: dict[str, list[str]] = {}
    for node in nodes:
        config = node.get("config")
        if node["type"] in _JUDGED:
            node["profile"] = FORMAT
        if isinstance(config, dict) and isinstance(config.get("model"), str):
            _bind_model(config, str(node.get("id", "")), context, models)
    ids = [str(node.get("id", "")) for node in nodes]
    definition["origin"] = {"nodes": dict(zip(ids, ids, strict=True))}
    report = tuple(
        Line(node_id, node["type"], "mapped") for node_id, node in zip(ids, nodes, strict=True)
    )
    hint = "the same name here, or map it with --models"
    needs = tuple(Need("model", name, tuple(used), hint) for name, used in models.items())
    return Imported(FORMAT, definition["id"], status_of(report), report, needs, definition)


def _bind_model(
    config: dict[str, Any], node_id: str, context: Context, models: dict[str, list[str]]
) -> None:
    name = config["model"]
    if name in context.models:
        config["model"] = context.models[name]
    else:
        models.setdefault(name, []).append(node_id)


def _unescaped(value: Any) -> Any:
    """The value with the braces that web pages write as numbers."""
    match value:
        case str():
            return value.replace("&#123;", "{").replace("&#125;", "}")
        case dict():
            return {key: _unescaped(one) for key, one in value.items()}
        case list():
            return [_unescaped(one) for one in value]
        case _:
            return value


IMPORTER = Importer(FORMAT, _recognises, _read)
