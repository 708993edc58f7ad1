"""Which graph a scope runs, whether it still counts, and what a name means inside it."""

from __future__ import annotations

from typing import Any

from runfold.engine.state import NodeState, RunState
from runfold.errors import Failure, ReferenceMissing
from runfold.graph.compensating import ERROR_NAME
from runfold.graph.plan import Plan, PlanNode
from runfold.ids import address_of, parent_of_scope, split_address
from runfold.values.references import Lookup


def plan_of(plan: Plan, scope: str) -> Plan | None:
    """The graph of a scope, or None when the definition has no such place."""
    if not scope:
        return plan
    inner: Plan | None = plan
    for part in scope.split("/"):
        node = inner.nodes.get(part.partition("[")[0]) if inner else None
        inner = node.body if node else None
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
        here = state.scopes.get(scope)
        if here is None or here.closed:
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
    """What root names mean to a node of `scope`: inner scopes first, then the run's values."""

    def lookup(root: str) -> Any:
        here = scope
        while True:
            inner = plan_of(plan, here)
            if inner is not None and root in inner.nodes:
                return _node_root(state, inner.nodes[root], here)
            if not here:
                break
            address, index = parent_of_scope(here)
            if root == "index":
                return index
            if root == "item":
                return state.nodes[address].loop.items[index]  # type: ignore[union-attr]
            here, _ = split_address(address)
        if root == "sys":
            return {
                "run_id": state.run_id,
                "workflow_id": state.workflow_id,
                "version": state.version,
                "started_at": state.started_at,
            }
        if root in state.values:
            return state.values[root]
        if root == ERROR_NAME and state.saga is not None:
            return error_view(state.saga.error)
        message = f"nothing is called {root!r} here: it is no node, input, variable or loop name"
        raise ReferenceMissing(message, details={"reference": root, "missing": root})

    return lookup


def _node_root(state: RunState, node: PlanNode, scope: str) -> Any:
    if node.type == "start":
        return {**state.values, "output": state.values}
    held = state.nodes.get(address_of(scope, node.id))
    if held is None or held.status not in ("succeeded", "exception"):
        status = "has not run" if held is None else f"is {held.status}"
        message = f"node {node.id!r} has no outputs: it {status}"
        raise ReferenceMissing(message, details={"reference": node.id, "missing": node.id})
    return node_view(held)


def everything(plan: Plan, state: RunState, scope: str) -> dict[str, Any]:
    """All roots a node of `scope` can read, for code whose references are not constant."""
    roots: dict[str, Any] = dict(state.values)
    if state.saga is not None:
        roots.setdefault(ERROR_NAME, error_view(state.saga.error))
    scopes = [""]
    if scope:
        parts = scope.split("/")
        scopes += ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
    for here in scopes:
        inner = plan_of(plan, here)
        for node_id in inner.nodes if inner else ():
            held = state.nodes.get(address_of(here, node_id))
            if held is not None and held.status in ("succeeded", "exception"):
                roots[node_id] = node_view(held)
    if scope:
        lookup = lookup_in_scope(plan, state, scope)
        roots |= {"item": lookup("item"), "index": lookup("index")}
    return roots
