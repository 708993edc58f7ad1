"""Which graph a scope runs, whether it still counts, and what a name means inside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfold.engine.state.run import NodeState, RunState
from runfold.engine.state.state_machines import names_of
from runfold.errors import Failure, ReferenceMissing
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.graph.reading.compensation import ERROR_NAME
from runfold.ids import address_of, parent_of_scope, split_address, split_step
from runfold.values.references import Lookup


def plan_of(plan: Plan, scope: str) -> Plan | None:
    """The graph of a scope, or None when the definition has no such place."""
    if not scope:
        return plan
    inner: Plan | None = plan
    for step in scope.split("/"):
        node_id, body, _ = split_step(step)
        inner = inner.body(node_id, body) if inner else None
    return inner


def node_at(plan: Plan, address: str) -> PlanNode:
    """The planned node at an address known to be in the plan."""
    scope, node_id = split_address(address)
    inner = plan_of(plan, scope)
    if inner is None:
        message = f"no node at {address!r}"
        raise LookupError(message)
    return inner.nodes[node_id]


def is_open(state: RunState, scope: str) -> bool:
    """Whether facts about nodes of this scope may still change the run.

    While a run compensates, that is asked of what undoes, whose own scope may be given up.
    """
    undoing = state.saga.undoing if state.saga else None
    outermost = split_address(undoing.by)[0] if undoing else ""
    while scope != outermost:
        if scope not in state.scopes:
            return False
        address, _ = parent_of_scope(scope)
        composite = state.nodes.get(address)
        if composite is None or composite.status != "looping":
            return False
        scope, _ = split_address(address)
    return True


def node_view(node: NodeState) -> dict[str, Any]:
    """What `{{node.…}}` reads: the outputs, and `output`, `status`, `error` beside them."""
    view = dict(node.outputs)
    view.setdefault("output", node.outputs)
    view.setdefault("status", node.status)
    if node.error is not None:
        view.setdefault("error", failure_view(node))
    return view


def failure_view(node: NodeState) -> dict[str, Any]:
    """What `{{node.error.…}}` reads."""
    return {} if node.error is None else error_view(node.error)


def error_view(error: Failure) -> dict[str, Any]:
    """What `{{error.…}}` reads of a failure."""
    return {
        "type": error.kind,
        "code": error.code,
        "message": error.message,
        "details": error.details,
    }


def lookup_in_scope(plan: Plan, state: RunState, scope: str) -> Lookup:
    """What root names mean to a node of `scope`: inner scopes first, then the run's values.

    A sub-workflow sees nothing of what is around it.
    """

    def lookup(root: str) -> Any:
        here, values = scope, state.values
        while True:
            inner = plan_of(plan, here)
            if inner is not None and root in inner.nodes:
                return _node_root(plan, state, inner.nodes[root], here)
            if not here:
                break
            address, index = parent_of_scope(here)
            outer, _ = split_address(address)
            names = _names_inside(plan, state, address, index)
            if root in names:
                return names[root]
            if node_at(plan, address).calls:
                values = names
                break
            here = outer
        if root in _SYSTEM:
            return _SYSTEM[root](state)
        if root in values:
            return values[root]
        if root == ERROR_NAME and state.saga is not None:
            return error_view(state.saga.error)
        message = f"nothing is called {root!r} here: it is no node, input, variable or loop name"
        raise ReferenceMissing(message, details={"reference": root, "missing": root})

    return lookup


def lookup_around_rounds(plan: Plan, state: RunState, address: str, index: int) -> Lookup:
    """What names mean to a composite between two rounds: its own names, then what is around it."""
    scope, _ = split_address(address)
    around = lookup_in_scope(plan, state, scope)
    names = _names_inside(plan, state, address, index)
    return lambda root: names[root] if root in names else around(root)


def _names_inside(plan: Plan, state: RunState, address: str, index: int) -> dict[str, Any]:
    """What a composite provides in the scope of one of its items or rounds."""
    planned, loop = node_at(plan, address), state.nodes[address].loop
    if loop is None:
        return {}
    if planned.calls:
        return loop.variables
    if planned.type == "parallel":
        return {}
    if loop.machine is not None:
        return {**loop.variables, **names_of(loop.machine, loop.machine.event)}
    names = {**loop.variables, "index": index}
    if loop.items and index < len(loop.items):
        names["item"] = loop.items[index]
    if loop.batch_size:
        names["batch_index"] = index // loop.batch_size
    return names


def _system(state: RunState) -> dict[str, Any]:
    return {
        "run_id": state.run_id,
        "workflow_id": state.workflow_id,
        "version": state.version,
        "started_at": state.started_at,
        "conversation_id": state.conversation_id,
    }


_SYSTEM: dict[str, Callable[[RunState], dict[str, Any]]] = {
    "sys": _system,
    "conversation": lambda state: state.conversation,
    "env": lambda state: state.environment,
}
"""Roots that mean the same everywhere in a run."""


def values_of(plan: Plan, state: RunState, scope: str) -> dict[str, Any]:
    """Inputs and variables of the workflow that a scope belongs to."""
    while scope:
        address, _ = parent_of_scope(scope)
        if node_at(plan, address).calls:
            loop = state.nodes[address].loop
            return loop.variables if loop else {}
        scope, _ = split_address(address)
    return state.values


def _node_root(plan: Plan, state: RunState, node: PlanNode, scope: str) -> Any:
    if node.type == "start":
        values = values_of(plan, state, scope)
        return {**values, "output": values}
    held = state.nodes.get(address_of(scope, node.id))
    if held is None or held.status not in ("succeeded", "exception"):
        status = "has not run" if held is None else f"is {held.status}"
        message = f"node {node.id!r} has no outputs: it {status}"
        raise ReferenceMissing(message, details={"reference": node.id, "missing": node.id})
    return node_view(held)


def everything(plan: Plan, state: RunState, scope: str) -> dict[str, Any]:
    """All roots a node of `scope` can read, for code whose references are not constant."""
    roots: dict[str, Any] = {}
    here = scope
    while True:
        inner = plan_of(plan, here)
        for node in inner.nodes.values() if inner else ():
            held = state.nodes.get(address_of(here, node.id))
            if held is not None and held.status in ("succeeded", "exception"):
                roots.setdefault(node.id, _node_root(plan, state, node, here))
        if not here:
            if state.saga is not None:
                roots.setdefault(ERROR_NAME, error_view(state.saga.error))
            return {**state.values, **roots}
        address, index = parent_of_scope(here)
        roots = {**_names_inside(plan, state, address, index), **roots}
        if node_at(plan, address).calls:
            return roots
        here, _ = split_address(address)
