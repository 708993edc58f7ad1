"""What an attempt of a node was given, found in the log again.

No event has it: it follows from the state in which the attempt was ready to be handed out, by the
same code that made its task. Secrets and `env` are only ever given by an executor, so here they are
names: `{{secrets.KEY}}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from runfold.background import in_turns
from runfold.contracts.events import Recorded
from runfold.contracts.json_writer import write_json
from runfold.contracts.tasks import Task
from runfold.engine.decide.event_writer import EventWriter
from runfold.engine.decide.node_context import context_at
from runfold.engine.decide.tasks import dispatched
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.state.runs import RunState, may_decide
from runfold.engine.views.attempts import NOT_READY, Attempts
from runfold.engine.views.documents import NodeDocument, NodeInputs, node_of_run
from runfold.engine.views.runs import node_document, run_document
from runfold.errors import NotFound, RunfoldError
from runfold.graph.kinds import kind_of
from runfold.graph.plan.plan import Plan
from runfold.isolated.rendering import rendered
from runfold.values.paths import Lookup, lookup_in, spelled


class Moment(NamedTuple):
    """The state in which an attempt was ready."""

    seq: int
    state: RunState


async def node_of_log(
    records: Sequence[Recorded], plans: Plans, address: str, attempt: int | None
) -> NodeDocument:
    """A node as a run's log has it, with what an attempt was given, the newest or another.

    Raises:
        NotFound: The run has not come to the node, or the node to the attempt.
    """
    folder, attempts, moments = await followed_to(records, plans, address)
    plan, state = folder.plan, folder.state
    if address not in state.nodes:
        message = f"run {state.run_id!r} has not come to a node {address!r}"
        raise NotFound(message, code="node.not_found", details={"run_status": state.status})
    node = node_document(plan, state, address, attempts)
    number = node.attempt if attempt is None else attempt
    if attempt is not None and attempt not in [one.attempt for one in node.attempts]:
        message = f"node {address!r} of run {state.run_id!r} has no attempt {attempt}"
        details = {"attempts": len(node.attempts)}
        raise NotFound(message, code="attempt.not_found", details=details)
    moment = moments.get(number)
    inputs = None if moment is None else await _inputs(plan, moment, address, number)
    return node_of_run(run_document(plan, state, ()), node, inputs)


async def followed_to(
    records: Sequence[Recorded], plans: Plans, address: str
) -> tuple[Folder, Attempts, dict[int, Moment]]:
    """The run, and the state in which each attempt of the node could be handed out."""
    attempts = Attempts()
    moments: dict[int, Moment] = {}
    folder, touched = Folder.begin(records[0], plans)
    attempts.follow(records[0], None, folder.state, touched)
    _note(moments, records[0].seq, folder.state, address)
    async for record in in_turns(records[1:]):
        if attempts.apply(record, folder):
            _note(moments, record.seq, folder.state, address)
    return folder, attempts, moments


def _note(moments: dict[int, Moment], seq: int, state: RunState, address: str) -> None:
    """Note the state for the attempt that is ready in it.

    While a run is paused nothing is handed out: the state counts in which it goes on.
    """
    node = state.nodes.get(address)
    if node is None or node.status in NOT_READY:
        return
    noted = moments.get(node.attempt)
    if noted is None or (node.status == "ready" and not may_decide(noted.state)):
        moments[node.attempt] = Moment(seq, state)


def handed_out(plan: Plan, moment: Moment, address: str) -> Task | None:
    """The task of an attempt, as a scheduler makes it; inline nodes have one here too."""
    context = context_at(plan, moment.state, EventWriter(moment.state), address)
    return None if context is None else dispatched(context).task


async def _inputs(plan: Plan, moment: Moment, address: str, attempt: int) -> NodeInputs | None:
    task = handed_out(plan, moment, address)
    if task is None:
        return None
    kind = kind_of(task.node_type)
    aside = (*kind.raw, *kind.inner) if kind is not None else tuple(task.config)
    lookup = _names_only(task.inputs, moment.state, attempt, task.node_id)
    config: dict[str, Any] = {}
    unresolved: dict[str, str] = {}
    for field, written in task.config.items():
        config[field] = written
        if field in aside:
            continue
        try:
            value = await rendered(written, lookup, asker=task.run_id)
            write_json(value)
        except RunfoldError as error:
            unresolved[field] = error.message
        else:
            config[field] = value
    values = {root: value for root, value in task.inputs.items() if root != "env"}
    return NodeInputs(attempt, moment.seq, config, values, unresolved)


def _names_only(inputs: dict[str, Any], state: RunState, attempt: int, node_id: str) -> Lookup:
    """What root names mean to an executor, with names in place of secrets and `env`."""
    system = {
        "run_id": state.run_id,
        "workflow_id": state.workflow_id,
        "node_id": node_id,
        "attempt": attempt,
    }
    return lookup_in(
        {
            **inputs,
            "sys": {**system, **inputs.get("sys", {})},
            "env": _Named("env", state.environment),
            "secrets": _Named("secrets", {}),
        }
    )


class _Named(Mapping[str, Any]):
    """A root whose values are names: `{{env.REGION}}`, also of what is not known here."""

    def __init__(self, root: str, known: dict[str, Any]) -> None:
        self._root = root
        self._known = known

    def __getitem__(self, key: str) -> Any:
        return _named(self._root, (key,), self._known.get(key))

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str)

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def __bool__(self) -> bool:
        return True


def _named(root: str, path: tuple[str | int, ...], value: Any) -> Any:
    """A value of the same shape with a name in place of each text, number and the like."""
    if isinstance(value, dict):
        return {key: _named(root, (*path, key), inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_named(root, (*path, place), inner) for place, inner in enumerate(value)]
    return f"{{{{{spelled(root, path)}}}}}"
