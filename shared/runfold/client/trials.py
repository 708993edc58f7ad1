"""Trying one node: a run of its own, of a definition that is made for it and never stored.

What the node refers to are the inputs of the run, given by name or taken from the log of a run, as
they were when the node there was ready. How the definition is made: `trial_documents.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from runfold.bus.ports.bus import Bus
from runfold.bus.run_log import RunLog
from runfold.bus.uploads import checked_files
from runfold.client.node_inputs import followed_to
from runfold.client.trial_documents import WORKFLOW, checked_alone, with_an_end
from runfold.contracts.requests import RunRequest
from runfold.engine.history.fold import beginning
from runfold.engine.state.names import everything, lookup_in_scope
from runfold.engine.state.runs import RunState
from runfold.engine.state.scopes import plan_of
from runfold.errors import InvalidInputs, InvalidRequest, NotFound
from runfold.graph.definition import Node, Workflow
from runfold.graph.free_names import RESERVED
from runfold.graph.kinds import kind_of
from runfold.graph.loader import canonical_bytes, workflow_from_canonical
from runfold.graph.plan.plan import Plan, compile_plan
from runfold.ids import parent_of_scope, split_address
from runfold.values.paths import EVERYTHING, is_name, parse_ref
from runfold.values.references import prune
from runfold.values.types import kind_name

LABEL = "runfold.trial"
OF_RUN, OF_NODE = "runfold.trial.run", "runfold.trial.node"
"""Labels that say of which run, and of which node of it, the values are."""


class Trial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A node to be tried."""

    node: Annotated[dict[str, Any], Meta(description="As it stands in a definition.")]
    context: Annotated[
        dict[str, Any],
        Meta(description="What it refers to, by name; goes before what the run has."),
    ] = {}
    run_id: Annotated[
        str, Meta(description="The run whose recorded values it refers to; empty: none.")
    ] = ""
    address: Annotated[
        str, Meta(description="Which node it is in that run; empty: the one of its id.")
    ] = ""
    workflows: Annotated[
        dict[str, Any],
        Meta(
            description="The workflows of its document, as they stand there; what it calls of them "
            "is checked and goes before what the run has."
        ),
    ] = {}


class _Said(msgspec.Struct, frozen=True):
    """What of `sys` is given to a run."""

    query: str = ""
    user_id: str = ""
    files: tuple[dict[str, Any], ...] = ()
    history: tuple[dict[str, Any], ...] = ()


class _Recorded(NamedTuple):
    """What a run has for the node."""

    workflow: Workflow
    plan: Plan
    state: RunState
    scope: str
    node_id: str


class Trials:
    """Makes runs of single nodes.

    Args:
        bus: Where the logs of runs are.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._runs = RunLog(bus)

    async def request(self, trial: Trial) -> RunRequest:
        """The run that tries a node.

        Raises:
            InvalidWorkflow: The node, or a workflow that it calls, does not pass the checks; paths
                begin with `node` or `workflows`.
            InvalidInputs: `trial.values_missing`: it refers to what has no value.
            InvalidRequest: `trial.context`: a name that cannot be given.
            UnknownRun: No such run.
            NotFound: `node.not_found`: the run has no such node, or has not come to it.
            InvalidFile: A file value that is not one, or whose bytes are not there.
        """
        _check_names(trial.context)
        node_id = trial.node.get("id")
        document = {**trial.node, "id": "node" if node_id is None else node_id}
        document.pop("compensate", None)  # what undoes it is not there
        recorded = None
        if trial.run_id:
            recorded = await self._recorded(trial.run_id, trial.address or str(document["id"]))
        base, said = _around(trial.context, recorded)
        checked = await checked_alone(document, base, trial.workflows)
        (node,), needed = checked.nodes, list(checked.inputs)
        hidden = RESERVED | {node.id}
        given = {name: one for name, one in trial.context.items() if name not in hidden}
        values = {**(_values(node, needed, recorded) if recorded else {}), **given}
        if missing := [name for name in needed if name not in values]:
            message = (
                f"node {node.id!r} refers to {', '.join(missing)}: give a value to each in "
                "`context`, or the `run_id` and `address` of a node that has them"
            )
            raise InvalidInputs(message, code="trial.values_missing", details={"missing": missing})
        labels = {LABEL: "true"}
        if trial.run_id:
            labels |= {OF_RUN: trial.run_id, OF_NODE: (trial.address or node.id)[:256]}
        own = {name: one for name, one in checked.workflows.items() if name in trial.workflows}
        around = replace(base, workflows={**base.workflows, **own})
        definition = canonical_bytes(with_an_end(node, values, around))
        return RunRequest(
            workflow_id=WORKFLOW,
            inputs=values,
            definition=msgspec.Raw(definition),
            labels=labels,
            query=said.query,
            user_id=said.user_id,
            files=tuple(await checked_files(self._bus.files, list(said.files), "files")),
            history=said.history,
        )

    async def _recorded(self, run_id: str, address: str) -> _Recorded:
        records = await self._runs.records(run_id)
        folder, _, moments = await followed_to(records, self._runs.plans, address)
        state = moments[max(moments)].state if moments else folder.state
        scope, node_id = split_address(address)
        if scope and address not in folder.state.nodes:
            message = (
                f"run {run_id!r} has not come to a node {address!r}: name a node of it, with the "
                "item or the round that it was in, such as each[0]/call"
            )
            raise NotFound(message, code="node.not_found")
        workflow = workflow_from_canonical(bytes(beginning(records).definition))
        return _Recorded(workflow, folder.plan, state, scope, node_id)


def _check_names(context: Mapping[str, Any]) -> None:
    """Refuse names that a run cannot be given.

    Raises:
        InvalidRequest: `trial.context`.
    """
    wrong = ""
    for name in context:
        if name in ("secrets", EVERYTHING):
            wrong = f"{name!r} is not given: executors read it themselves"
        elif not is_name(name):
            wrong = f"{name!r} is not a name: letters, digits, _ and -"
        elif name in RESERVED and not isinstance(context[name], dict):
            wrong = f"{name!r} is an object, not {kind_name(context[name])}"
    system = context.get("sys")
    if isinstance(system, dict) and (
        others := sorted(system.keys() - set(_Said.__struct_fields__))
    ):
        known = ", ".join(_Said.__struct_fields__)
        wrong = f"sys.{others[0]} is the trial's own: of sys only {known} can be given"
    if wrong:
        raise InvalidRequest(f"context: {wrong}", code="trial.context")


def _around(context: Mapping[str, Any], recorded: _Recorded | None) -> tuple[Workflow, _Said]:
    """What a workflow says beside its nodes, and what a user says."""
    base, said = Workflow(id=WORKFLOW), _Said()
    if recorded is not None:
        state = recorded.state
        if state.turn is not None:
            turn = state.turn
            said = _Said(turn.query, turn.user_id, turn.files, turn.history)
        base = replace(
            base,
            conversation=state.conversation,
            environment=state.environment,
            workflows=recorded.workflow.workflows,
        )
    try:
        said = msgspec.convert({**msgspec.structs.asdict(said), **context.get("sys", {})}, _Said)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"context: sys: {error}", code="trial.context") from error
    conversation = {**base.conversation, **context.get("conversation", {})}
    environment = {**base.environment, **context.get("env", {})}
    return replace(base, conversation=conversation, environment=environment), said


def _values(node: Node, needed: list[str], recorded: _Recorded) -> dict[str, Any]:
    """What a run has for the names that a node needs; a node that never ran has no outputs."""
    _, plan, state, scope, node_id = recorded
    refs = compile_plan(Workflow(id=WORKFLOW, nodes=(node,))).nodes[node.id].refs
    if any(ref.root == EVERYTHING for ref in refs):
        found = everything(plan, state, scope)
        return {name: one for name, one in found.items() if name not in RESERVED}
    kind = kind_of(node.type)
    if kind is not None and kind.inner:  # what its bodies read is not among its own references
        refs = tuple(parse_ref(name) for name in needed)
    asked = tuple(ref for ref in refs if ref.root not in RESERVED)
    found = prune(asked, lookup_in_scope(plan, state, scope, node_id))
    skipped: dict[str, Any] = {name: {} for name in needed if _is_node(plan, scope, name)}
    return {**skipped, **found}


def _is_node(plan: Plan, scope: str, name: str) -> bool:
    """Whether a node around a scope is called so."""
    while True:
        graph = plan_of(plan, scope)
        if graph is not None and name in graph.nodes:
            return True
        if not scope:
            return False
        scope, _ = split_address(parent_of_scope(scope)[0])
