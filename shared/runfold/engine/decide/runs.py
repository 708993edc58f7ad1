"""`decide`: what has to be done in a state. Pure and deterministic.

It is asked about the touched addresses after each event, or about everything by a new owner; both
give the same effects. Anything that a later version, another day or another library could answer
differently (a branch, a rendered value, a delay, a due time) goes into the event that records it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from runfold.contracts import events as e
from runfold.engine.decide.compensation import run_failure, saga_ending
from runfold.engine.decide.composites import COMPOSITES
from runfold.engine.decide.effects import Admit, Append, ArmTimer, Effect
from runfold.engine.decide.event_writer import EventWriter
from runfold.engine.decide.node_context import NodeContext, context_at
from runfold.engine.decide.nodes import decide_node
from runfold.engine.decide.outputs import run_outputs
from runfold.engine.evolve.compensation import is_complete
from runfold.engine.evolve.runs import evolve
from runfold.engine.state.runs import RunState, may_decide
from runfold.engine.state.scopes import is_open, plan_of, planned_at, undecided
from runfold.errors import Failure
from runfold.graph.definition import Concurrency
from runfold.graph.kinds import INLINE
from runfold.graph.kinds.agent_tools import MODEL, list_body
from runfold.graph.plan.plan import Plan
from runfold.ids import parent_of_scope

AHEAD = 128
"""Effects after which `decide_ahead` stops. Without it a loop of inline nodes alone would run to
its end at once, and other runs would have to wait."""


def decide(
    plan: Plan, state: RunState, addresses: Iterable[str] | None = None, *, cause: str = ""
) -> list[Effect]:
    """The effects due.

    Args:
        plan: The run's plan.
        state: The run's state.
        addresses: Nodes that changed, as `evolve` gave them, `""` for the run itself; None: all.
        cause: Id of the event that this follows from, recorded in the events that are written.

    Returns:
        Effects in a fixed order. An effect that is still outstanding comes again with the same key.
        A paused run has only its timers: time goes on, and what comes of it waits.
    """
    if state.status == "queued" and not state.forking:
        return _decide_admission(plan, state)
    if state.status == "paused" and not state.forking:
        found = _due_effects(plan, state, addresses, cause)
        return [effect for effect in found if isinstance(effect, ArmTimer)]
    return _due_effects(plan, state, addresses, cause) if may_decide(state) else []


def _due_effects(
    plan: Plan, state: RunState, addresses: Iterable[str] | None, cause: str
) -> list[Effect]:
    if addresses is None:
        addresses = ("", *undecided(state))
    effects: list[Effect] = []
    writer = EventWriter(state, cause)
    for address in addresses:
        if not address:
            effects += _decide_run(plan, state, writer)
        elif address in state.open:
            effects += _decide_at(plan, state, writer, address)
        elif address.endswith("]"):
            effects += _decide_scope(plan, state, writer, address)
        if effects and isinstance(effects[-1], Append):
            ending = effects[-1].event
            if _is_end(effects[-1]) or isinstance(ending, e.RunCompensating):
                return [effects[-1]]
    return effects


def decide_ahead(
    plan: Plan,
    state: RunState,
    addresses: Iterable[str] | None = None,
    *,
    cause: str = "",
    sent: Collection[str] = (),
) -> list[Effect]:
    """The effects of `decide`, and the events that will be due once those are in the log.

    The state is stepped ahead on a copy, so that events that follow from one another are sent
    together. If another event lands in between, the owner decides again from the real order, and
    `evolve` ignores the events that no longer fit. Tasks and timers wait until the events that they
    follow from have come back: a result must never reach the log before the event that allows it.

    Args:
        plan: The run's plan.
        state: The run's state.
        addresses: As `decide` has them.
        cause: As `decide` has it.
        sent: Keys of effects that are on their way. Where all that is due is among them, so is what
            follows from it, or comes to be decided when the last of it has come back.
    """
    effects = decide(plan, state, addresses, cause=cause)
    if all(effect.key in sent for effect in effects):
        return []
    news = effects
    while len(effects) < AHEAD and any(_leads_on(plan, effect) for effect in news):
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


def _leads_on(plan: Plan, effect: Effect) -> bool:
    """Whether it is worth a step to see what is due after an effect.

    It is not where a scope begins with tasks: what is not a task there is decided when the scope's
    event has come back. What is under way would begin anew with each step until then.
    """
    if not isinstance(effect, Append):
        return False
    body = _body_begun(plan, effect.event)
    return body is None or any(body.nodes[root].group == INLINE for root in body.roots)


def _body_begun(plan: Plan, event: e.AnyEvent) -> Plan | None:
    """The graph of the scope that an event begins; None for other events."""
    match event:
        case e.ParallelBranchStarted():
            name = event.branch
        case e.LoopNext():
            name = ""
        case e.AgentRoundStarted():
            name = MODEL
        case e.AgentToolsStarted():
            name = list_body(event.source)
        case e.ToolCallStarted():
            name = event.source
        case _:
            return None
    graph = plan_of(plan, event.scope)
    return graph.body(event.node_id, name) if graph else None


def _is_end(effect: Append) -> bool:
    return isinstance(effect.event, e.TERMINAL_RUN_EVENTS)


def _decide_admission(plan: Plan, state: RunState) -> list[Effect]:
    limit = plan.settings.concurrency or Concurrency()
    return [Admit(f"{state.workflow_id}/{state.concurrency_key}", limit.limit, limit.when_full)]


def _decide_run(plan: Plan, state: RunState, writer: EventWriter) -> list[Effect]:
    limits = plan.settings
    if state.saga is not None:
        ending = saga_ending(state, state.saga, writer)
        return [] if ending is None else [Append(ending)]
    complete = is_complete(plan, state)
    if state.deadline_passed and not complete:
        message = f"the run did not finish within its timeout of {limits.timeout} s"
        failure = Failure(code="run.deadline", message=message, kind="timeout")
        return [Append(run_failure(plan, writer, failure, deadline=True))]
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


def _scope_ended(plan: Plan, address: str) -> Callable[[NodeContext, int], list[Effect]] | None:
    planned = planned_at(plan, address)
    kind = COMPOSITES.get(planned.type) if planned else None
    return kind.scope_ended if kind else None


def _decide_scope(plan: Plan, state: RunState, writer: EventWriter, scope: str) -> list[Effect]:
    address, index = parent_of_scope(scope)
    if address not in state.open:
        return []
    decide_ended = _scope_ended(plan, address)
    if decide_ended is None:
        return _decide_at(plan, state, writer, address)
    ctx = _context_to_decide(plan, state, writer, address)
    if ctx is None or ctx.node.status != "active":
        return []
    return decide_ended(ctx, index)


def _decide_at(plan: Plan, state: RunState, writer: EventWriter, address: str) -> list[Effect]:
    ctx = _context_to_decide(plan, state, writer, address)
    return [] if ctx is None else decide_node(ctx)


def _context_to_decide(
    plan: Plan, state: RunState, writer: EventWriter, address: str
) -> NodeContext | None:
    ctx = context_at(plan, state, writer, address)
    # An open node of a run that compensates either undoes, or has to end before anything may.
    if ctx is None or (state.saga is None and not is_open(state, ctx.scope)):
        return None
    return ctx
