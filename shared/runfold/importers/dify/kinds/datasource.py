"""`datasource`: where a pipeline of documents begins: here with inputs of the run."""

from __future__ import annotations

from runfold.importers.dify.flow import Flow, Made, NodeKind, native, single
from runfold.importers.dify.kinds.triggers import given
from runfold.importers.dify.reading import text_at
from runfold.importers.dify.source import SourceNode

_LOCAL = "local_file"


def _make(node: SourceNode, flow: Flow) -> Made:
    read = list(flow.reads.get(node.id, ())) or ["file"]
    is_local = text_at(node.data, "provider_type") in (_LOCAL, "")
    names = {name: "file" if name == "file" and is_local else "any" for name in read}
    made = native(flow, node, "values", {"outputs": given(flow, names)})
    if is_local:
        return single(made)
    source = text_at(node.data, "provider_name", "plugin_id") or "datasource"
    name = f"{source}/{text_at(node.data, 'datasource_name') or 'documents'}"
    flow.need("tool", name, node, "get its documents otherwise, and begin runs with them")
    return single(made, f"{name} is not asked here: its fields are inputs of the run")


KIND = NodeKind(make=_make)
