"""Nodes that an import adds, and that no node of the document stands for."""

from __future__ import annotations

from runfold.exporters.exporter import ExportLine, Side


def lines_of_added(now: Side, before: Side) -> list[ExportLine]:
    """A line for each of them that is not as the import made it: that change is not exported."""
    found = []
    for native in sorted(before.helpers):
        then, here = before.flat.nodes.get(native), now.flat.nodes.get(native)
        if then is not None and (here is None or here.node != then.node):
            why = "an import adds it, and no node of the document stands for it"
            found.append(ExportLine(native, then.node.type, "not_exported", why))
    return found
