"""What an import came to: the native definition, and what became of each node of the source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from runfold.graph.layouts import Layout

Format = Literal["dify", "coze", "n8n", "tutorial", "coze_plus", "native"]
Result = Literal["mapped", "approximated", "unsupported"]
Status = Literal["complete", "approximated", "incomplete"]
NeedKind = Literal[
    "model", "secret", "connection", "knowledge", "tool", "workflow", "file", "database", "variable"
]


class Line(msgspec.Struct, frozen=True):
    """What became of one node of the source."""

    node: str
    """Its id in the source; of n8n, its name."""
    type: str
    """Its type in the source."""
    result: Result
    reason: str = ""
    """Why it is not the same thing, and what to do; empty for one that is."""


class Need(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that the source left in the system it came from, and that has to be given here."""

    kind: NeedKind
    name: str
    """What it is called in the source: what a file of bindings names it by."""
    nodes: tuple[str, ...] = ()
    """Ids of the source's nodes that use it."""
    hint: str = ""
    """What to do about it."""


class Imported(msgspec.Struct, frozen=True):
    """One document, imported."""

    format: Format
    workflow_id: str
    status: Status
    report: tuple[Line, ...]
    needs: tuple[Need, ...]
    definition: dict[str, Any]
    """The native document, with what it was imported from under `origin`."""
    layout: Layout = Layout()
    """Where the nodes stand on a canvas, and its notes, as in the source; empty where it has none
    of both."""


def not_with(first: Imported, more: Sequence[Imported]) -> tuple[str, ...]:
    """Ids of further workflows of the same file that the first one does not call."""
    brought = first.definition.get("workflows", {})
    return tuple(one.workflow_id for one in more if one.workflow_id not in brought)


def status_of(report: tuple[Line, ...]) -> Status:
    """What a whole report comes to."""
    results = {line.result for line in report}
    if "unsupported" in results:
        return "incomplete"
    return "approximated" if "approximated" in results else "complete"
