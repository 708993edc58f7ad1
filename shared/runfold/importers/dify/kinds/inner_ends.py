"""`iteration-start`, `loop-start`, `loop-end`: where the inside of a container begins and ends."""

from __future__ import annotations

from runfold.importers.dify.flow import Flow, Made, NodeKind, absent, native, single
from runfold.importers.dify.source import SourceNode


def _begins(_node: SourceNode, _flow: Flow) -> None:
    """The first nodes of a body here are those that nothing leads to."""


def _ends(node: SourceNode, flow: Flow) -> Made:
    around = flow.source.around(node)
    if not around or flow.source.nodes[around[0]].type != "loop":
        reason = "it does not stand right inside a loop, which alone can be left here"
        return absent(flow, node, "loop-end", reason)
    return single(native(flow, node, "break", {}))


START = NodeKind(make=_begins)
END = NodeKind(make=_ends)
