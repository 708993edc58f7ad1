"""The outputs of a whole graph: of a run, of a sub-workflow, or of a composite's scope."""

from __future__ import annotations

from typing import Any

from runfold.engine.decide.node_context import NodeContext
from runfold.engine.state.names import START, node_view
from runfold.engine.state.nodes import GAVE_OUTPUTS
from runfold.engine.state.runs import RunState
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of
from runfold.values.profiles import rules_of

END, ANSWER = "end", "answer"
"""Kinds whose outputs are the workflow's."""


def run_outputs(plan: Plan, state: RunState, scope: str = "") -> Any:
    """A workflow's outputs: of its `end` nodes, else of its answers, else of its last nodes.

    Args:
        plan: The workflow's plan.
        state: The run that it is, or is a part of.
        scope: Empty for the run itself, else the sub-workflow's.
    """
    outputs: dict[str, Any] = {}
    ended = [node for node in plan.nodes.values() if _gave_outputs(state, scope, node.id)]
    answers = []
    for node in ended:
        held = state.nodes[address_of(scope, node.id)]
        if node.type == END:
            outputs |= held.outputs
        elif node.type == ANSWER:
            answers.append(held)
    if answers and not _is_all(ended, state, scope):
        in_order = sorted(answers, key=lambda held: held.finished_at or 0.0)
        text = "".join(str(held.outputs.get("answer", "")) for held in in_order)
        outputs.setdefault("answer", text)
    if outputs or any(node.type in (END, ANSWER) for node in plan.nodes.values()):
        return outputs
    result = last_outputs(plan, state, scope)
    return result if isinstance(result, dict) else {"output": result}


def _is_all(ended: list[PlanNode], state: RunState, scope: str) -> bool:
    """Whether what an end gives is all that its workflow gives: in a chat it never is."""
    profiles = [rules_of(node.profile) for node in ended if node.type == END]
    is_said = not scope and state.turn is not None
    return not is_said and any(rules.ends_alone for rules in profiles if rules is not None)


def last_outputs(plan: Plan, state: RunState, scope: str) -> Any:
    """The `output` of the node that no edge leaves; of several, an object by node id."""
    outputs = {
        node_id: output_of(state, address_of(scope, node_id))
        for node_id in plan.ends
        if _gave_outputs(state, scope, node_id)
    }
    return next(iter(outputs.values())) if len(outputs) == 1 else outputs


def predecessors_output(ctx: NodeContext) -> Any:
    """The `output` of the node that leads to this one; of several, an object by node id."""
    leading = {
        node.id: output_of(ctx.state, address_of(ctx.scope, node.id))
        for node in ctx.graph.nodes.values()
        if any(ctx.planned.id in targets for targets in node.targets.values())
        and node.type != START
        and _gave_outputs(ctx.state, ctx.scope, node.id)
    }
    if len(leading) == 1:
        return next(iter(leading.values()))
    return leading or None


def output_of(state: RunState, address: str) -> Any:
    """What `{{node.output}}` reads for a node that ran."""
    return node_view(state.nodes[address])["output"]


def _gave_outputs(state: RunState, scope: str, node_id: str) -> bool:
    held = state.nodes.get(address_of(scope, node_id))
    return held is not None and held.status in GAVE_OUTPUTS
