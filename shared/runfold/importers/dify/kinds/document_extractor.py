"""`document-extractor`: the text of a document, or of each of a list."""

from __future__ import annotations

from runfold.importers.dify.flow import Exits, Flow, Made, NodeKind, absent, native
from runfold.importers.dify.names import exact
from runfold.importers.dify.reading import selector_at
from runfold.importers.dify.source import SOURCE, SourceNode
from runfold.importers.dify.strategies import guard


def _make(node: SourceNode, flow: Flow) -> Made:
    found = exact(flow, selector_at(node.data, "variable_selector"), node)
    if found is None:
        return absent(flow, node, "document-extractor", "it does not say which file it reads")
    made = native(flow, node, "document_extract", {"file": found})
    exits: Exits = {SOURCE: [(made["id"], "out")]}
    guard(node, made, exits)
    return Made(nodes=[made], entry=made["id"], exits=exits)


KIND = NodeKind(make=_make)
