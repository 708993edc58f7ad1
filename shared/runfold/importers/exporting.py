"""Gives an imported document back, as it was: nothing of it is lost by an import.

A definition that was changed since is not what its original says any more. It is exported node by
node, by the exporter of the format; a format without one gives back only what is unchanged.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from runfold.errors import InvalidInputs

_APART = frozenset(("origin", "tests", "labels"))
"""Keys of a definition that its original has no counterpart of."""

_encode = msgspec.json.Encoder(order="deterministic").encode


def fingerprints(definition: dict[str, Any]) -> dict[str, str]:
    """What tells later whether a definition is still as it was imported: part → its hash.

    A node inside another is a part of its own: the hash of what is around it has its id alone.
    """
    rest = {key: one for key, one in definition.items() if key not in (*_APART, "nodes")}
    return {"": _hash(rest), **_of_nodes(definition.get("nodes"))}


def _of_nodes(nodes: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in nodes if isinstance(nodes, list) else ():
        if not isinstance(node, dict):
            continue
        config = node.get("config")
        inner = config.get("nodes") if isinstance(config, dict) else None
        if isinstance(config, dict) and isinstance(inner, list):
            found |= _of_nodes(inner)
            ids = [one.get("id") if isinstance(one, dict) else one for one in inner]
            node = {**node, "config": {**config, "nodes": ids}}  # noqa: PLW2901
        found[str(node.get("id"))] = _hash(node)
    return found


def changed(definition: dict[str, Any]) -> list[str]:
    """What is not as it was imported: ids of nodes, and an empty text for all around them."""
    origin = definition.get("origin")
    before = origin.get("hashes") if isinstance(origin, dict) else None
    before = before if isinstance(before, dict) else {}
    now = fingerprints(definition)
    return sorted(part for part in {*before, *now} if before.get(part) != now.get(part))


def original(definition: dict[str, Any], wanted: str) -> str:
    """The document that a definition was imported from, byte for byte.

    Args:
        definition: An imported one, with its `origin`.
        wanted: The format: `dify`, `coze` or `n8n`.

    Raises:
        InvalidInputs: `export.no_original`, `export.other_format` or `export.changed`, which names
            the nodes.
    """
    origin = definition.get("origin")
    text = origin.get("document") if isinstance(origin, dict) else None
    if not isinstance(origin, dict) or not isinstance(text, str):
        message = "it was not imported, or its original was too large to be kept"
        raise InvalidInputs(message, code="export.no_original")
    if origin.get("format") != wanted:
        message = f"it was imported from {origin.get('format')}, not from {wanted}"
        raise InvalidInputs(message, code="export.other_format")
    differing = changed(definition)
    if differing:
        named = ", ".join(part or "what is around the nodes" for part in differing[:20])
        message = f"it was changed since it was imported: {named}"
        raise InvalidInputs(message, code="export.changed", details={"changed": differing})
    return text


def _hash(value: Any) -> str:
    return hashlib.sha256(_encode(value)).hexdigest()[:16]
