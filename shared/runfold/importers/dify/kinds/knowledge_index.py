"""`knowledge-index`: the chunks of a pipeline are put into a knowledge base."""

from __future__ import annotations

from runfold.importers.dify.flow import Flow, Made, NodeKind, absent, native, single
from runfold.importers.dify.names import exact
from runfold.importers.dify.reading import selector_at
from runfold.importers.dify.source import SourceNode
from runfold.importers.draft import native_id


def _make(node: SourceNode, flow: Flow) -> Made:
    chunks = exact(flow, selector_at(node.data, "index_chunk_variable_selector"), node)
    if chunks is None:
        return absent(flow, node, "knowledge-index", "it does not say what it puts there")
    base = native_id(str(flow.draft.definition.get("name", ""))) or "documents"
    config = {"base": base, "create": True, "documents": chunks}
    reason = f"what it gets goes into the base {base!r}, cut and embedded as it is set here"
    return single(native(flow, node, "knowledge_index", config), reason)


KIND = NodeKind(make=_make)
