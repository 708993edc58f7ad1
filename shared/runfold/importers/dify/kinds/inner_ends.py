"""`iteration-start`, `loop-start`, `loop-end`: where the inside of a container begins and ends."""

from __future__ import annotations

from runfold.importers.dify.flow import Flow, Made, NodeKind, absent, native, single
from runfold.importers.dify.source import SourceNode


def _begins(_node: SourceNode, _flow: Flow) -> None:
    """The first nodes of a body here are those that nothing leads to."""


def _ends(node: SourceNode, flow: Flow) -> Made:
    around = [flow.source.nodes[one].type for one in flow.source.around(node)]
    if around[:1] == ["loop"]:
        return single(native(flow, node, "break", {}))
    if "loop" in around:
        reason = "it stands inside an iteration of a loop: only right inside one can a loop be left"
        return absent(flow, node, "loop-end", reason)
    # There is nothing that it ends: Dify goes on with the next item, and so does this.
    return single(native(flow, node, "values", {"outputs": {}}))


START = NodeKind(make=_begins)
END = NodeKind(make=_ends)
