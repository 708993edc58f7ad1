"""What a graph comes to: the outputs of a run, and the result of a loop's item."""

from __future__ import annotations

from typing import Any

from runfold.engine.state.run import RunState
from runfold.engine.state.scopes import node_view
from runfold.graph.plan.plan import Plan
from runfold.ids import address_of


def run_outputs(plan: Plan, state: RunState, scope: str = "") -> Any:
    """A workflow's outputs: of its `end` nodes, else of its answers, else of its last nodes.

    Args:
        plan: The workflow's plan.
        state: The run it is, or is a part of.
        scope: Empty for the run itself, else the sub-workflow's.
    """
    outputs: dict[str, Any] = {}
    for node_id in _ran(plan, state, scope, "end"):
        outputs |= state.nodes[address_of(scope, node_id)].outputs
    answers = _ran(plan, state, scope, "answer")
    texts = [state.nodes[address_of(scope, node_id)] for node_id in answers]
    if texts:
        in_order = sorted(texts, key=lambda node: node.finished_at or 0.0)
        outputs.setdefault(
            "answer", "".join(str(node.outputs.get("answer", "")) for node in in_order)
        )
    if outputs or any(node.type in ("end", "answer") for node in plan.nodes.values()):
        return outputs
    result = last_outputs(plan, state, scope)
    return result if isinstance(result, dict) else {"output": result}


def last_outputs(plan: Plan, state: RunState, scope: str) -> Any:
    """What the nodes without successors came to: one's `output`, or several by node id."""
    last = [
        node_id
        for node_id in _ran(plan, state, scope)
        if not any(plan.nodes[node_id].targets.values())
    ]
    views = {node_id: output_of(state, address_of(scope, node_id)) for node_id in last}
    if len(views) == 1:
        return next(iter(views.values()))
    return views


def output_of(state: RunState, address: str) -> Any:
    """What `{{node.output}}` reads for a node that ran."""
    return node_view(state.nodes[address])["output"]


def _ran(plan: Plan, state: RunState, scope: str, type_: str = "") -> list[str]:
    """Ids of the nodes that gave outputs, in the definition's order."""
    found = []
    for node in plan.nodes.values():
        held = state.nodes.get(address_of(scope, node.id))
        ran = held is not None and held.status in ("succeeded", "exception")
        if ran and (not type_ or node.type == type_):
            found.append(node.id)
    return found


def predecessors_output(plan: Plan, state: RunState, scope: str, node_id: str) -> Any:
    """What the nodes that lead to this one came to: one's `output`, or several by node id."""
    leading = {
        node.id: output_of(state, address_of(scope, node.id))
        for node in plan.nodes.values()
        if any(node_id in targets for targets in node.targets.values())
        and node.type != "start"
        and (held := state.nodes.get(address_of(scope, node.id))) is not None
        and held.status in ("succeeded", "exception")
    }
    if len(leading) == 1:
        return next(iter(leading.values()))
    return leading or None
