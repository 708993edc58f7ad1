"""The outputs of a node by name, with the types that are known of them."""

from __future__ import annotations

from typing import Any

from runfold.graph.kinds import Kind

ALWAYS_THERE = ("status", "error")
"""What `{{node.…}}` reads of any node beside its outputs."""
ANY = "any"


def outputs_of(kind: Kind, config: dict[str, Any]) -> dict[str, str]:
    """Output → type, `any` where it is not known; there may be others of a kind that is open.

    Args:
        kind: The node's kind.
        config: Its configuration, as it is written; empty: one that is not configured yet.
    """
    declared, hinted = kind.declared(config), kind.hints.output_types
    names = dict.fromkeys(("output", *(declared or kind.outputs or hinted)))
    return {
        name: declared[name] if declared.get(name, ANY) != ANY else hinted.get(name, ANY)
        for name in names
        if name not in ALWAYS_THERE
    }
