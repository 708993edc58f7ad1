"""`answer`: text for the user, in the middle of a run too."""

from __future__ import annotations

from runfold.importers.dify.flow import Flow, Made, NodeKind, native, single
from runfold.importers.dify.reading import text_at
from runfold.importers.dify.source import SourceNode
from runfold.importers.dify.text import template


def _make(node: SourceNode, flow: Flow) -> Made:
    text = template(flow, text_at(node.data, "answer"), node)
    return single(native(flow, node, "answer", {"answer": text}))


KIND = NodeKind(make=_make)
