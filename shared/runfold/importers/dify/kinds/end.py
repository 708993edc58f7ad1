"""`end`: the run's outputs; what has no value is null."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.flow import Flow, Made, NodeKind, native, single
from runfold.importers.dify.names import exact
from runfold.importers.dify.reading import objects_at, selector_at, text_at
from runfold.importers.dify.source import SourceNode
from runfold.importers.dify.text import values_of


def _make(node: SourceNode, flow: Flow) -> Made:
    outputs: dict[str, Any] = {}
    for one in objects_at(node.data, "outputs"):
        name = text_at(one, "variable", "name", "key")
        selector = selector_at(one, "value_selector")
        if name and selector:
            outputs[name] = exact(flow, selector, node)
        elif name:
            outputs[name] = values_of(flow, one.get("value"), node)
    return single(native(flow, node, "end", {"outputs": outputs}))


KIND = NodeKind(make=_make)
