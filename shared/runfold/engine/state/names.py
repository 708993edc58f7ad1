"""What a name means to a node: inner scopes first, then the run's own values.

References and templates are resolved with the look-ups that are made here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfold.contracts.events import Turn
from runfold.engine.state.nodes import GAVE_OUTPUTS, NodeState
from runfold.engine.state.runs import RunState
from runfold.engine.state.scopes import node_at, plan_of
from runfold.errors import Failure, ReferenceMissing
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.graph.reading.compensation import ERROR_NAME
from runfold.ids import address_of, parent_of_scope, split_address
from runfold.values.profiles import rules_of
from runfold.values.references import Lookup

_NO_TURN = Turn()
START = "start"
"""The kind whose nodes stand for the workflow's inputs and variables."""


def lookup_in_scope(plan: Plan, state: RunState, scope: str, reader: str = "") -> Lookup:
    """What root names mean to a node of a scope.

    A sub-workflow sees nothing of what is around it. A node inside a composite that reads its own
    name reads what is called so around it: it has no outputs of its own yet.
    """

    def lookup(root: str) -> Any:
        around, values = scope, state.values
        while True:
            graph = plan_of(plan, around)
            is_itself = bool(scope) and root == reader and around == scope
            if graph is not None and root in graph.nodes and not is_itself:
                return _node_root(plan, state, graph.nodes[root], around)
            if not around:
                break
            address, index = parent_of_scope(around)
            names = _names_inside(state, address, index)
            if root in names:
                return names[root]
            if node_at(plan, address).calls:
                values = names
                break
            around, _ = split_address(address)
        if root in _SYSTEM:
            return _SYSTEM[root](state)
        if root in values:
            return values[root]
        if root == ERROR_NAME and state.saga is not None:
            return error_view(state.saga.error)
        message = (
            f"unknown name {root!r}: it is not a node, input, variable or loop name in this scope"
        )
        raise ReferenceMissing(message, details={"reference": root, "missing": root})

    return lookup


def lookup_around_rounds(plan: Plan, state: RunState, address: str, index: int) -> Lookup:
    """What root names mean to a composite between two rounds: its own names first."""
    scope, _ = split_address(address)
    names = _names_inside(state, address, index)
    return with_names(names, lookup_in_scope(plan, state, scope))


def with_names(names: dict[str, Any], around: Lookup) -> Lookup:
    """A look-up that knows some names itself, and asks another for the rest."""
    return lambda root: names[root] if root in names else around(root)


def everything(plan: Plan, state: RunState, scope: str) -> dict[str, Any]:
    """All root names a node of a scope can read, for code whose references are not constant."""
    roots: dict[str, Any] = {}
    around = scope
    while True:
        graph = plan_of(plan, around)
        for node in graph.nodes.values() if graph else ():
            held = state.nodes.get(address_of(around, node.id))
            if held is not None and held.status in GAVE_OUTPUTS:
                roots.setdefault(node.id, _node_root(plan, state, node, around))
        if not around:
            if state.saga is not None:
                roots.setdefault(ERROR_NAME, error_view(state.saga.error))
            return {**state.values, **roots}
        address, index = parent_of_scope(around)
        roots = {**_names_inside(state, address, index), **roots}
        if node_at(plan, address).calls:
            return roots
        around, _ = split_address(address)


def node_view(node: NodeState, profile: str = "") -> dict[str, Any]:
    """What `{{node.…}}` reads: the outputs, and `output`, `status`, `error` beside them.

    Of a node that failed and gives nothing in its place, the error is no output: null is, or
    nothing where null would count as a value.
    """
    view = dict(node.outputs)
    rules = rules_of(profile)
    if node.status != "exception":
        view.setdefault("output", node.outputs)
    elif rules is None or not rules.null_is_a_value:
        view.setdefault("output", None)
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


def _names_inside(state: RunState, address: str, index: int) -> dict[str, Any]:
    """What a composite's own names mean in one of its scopes."""
    composite = state.nodes[address].composite
    return {} if composite is None else composite.names_inside(index)


def _values_of(plan: Plan, state: RunState, scope: str) -> dict[str, Any]:
    """Inputs and variables of the workflow that a scope belongs to."""
    while scope:
        address, index = parent_of_scope(scope)
        if node_at(plan, address).calls:
            return _names_inside(state, address, index)
        scope, _ = split_address(address)
    return state.values


def _node_root(plan: Plan, state: RunState, node: PlanNode, scope: str) -> Any:
    if node.type == START:
        values = _values_of(plan, state, scope)
        return {**values, "output": values}
    held = state.nodes.get(address_of(scope, node.id))
    if held is None or held.status not in GAVE_OUTPUTS:
        status = "has not run" if held is None else f"is {held.status}"
        message = f"node {node.id!r} has no outputs: it {status}"
        raise ReferenceMissing(message, details={"reference": node.id, "missing": node.id})
    return node_view(held, node.profile)


def _system(state: RunState) -> dict[str, Any]:
    turn = state.turn or _NO_TURN
    return {
        "run_id": state.run_id,
        "workflow_id": state.workflow_id,
        "version": state.version,
        "started_at": state.started_at,
        "conversation_id": state.conversation_id,
        "user_id": turn.user_id,
        "query": turn.query,
        "files": list(turn.files),
        "dialogue_count": turn.number,
        "history": list(turn.history),
    }


_SYSTEM: dict[str, Callable[[RunState], dict[str, Any]]] = {
    "sys": _system,
    "conversation": lambda state: state.conversation,
    "env": lambda state: state.environment,
}
"""Root names that mean the same everywhere in a run."""
