"""How many outputs a node has: what is connected to others is led to by nothing in n8n either."""

from __future__ import annotations

from collections.abc import Iterable

from runfold.graph.item_ports import output_count
from runfold.importers.n8n.document import AI, BASE, MAIN, Document, Link, Node
from runfold.importers.n8n.known import OF_AI, OF_BASE
from runfold.importers.n8n.plain import as_list, as_text, at

_FEELINGS = 3
_MORE = {"guardrails": 2, "evaluation": 2}
"""Outputs of nodes that become placeholders."""


def outputs_of(node: Node, links: Iterable[Link]) -> int:
    """Outputs of a node, the one for errors among them.

    Args:
        node: The node.
        links: Connections of the document: of a type that is not known, they say how many it has.
    """
    if node.is_disabled:
        return 1
    errors = node.on_error == "error_output"
    match node.kind:
        case "textClassifier":
            count = len(as_list(at(node.parameters, "categories", "categories")))
            has_other = as_text(at(node.parameters, "options", "fallback")) == "other"
            return max(1, count + has_other) + errors
        case "sentimentAnalysis":
            written = as_text(at(node.parameters, "options", "categories"))
            count = len([one for one in written.split(",") if one.strip()]) or _FEELINGS
            return count + errors
        case "webhook":
            several = as_list(node.parameters.get("httpMethod"))
            return max(1, len(several)) if node.parameters.get("multipleMethods") is True else 1
        case kind if kind in _MORE or _is_unknown(node):
            used = [link.output for link in links if link.source == node.name and link.type == MAIN]
            return max([1 + errors, _MORE.get(kind, 0), *(output + 1 for output in used)])
        case kind:
            settings = {"on_error": node.on_error}
            config = {"operation": kind, "version": node.version, "parameters": node.parameters}
            return output_count({**config, "settings": settings})


def _is_unknown(node: Node) -> bool:
    """Whether nothing is known of a type: one of a package of others, or an invented one."""
    return not (
        (node.package == BASE and node.kind in OF_BASE)
        or (node.package == AI and node.kind in OF_AI)
        or node.package.endswith("nodes-base")
    )


def placed(document: Document) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
    """The connections from outputs that there are, and those from others."""
    counts = {name: outputs_of(node, document.links) for name, node in document.nodes.items()}
    fit = tuple(
        link for link in document.links if link.type != MAIN or link.output < counts[link.source]
    )
    kept = set(fit)
    return fit, tuple(link for link in document.links if link not in kept)
