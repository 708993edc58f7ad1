"""Tells what of a definition is still as it was imported: an export keeps it as it came."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

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


def _hash(value: Any) -> str:
    return hashlib.sha256(_encode(value)).hexdigest()[:16]
