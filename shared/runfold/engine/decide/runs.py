"""`decide`: what is to be done in a state. Pure and deterministic: whoever asks gets the same.

Asked about the touched addresses after each event, or about everything by a new owner; the answers
agree. Anything that a later version, another day or another library could answer differently
(a branch, a rendered value, a delay, a due time) goes into the event that records it.
"""

from __future__ import annotations

from collections.abc import Iterable

from runfold.contracts import events as e
from runfold.engine.decide.compensation import giving_up, saga_ending
from runfold.engine.decide.effects import Admit, Append, ArmTimer, Effect, Listen
from runfold.engine.decide.event_writer import Writer
from runfold.engine.decide.failures import decide_failing
from runfold.engine.decide.inline_nodes import decide_ready
from runfold.engine.decide.loops import decide_looping
from runfold.engine.decide.node_context import Ready
from runfold.engine.decide.outputs import run_outputs
from runfold.engine.decide.state_machines import decide_machine
from runfold.engine.decide.sub_workflows import decide_called, detached
from runfold.engine.decide.tasks import dispatched, piped
from runfold.engine.decide.wait_endings import decide_answered
from runfold.engine.evolve.compensation import is_complete
from runfold.engine.evolve.runs import evolve
from runfold.engine.state.run import NodeState, RunState, may_decide
from runfold.engine.state.scopes import is_open, lookup_in_scope, plan_of
from runfold.errors import Failure, RunfoldError
from runfold.graph.definition import Concurrency
from runfold.graph.kinds import INLINE
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of, split_address

AHEAD = 128
"""Effects after which no further ones are looked for ahead: a loop of nothing but inline nodes
would be run to its end at once, and nobody else's turn would come."""
TIMEOUT_GRACE = 1.0
"""Seconds an executor, which cuts off at the timeout itself, is given to say so."""


def decide(
    plan: Plan, state: RunState, addresses: Iterable[str] | None = None, *, cause: str = ""
) -> list[Effect]:
    """The effects due.

    Args:
        plan: The run's plan.
        state: Where it is.
        addresses: Nodes that changed, as `evolve` gave them, `""` for the run itself; None: all.
        cause: Id of the event this follows from, noted in what is written.

    Returns:
        Effects in a fixed order. Those still outstanding from an earlier answer come again with
        the same keys.
    """
    if state.status == "queued" and not state.forking:
        return _decide_admission(plan, state)
    if not may_decide(state):
        return []
    if addresses is None:
        addresses = ("", *sorted(state.open))
    effects: list[Effect] = []
    writer = Writer(state, cause)
    for address in addresses:
        if not address:
            effects += _decide_run(plan, state, writer)
        elif (node := state.nodes.get(address)) is not None and address in state.open:
            effects += _decide_node(plan, state, writer, address, node)
        if effects and isinstance(effects[-1], Append):
            ending = effects[-1].event
            if _is_end(effects[-1]) or isinstance(ending, e.RunCompensating):
                return [effects[-1]]
    return effects


def decide_ahead(
    plan: Plan, state: RunState, addresses: Iterable[str] | None = None, *, cause: str = ""
) -> list[Effect]:
    """What `decide` says, and the events it will want once those are in the log.

    The state is stepped ahead on a copy, so that events that follow from one another are sent
    together; if another fact lands in between, the owner decides again from the real order and
    whatever no longer fits is ignored by `evolve`. Tasks and timers wait until what they follow
    from has come back: a result must never reach the log before the fact that allowed it.
    """
    effects = decide(plan, state, addresses, cause=cause)
    news = effects
    while len(effects) < AHEAD:
        touched: dict[str, None] = {}
        for effect in news:
            if isinstance(effect, Append):
                ahead = e.Recorded(state.last_seq, state.now, effect.event)
                state, changed = evolve(plan, state, ahead)
                touched.update(dict.fromkeys(changed))
        if not touched:
            break
        wanted = decide(plan, state, tuple(touched), cause=cause)
        news = [
            effect
            for effect in wanted
            if isinstance(effect, Append) and not (plan.compensates and _is_end(effect))
        ]
        effects = [*effects, *news]
    return effects


def _is_end(effect: Append) -> bool:
    return isinstance(effect.event, e.TERMINAL_RUN_EVENTS)


def _decide_admission(plan: Plan, state: RunState) -> list[Effect]:
    limit = plan.settings.concurrency or Concurrency()
    return [Admit(f"{state.workflow_id}/{state.concurrency_key}", limit.limit, limit.when_full)]


def _decide_run(plan: Plan, state: RunState, writer: Writer) -> list[Effect]:
    limits = plan.settings
    if state.saga is not None:
        ending = saga_ending(state, state.saga, writer)
        return [] if ending is None else [Append(ending)]
    complete = is_complete(plan, state)
    if state.deadline_passed and not complete:
        message = f"the run did not finish within its timeout of {limits.timeout} s"
        failure = Failure(code="run.deadline", message=message, kind="timeout")
        return [Append(giving_up(plan, writer, failure, deadline=True))]
    if complete:
        outputs = run_outputs(plan, state)
        if state.exceptions:
            event = writer.run(
                e.RunPartialSucceeded, outputs=outputs, exceptions_count=state.exceptions
            )
            return [Append(event)]
        return [Append(writer.run(e.RunSucceeded, outputs=outputs))]
    if limits.timeout is None:
        return []
    due = state.started_at + limits.timeout
    fired = e.TimerFired(
        id=f"{state.run_id}:timer_fired:deadline",
        run_id=state.run_id,
        workflow_id=state.workflow_id,
        node_id="",
        timer="deadline",
        due=due,
    )
    return [ArmTimer(due, fired)]


def _decide_node(
    plan: Plan, state: RunState, writer: Writer, address: str, node: NodeState
) -> list[Effect]:
    scope, node_id = split_address(address)
    inner = plan_of(plan, scope)
    # Whatever is open while a run compensates undoes, or has to end before anything may.
    if inner is None or (state.saga is None and not is_open(state, scope)):
        return []
    planned = inner.nodes[node_id]
    match node.status:
        case "ready":
            return _decide_start(plan, state, writer, scope, planned, node)
        case "looping":
            return _decide_composite(plan, state, writer, scope, planned, node)
        case "answered" | "extracted":
            return [decide_answered(plan, state, writer, scope, planned, node)]
        case "failing":
            return [Append(decide_failing(plan, state, writer, scope, planned, node))]
        case "skipping":
            return [Append(writer.node(e.NodeRunSkipped, scope, node_id, node.attempt))]
        case "cancelling":
            return [Append(_cancelled(writer, scope, planned, node))]
        case _:
            return _meanwhile(plan, state, writer, scope, planned, node)


def _meanwhile(
    plan: Plan, state: RunState, writer: Writer, scope: str, planned: PlanNode, node: NodeState
) -> list[Effect]:
    """While a node works or waits: who reads what it writes, and what wakes it, should it hang."""
    match node.status:
        case "running":
            return [
                *piped(plan, state, scope, planned, node),
                *_arm_timeout(writer, scope, planned, node, TIMEOUT_GRACE),
            ]
        case "waiting":
            return _arm_waiting(writer, scope, planned, node)
        case "joining":
            due = node.changed_at + (planned.timeout or 0.0)
            return [_timer(writer, scope, planned.id, node.attempt, "timeout", due)]
        case "backing_off":
            due = node.due or state.now
            return [_timer(writer, scope, planned.id, node.attempt, "retry", due)]
        case _:
            return []


def _decide_composite(
    plan: Plan, state: RunState, writer: Writer, scope: str, planned: PlanNode, node: NodeState
) -> list[Effect]:
    if planned.calls:
        here = _here(plan, state, scope, planned, node)
        inner = decide_called(here, writer, node)
    elif planned.type == "state_machine":
        inner = decide_machine(_here(plan, state, scope, planned, node), writer)
    else:
        inner = decide_looping(plan, state, writer, scope, planned, node)
    return [*inner, *_arm_timeout(writer, scope, planned, node, 0.0)]


def _cancelled(
    writer: Writer, scope: str, planned: PlanNode, node: NodeState
) -> e.NodeRunCancelled:
    reason = f"join {planned.guard!r} goes on without it"
    by = address_of(scope, planned.guard)
    return writer.node(e.NodeRunCancelled, scope, planned.id, node.attempt, reason=reason, by=by)


def _decide_start(
    plan: Plan, state: RunState, writer: Writer, scope: str, planned: PlanNode, node: NodeState
) -> list[Effect]:
    if state.steps >= plan.settings.max_steps and state.saga is None:
        message = f"the run began {state.steps} steps, its limit is {plan.settings.max_steps}"
        failure = Failure(code="run.max_steps", message=message, kind="limit")
        return [Append(giving_up(plan, writer, failure, node_id=planned.id, scope=scope))]
    if planned.type == "sub_workflow" and not planned.calls:
        return [_detached(_here(plan, state, scope, planned, node), writer)]
    if planned.group == INLINE:
        event = decide_ready(plan, state, writer, scope, planned, node)
        if isinstance(event, e.NodeRunWaiting) and event.subject:
            return [Listen(event)]
        return [Append(event)]
    return [dispatched(plan, state, scope, planned, node.attempt)]


def _here(plan: Plan, state: RunState, scope: str, planned: PlanNode, node: NodeState) -> Ready:
    return Ready(plan, state, scope, planned, node, lookup_in_scope(plan, state, scope))


def _detached(here: Ready, writer: Writer) -> Effect:
    try:
        return detached(here, writer)
    except RunfoldError as error:
        about = (here.scope, here.planned.id, here.node.attempt)
        return Append(writer.node(e.NodeRunFailed, *about, error=error.failure()))


def _arm_timeout(
    writer: Writer, scope: str, planned: PlanNode, node: NodeState, grace: float
) -> list[Effect]:
    if planned.timeout is None or node.started_at is None:
        return []
    due = node.started_at + planned.timeout + grace
    return [_timer(writer, scope, planned.id, node.attempt, "timeout", due)]


def _arm_waiting(writer: Writer, scope: str, planned: PlanNode, node: NodeState) -> list[Effect]:
    waiting = node.waiting
    if waiting is None or waiting.due is None:
        return []
    timer = "human" if waiting.waiting_for == "human" else "wait"
    return [_timer(writer, scope, planned.id, node.attempt, timer, waiting.due)]


def _timer(
    writer: Writer, scope: str, node_id: str, attempt: int, timer: str, due: float
) -> ArmTimer:
    fired = writer.node(e.TimerFired, scope, node_id, attempt, of=timer, timer=timer, due=due)
    return ArmTimer(due, fired)
