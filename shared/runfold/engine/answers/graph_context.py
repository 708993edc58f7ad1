"""One graph of a run, in one scope, as answers read it."""

from __future__ import annotations

from typing import Any, NamedTuple

from runfold.engine.answers.chunks import StreamedTexts
from runfold.engine.history.fold import Folder
from runfold.engine.state.names import lookup_in_scope
from runfold.engine.state.nodes import ENDED, NodeState
from runfold.engine.state.runs import RunState
from runfold.errors import ExpressionFailed, ReferenceMissing
from runfold.graph.plan.plan import Plan
from runfold.ids import address_of, child_scope
from runfold.values.json_text import text_of
from runfold.values.profiles import rules_of
from runfold.values.references import Ref, resolve


class GraphContext(NamedTuple):
    """The run, and where in it the graph is."""

    folder: Folder
    """The run. It steps on while this context stays."""
    streamed: StreamedTexts
    graph: Plan
    scope: str

    @property
    def state(self) -> RunState:
        """The run's state now."""
        return self.folder.state

    def address(self, node_id: str) -> str:
        """The address of a node of this graph."""
        return address_of(self.scope, node_id)

    def node(self, node_id: str) -> NodeState | None:
        """The state of a node of this graph; None when nothing has reached it."""
        return self.state.nodes.get(self.address(node_id))

    def value(self, ref: Ref) -> Any:
        """The value of a reference; None when it has none, for which the node itself fails."""
        try:
            return resolve(ref, lookup_in_scope(self.folder.plan, self.state, self.scope))
        except ReferenceMissing:
            return None

    def text(self, ref: Ref, profile: str) -> str:
        """What a reference is in the text of an answer; nothing when that cannot be told."""
        rules = rules_of(profile)
        if rules is None:
            return text_of(self.value(ref))
        lookup = lookup_in_scope(self.folder.plan, self.state, self.scope)
        try:
            return rules.answer(rules.walk(ref, lookup))
        except ReferenceMissing:
            return rules.missing_text(ref) if rules.defines_missing else ""
        except ExpressionFailed:
            return ""

    def inside(self, node_id: str, index: int, body: str) -> GraphContext | None:
        """A scope of a composite of this graph; None when it has no such body."""
        graph = self.graph.body(node_id, body)
        if graph is None:
            return None
        return self._replace(graph=graph, scope=child_scope(self.address(node_id), index, body))


def has_ended(node: NodeState | None) -> bool:
    """Whether a node has been reached and has ended."""
    return node is not None and node.status in ENDED
