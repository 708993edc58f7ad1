"""All that a decision about one node needs, in one object.

It is made once for each node that is decided, and passed whole. What follows from it is decided in
the other modules of this folder.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from runfold.contracts import events as e
from runfold.engine.decide.effects import Append, ArmTimer
from runfold.engine.decide.event_writer import EventWriter
from runfold.engine.state.composites import Composite
from runfold.engine.state.names import lookup_in_scope
from runfold.engine.state.nodes import NodeState
from runfold.engine.state.runs import RunState
from runfold.engine.state.scopes import plan_of
from runfold.errors import Failure, NodeFailed
from runfold.graph.definition import OUT
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import attempt_id, child_scope, parent_of_scope, split_address
from runfold.values.conditions import evaluate
from runfold.values.json_text import text_of
from runfold.values.profiles import rules_of
from runfold.values.references import Lookup
from runfold.values.templates import AsNeeded, render, render_text

N = TypeVar("N", bound=e.NodeEvent)
C = TypeVar("C", bound=Composite)


class NodeContext(msgspec.Struct, frozen=True):
    """One node that is decided: where it is, its plan and its state."""

    plan: Plan
    """The whole run's."""
    state: RunState
    writer: EventWriter
    address: str
    scope: str
    graph: Plan
    """The graph of the scope."""
    planned: PlanNode
    node: NodeState

    @property
    def config(self) -> dict[str, Any]:
        """The node's configuration, as it is written."""
        return self.planned.config

    # --- what names mean here ---------------------------------------------------------------------

    @property
    def lookup(self) -> Lookup:
        """What root names mean to this node."""
        return lookup_in_scope(self.plan, self.state, self.scope, self.planned.id)

    def render(self, written: Any) -> Any:
        """A value with its references and templates resolved."""
        return render(written, self.lookup, profile=self.planned.profile)

    def needed(self, written: Any) -> Any:
        """The same of a setting whose lone reference must lead somewhere, if the profile says so.

        Raises:
            ReferenceMissing: It leads nowhere.
        """
        rules = rules_of(self.planned.profile)
        if rules is not None and rules.needs_sources and isinstance(written, str):
            written = AsNeeded(written)
        return self.render(written)

    def holds(self, condition: Any, lookup: Lookup | None = None) -> bool:
        """Whether a structured condition holds.

        Args:
            condition: As it is written.
            lookup: What names mean, where it is not what they mean to this node.

        Raises:
            ExpressionFailed: By the rules of the node's profile.
        """
        return evaluate(condition, lookup or self.lookup, self.planned.profile)

    def text(self, field: str) -> str:
        """A rendered setting as text; empty when it is not given."""
        written, profile = self.config.get(field, ""), self.planned.profile
        if profile and isinstance(written, str):
            return render_text(written, self.lookup, profile=profile)
        return text_of(self.render(written))

    def object(self, field: str, written: Any) -> dict[str, Any]:
        """A rendered setting that must be an object.

        Raises:
            NodeFailed: `node.not_an_object`.
        """
        value = self.render(written)
        if isinstance(value, dict):
            return value
        message = (
            f"node {self.planned.id!r}: {field} must be an object, got {text_of(value)[:100]!r}"
        )
        raise NodeFailed(message, code="node.not_an_object", kind="input")

    # --- where it is ------------------------------------------------------------------------------

    def inside(self, index: int, body: str = "") -> str:
        """One of this composite's scopes."""
        return child_scope(self.address, index, body)

    def composite(self, kind: type[C]) -> C:
        """What this composite holds, once it is active.

        Raises:
            TypeError: It is of another kind: the log does not fit the plan.
        """
        held = self.node.composite
        if isinstance(held, kind):
            return held
        message = f"node {self.address!r} holds {type(held).__name__}, not {kind.__name__}"
        raise TypeError(message)

    def around(self) -> tuple[NodeContext, int]:
        """The composite around this node, and the number of the scope that the node is in."""
        address, index = parent_of_scope(self.scope)
        composite = context_at(self.plan, self.state, self.writer, address)
        if composite is None:
            message = f"no composite at {address!r}"
            raise LookupError(message)
        return composite, index

    # --- what is written about it -----------------------------------------------------------------

    def event(self, kind: type[N], *, of: str = "", attempt: int = 0, **fields: Any) -> N:
        """An event about this node.

        Args:
            kind: Its class.
            of: Tells several events of one kind and attempt apart.
            attempt: Number of the attempt; 0 stands for the present one.
            fields: Its own fields.
        """
        state, attempt = self.state, attempt or self.node.attempt
        of_what = attempt_id(state.run_id, self.address, attempt)
        return kind(
            id=f"{of_what}:{kind.__struct_config__.tag}{of and ':' + of}",
            run_id=state.run_id,
            workflow_id=state.workflow_id,
            causation_id=self.writer.cause,
            traceparent=state.traceparent,
            node_id=self.planned.id,
            scope=self.scope,
            attempt=attempt,
            **fields,
        )

    def succeeded(self, outputs: dict[str, Any], port: str = OUT, **fields: Any) -> Append:
        """Record that this node succeeded."""
        return Append(self.event(e.NodeRunSucceeded, outputs=outputs, port=port, **fields))

    def failed(self, error: Failure) -> Append:
        """Record that this attempt failed."""
        return Append(self.event(e.NodeRunFailed, error=error))

    def timer(self, timer: str, due: float, *, of: str = "", **fields: Any) -> ArmTimer:
        """Arm a timer; `of` tells several of one timer apart."""
        fired = self.event(e.TimerFired, of=of or timer, timer=timer, due=due, **fields)
        return ArmTimer(due, fired)


def context_at(
    plan: Plan, state: RunState, writer: EventWriter, address: str
) -> NodeContext | None:
    """The context of the node at an address; None when the plan or the state has no such node."""
    scope, node_id = split_address(address)
    graph, node = plan_of(plan, scope), state.nodes.get(address)
    if graph is None or node is None:
        return None
    return NodeContext(plan, state, writer, address, scope, graph, graph.nodes[node_id], node)
