"""Notes of Dify as those of a canvas: their rich text as plain one, where they stand, how large."""

from __future__ import annotations

import json
from typing import Any

from runfold.graph.layouts import coordinate
from runfold.importers.dify.flow import Flow
from runfold.importers.dify.reading import list_at, object_at, text_at
from runfold.importers.dify.source import SourceNode

_DEEPEST = 30
_LINES = frozenset(("paragraph", "heading", "quote", "listitem", "code"))
"""Parts of a text that are lines of their own."""


def draw_note(node: SourceNode, flow: Flow) -> None:
    """Put a note on the canvas; one in a container counts from the container's corner."""
    within = [node, *(flow.source.nodes[one] for one in flow.source.around(node))]
    x, y = (sum(coordinate(one.position.get(axis)) or 0.0 for one in within) for axis in ("x", "y"))
    size = node.data.get("width"), node.data.get("height")
    text = plain_text(text_at(node.data, "text"))
    flow.draft.note(node.id, text, (x, y), size, text_at(node.data, "theme"))


def plain_text(written: str) -> str:
    """The words of a note: its editor's tree as lines; any other text as it is."""
    try:
        tree = json.loads(written)
    except (ValueError, RecursionError):
        return written
    root = object_at(tree, "root") if isinstance(tree, dict) else {}
    if not root:
        return written
    lines: list[str] = [""]
    _gather(root, lines, 0)
    return "\n".join(lines).strip()


def _gather(part: dict[str, Any], lines: list[str], depth: int) -> None:
    """Add the words of a part to the last line; lines of its own begin new ones."""
    type_ = text_at(part, "type")
    if type_ in _LINES and lines[-1]:
        lines.append("")
    if type_ == "linebreak":
        lines.append("")
    if type_ == "listitem":
        lines[-1] += "- "
    lines[-1] += text_at(part, "text")
    for one in list_at(part, "children") if depth < _DEEPEST else ():
        if isinstance(one, dict):
            _gather(one, lines, depth + 1)
    if type_ in _LINES:
        lines.append("")
