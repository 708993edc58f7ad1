"""The `join` and `aggregate` kinds: what several branches give together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runfold.contracts import events as e
from runfold.engine.decide.effects import Append
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.outputs import output_of
from runfold.engine.evolve.edges import LOST
from runfold.engine.state.nodes import ENDED, NodeState
from runfold.errors import NodeFailed, ReferenceMissing
from runfold.graph.plan.plan import PlanNode
from runfold.ids import address_of
from runfold.values.profiles import rules_of


def join(ctx: NodeContext) -> Append:
    """End a join that goes on; skip it when no branch was ever taken to it.

    Raises:
        NodeFailed: `join.not_enough`, when too few branches arrived.
    """
    arrived, missing, taken = _arrivals(ctx)
    planned, timed_out = ctx.planned, ctx.node.timed_out
    lost = any(_is_lost(ctx, node) for node in ctx.graph.nodes.values())
    if not arrived and not lost and not timed_out:
        return Append(ctx.event(e.NodeRunSkipped))
    if not _is_enough(ctx, taken):
        need = planned.join.need if planned.join else planned.incoming
        when = " in time" if timed_out else ""
        message = (
            f"node {planned.id!r}: {taken} of the {need} needed branches arrived{when}; "
            f"missing: {', '.join(missing) or 'none'}"
        )
        details = {"node": planned.id, "scope": ctx.scope, "arrived": arrived, "missing": missing}
        raise NodeFailed(
            message,
            code="join.not_enough",
            kind="timeout" if timed_out else "input",
            details=details,
        )
    output = {node_id: output_of(ctx.state, address_of(ctx.scope, node_id)) for node_id in arrived}
    return ctx.succeeded(
        {"output": output, "arrived": arrived, "missing": missing, "timed_out": timed_out}
    )


def _is_enough(ctx: NodeContext, taken: int) -> bool:
    rule, config = ctx.planned.join, ctx.config
    if ctx.node.timed_out:
        return bool(config.get("on_timeout", "fail") == "continue")
    if rule is None or taken >= rule.need:
        return True
    return bool(rule.ignore_errors and config.get("mode", "all") == "all" and taken)


def _arrivals(ctx: NodeContext) -> tuple[list[str], list[str], int]:
    """Nodes that lead here and whose edge was taken, the others, and how many edges were taken."""
    arrived: list[str] = []
    missing: list[str] = []
    total = 0
    for node in ctx.graph.nodes.values():
        ports = {port for port, targets in node.targets.items() if ctx.planned.id in targets}
        if ports:
            held = ctx.state.nodes.get(address_of(ctx.scope, node.id))
            taken = _taken(held, ports)
            total += taken
            (arrived if taken else missing).append(node.id)
    return arrived, missing, total


def _taken(held: NodeState | None, ports: set[str]) -> int:
    """How many of a node's edges, at some ports, were taken."""
    if held is None or held.status not in ENDED:
        return 0
    return len(ports & {held.port, *held.ports})


def _is_lost(ctx: NodeContext, node: PlanNode) -> bool:
    """Whether a node of one of the branches failed, so that the branch never arrives."""
    held = ctx.state.nodes.get(address_of(ctx.scope, node.id))
    return node.guard == ctx.planned.id and held is not None and held.port == LOST


def aggregate(ctx: NodeContext) -> Append:
    """Give one value of several, or one for each group.

    Raises:
        NodeFailed: `aggregate.mixed`, when values of different types are to be merged.
    """
    groups = ctx.config.get("groups")
    if groups:
        outputs = {name: _first(ctx, refs) for name, refs in groups.items()}
        return ctx.succeeded({**outputs, "output": outputs})
    refs = ctx.config.get("values", [])
    match ctx.config.get("mode", "first"):
        case "collect":
            output: Any = _present(ctx, refs)
        case "merge":
            output = _merged(ctx, _present(ctx, refs))
        case _:
            output = _first(ctx, refs)
    return ctx.succeeded({"output": output})


def _first(ctx: NodeContext, refs: list[Any]) -> Any:
    """The first value that exists, and is not null unless the profile takes null for one."""
    rules = rules_of(ctx.planned.profile)
    takes_null = rules is not None and rules.null_is_a_value
    return next((one for one in _existing(ctx, refs) if takes_null or one is not None), None)


def _present(ctx: NodeContext, refs: list[Any]) -> list[Any]:
    """The values that exist and are not null."""
    return [one for one in _existing(ctx, refs) if one is not None]


def _existing(ctx: NodeContext, refs: list[Any]) -> Iterator[Any]:
    for ref in refs:
        try:
            value = ctx.needed(ref)
        except ReferenceMissing:
            continue
        yield value


def _merged(ctx: NodeContext, values: list[Any]) -> Any:
    if all(isinstance(value, dict) for value in values):
        return {key: inner for value in values for key, inner in value.items()}
    if all(isinstance(value, list) for value in values):
        return [inner for value in values for inner in value]
    kinds = ", ".join(sorted({type(value).__name__ for value in values}))
    message = f"node {ctx.planned.id!r}: only objects, or only lists, can be merged, not {kinds}"
    raise NodeFailed(message, code="aggregate.mixed", kind="input")
