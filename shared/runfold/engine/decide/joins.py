"""`join` and `aggregate`: what several branches come to."""

from __future__ import annotations

from typing import Any

from runfold.engine.decide.node_context import Fields, Ready
from runfold.engine.decide.outputs import output_of
from runfold.engine.evolve.edges import LOST
from runfold.engine.state.run import ENDED, NodeState
from runfold.engine.state.scopes import plan_of
from runfold.errors import NodeFailed, ReferenceMissing
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of
from runfold.values.templates import render


def join_fields(here: Ready) -> Fields | None:
    """The outputs of a join that goes on; None when no branch was ever taken to it.

    Raises:
        NodeFailed: `join.not_enough`, when too few branches came.
    """
    inner = plan_of(here.plan, here.scope) or here.plan
    arrived, missing, came = _arrivals(here, inner)
    planned = here.planned
    lost = [node.id for node in inner.nodes.values() if _is_lost(here, node)]
    if not arrived and not lost and not here.node.timed_out:
        return None
    if not _is_enough(here, came):
        need = planned.join.need if planned.join else planned.incoming
        why = "in time" if here.node.timed_out else "at all"
        message = (
            f"node {planned.id!r}: {came} of the {need} branches needed came {why}; "
            f"missing: {', '.join(missing) or 'none'}"
        )
        details = {"node": planned.id, "scope": here.scope, "arrived": arrived, "missing": missing}
        raise NodeFailed(
            message,
            code="join.not_enough",
            kind="timeout" if here.node.timed_out else "input",
            details=details,
        )
    output = {
        node_id: output_of(here.state, address_of(here.scope, node_id)) for node_id in arrived
    }
    return {
        "outputs": {
            "output": output,
            "arrived": arrived,
            "missing": missing,
            "timed_out": here.node.timed_out,
        }
    }


def _is_enough(here: Ready, came: int) -> bool:
    rule, config = here.planned.join, here.planned.config
    if here.node.timed_out:
        return bool(config.get("on_timeout", "fail") == "continue")
    if rule is None or came >= rule.need:
        return True
    return bool(rule.ignore_errors and config.get("mode", "all") == "all" and came)


def _arrivals(here: Ready, inner: Plan) -> tuple[list[str], list[str], int]:
    """Nodes that lead here and whose edge was taken, the others, and how many edges were taken."""
    arrived: list[str] = []
    missing: list[str] = []
    came = 0
    for node in inner.nodes.values():
        ports = {port for port, targets in node.targets.items() if here.planned.id in targets}
        if ports:
            held = here.state.nodes.get(address_of(here.scope, node.id))
            taken = _taken(held, ports)
            came += taken
            (arrived if taken else missing).append(node.id)
    return arrived, missing, came


def _taken(held: NodeState | None, ports: set[str]) -> int:
    """How many of a node's edges, at some ports, were taken."""
    if held is None or held.status not in ENDED:
        return 0
    return len(ports & {held.port, *held.ports})


def _is_lost(here: Ready, node: PlanNode) -> bool:
    """Whether a node of one of the branches failed, so that the branch never came."""
    held = here.state.nodes.get(address_of(here.scope, node.id))
    return node.guard == here.planned.id and held is not None and held.port == LOST


def aggregate_fields(here: Ready) -> Fields:
    """One value of several, or one for each group."""
    config = here.planned.config
    groups = config.get("groups")
    if groups:
        outputs = {name: _first(here, refs) for name, refs in groups.items()}
        return {"outputs": {**outputs, "output": outputs}}
    present = _present(here, config.get("values", []))
    match config.get("mode", "first"):
        case "collect":
            output: Any = present
        case "merge":
            output = _merged(here, present)
        case _:
            output = present[0] if present else None
    return {"outputs": {"output": output}}


def _first(here: Ready, refs: list[Any]) -> Any:
    present = _present(here, refs)
    return present[0] if present else None


def _present(here: Ready, refs: list[Any]) -> list[Any]:
    """The values that there are and that are not null."""
    values = []
    for ref in refs:
        try:
            value = render(ref, here.lookup)
        except ReferenceMissing:
            continue
        if value is not None:
            values.append(value)
    return values


def _merged(here: Ready, values: list[Any]) -> Any:
    if all(isinstance(value, dict) for value in values):
        return {key: inner for value in values for key, inner in value.items()}
    if all(isinstance(value, list) for value in values):
        return [inner for value in values for inner in value]
    kinds = ", ".join(sorted({type(value).__name__ for value in values}))
    message = f"node {here.planned.id!r}: only objects, or only lists, can be merged, not {kinds}"
    raise NodeFailed(message, code="aggregate.mixed", kind="input")
