"""`template-transform`: text of a Jinja2 template and its declared variables."""

from __future__ import annotations

from runfold.importers.dify.flow import Exits, Flow, Made, NodeKind, absent, native
from runfold.importers.dify.jinja import jinja
from runfold.importers.dify.reading import list_at, text_at
from runfold.importers.dify.source import SOURCE, SourceNode
from runfold.importers.dify.strategies import guard
from runfold.importers.dify.text import template


def _make(node: SourceNode, flow: Flow) -> Made:
    written = text_at(node.data, "template")
    text, problem = jinja(flow, written, list_at(node.data, "variables"), node)
    reasons = []
    if problem and "{{#" in written:
        text, problem = template(flow, written, node), ""
        reasons.append("its references are written as in prompts: it is read as a prompt")
    if problem:
        parameters = {"template": [written]} if "{{" not in written else None
        return absent(flow, node, "template-transform", problem, parameters=parameters)
    made = native(flow, node, "template", {"template": text})
    exits: Exits = {SOURCE: [(made["id"], "out")]}
    guard(node, made, exits)
    result = Made(nodes=[made], entry=made["id"], exits=exits, reasons=reasons)
    if reasons:
        result.result = "approximated"
    return result


KIND = NodeKind(make=_make)
