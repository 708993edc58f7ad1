"""`template-transform`: text of a Jinja2 template and its declared variables."""

from __future__ import annotations

from runfold.importers.dify.flow import Exits, Flow, Made, NodeKind, absent, native
from runfold.importers.dify.jinja import jinja
from runfold.importers.dify.reading import list_at, text_at
from runfold.importers.dify.source import SOURCE, SourceNode
from runfold.importers.dify.strategies import guard


def _make(node: SourceNode, flow: Flow) -> Made:
    written = text_at(node.data, "template")
    text, problem = jinja(flow, written, list_at(node.data, "variables"), node)
    if problem:
        parameters = {"template": [written]} if "{{" not in written else None
        return absent(flow, node, "template-transform", problem, parameters=parameters)
    made = native(flow, node, "template", {"template": text})
    exits: Exits = {SOURCE: [(made["id"], "out")]}
    guard(node, made, exits)
    return Made(nodes=[made], entry=made["id"], exits=exits)


KIND = NodeKind(make=_make)
