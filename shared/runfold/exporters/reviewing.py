"""Reads a document as an import would: the one it came from, and the one that is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from runfold.exporters.exporter import ExportLine, Side
from runfold.exporters.flat import flat
from runfold.graph.definition import Node
from runfold.importers.importing import Options, SourceFile, import_files
from runfold.importers.report import Imported

_MOST = 5
"""Settings of one node that are named."""


def imported_side(definition: dict[str, Any], text: str, wanted: str) -> Side | None:
    """The definition that an import makes of a document; None when it is not of the format.

    Args:
        definition: What is exported: its mapping of models is used.
        text: The document.
        wanted: The format.
    """
    origin = definition.get("origin")
    models = origin.get("models") if isinstance(origin, dict) else None
    options = Options(models=models if isinstance(models, dict) else {})
    first = import_files([SourceFile(str(definition.get("id")), text.encode())], options)[0]
    if not isinstance(first, Imported) or first.format != wanted:
        return None
    made = first.definition
    nodes = made["origin"]["nodes"]
    flattened = flat(made)
    helpers = frozenset(one for one in flattened.nodes if one not in nodes)
    return Side(made, flattened, dict(nodes), helpers)


def reviewed(report: Sequence[ExportLine], now: Side, again: Side | None) -> tuple[ExportLine, ...]:
    """The report, where it also says what of a written node an import would read otherwise.

    Args:
        report: What an exporter says.
        now: The definition that was exported.
        again: What an import makes of the document.
    """
    if again is None:
        return tuple(report)
    return tuple(_reviewed(one, now, again) if one.result == "written" else one for one in report)


def _reviewed(line: ExportLine, now: Side, again: Side) -> ExportLine:
    named = [one for one, source in now.sources.items() if source == line.node]
    differing: list[str] = []
    for native in named:
        placed = again.flat.nodes.get(native)
        if placed is None:
            differing.append("all of it")
        else:
            differing += _differing(now.flat.nodes[native].node, placed.node)
    if not differing:
        return line
    said = f"an import reads otherwise: {', '.join(dict.fromkeys(differing[:_MOST]))}"
    return msgspec.structs.replace(line, reason=f"{line.reason}; {said}" if line.reason else said)


def _differing(now: Node, again: Node) -> list[str]:
    found = [
        name
        for name in ("type", "name", "retry", "on_error", "profile")
        if getattr(now, name) != getattr(again, name)
    ]
    keys = {*now.config, *again.config}
    return found + sorted(one for one in keys if now.config.get(one) != again.config.get(one))
