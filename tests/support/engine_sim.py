"""A run of the pure engine without any bus: a log, things on their way, and a seeded order.

Everything that is in flight (appends, task results, timers, strangers' events) may land in any
order that the real system could produce; a `random.Random` picks.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from runfold.contracts import events as e
from runfold.contracts.requests import RunRequest
from runfold.contracts.tasks import Task
from runfold.engine.decide.effects import Append, ArmTimer, Ask, Dispatch, Listen
from runfold.engine.decide.runs import decide_ahead
from runfold.engine.evolve.runs import begin, evolve
from runfold.engine.history.forks import rewritten
from runfold.engine.history.trimming import no_longer_needed
from runfold.engine.state.runs import RunState
from runfold.errors import Failure
from runfold.graph.plan.plan import Plan
from runfold.ids import attempt_id

RUN = "run-1"


class Outcome(msgspec.Struct, frozen=True):
    """What a scripted attempt comes to."""

    ok: bool = True
    outputs: dict[str, Any] = {}
    port: str = "out"
    retryable: bool = True
    code: str = "scripted"
    usage: e.Usage | None = None


Script = Callable[[Task], Outcome]


def succeed(task: Task) -> Outcome:
    """Every attempt succeeds and says who it was."""
    return Outcome(outputs={"output": task.node_id})


class Sim:
    """One run.

    Args:
        plan: The plan to run.
        script: What attempts come to.
        seed: Picks the order in which things land.
        inputs: The run's inputs.
        taken_over: For a run that goes on from another: the events taken over from that.
    """

    def __init__(
        self,
        plan: Plan,
        script: Script = succeed,
        seed: int = 0,
        inputs: dict | None = None,
        taken_over: Sequence[e.AnyNodeEvent] | None = None,
    ) -> None:
        self.plan = plan
        self.script = script
        self.random = random.Random(seed)
        self.log: list[e.Recorded] = []
        self.ids: set[str] = set()
        self.appends: list[e.AnyEvent] = []
        self.results: list[list[e.AnyEvent]] = []
        self.reading: list[Task] = []
        """Tasks that read along with a node that has not ended."""
        self.stale: list[Task] = []
        """Tasks that read along with an attempt that came to nothing."""
        self.timers: dict[str, ArmTimer] = {}
        self.dispatched: dict[str, Task] = {}
        self.asked: list[RunRequest] = []
        self.sent: set[str] = set()
        self.time = 1000.0
        started = e.RunStarted(
            id="start",
            run_id=RUN,
            workflow_id=plan.workflow_id,
            definition=msgspec.Raw(b"{}"),
            inputs=inputs or {},
            origin=None if taken_over is None else e.Origin("origin", 0),
        )
        self.started = started
        self.log.append(e.Recorded(1, self.time, started))
        self.state, touched = begin(plan, started, 1, self.time)
        self.decide(touched)
        for place, event in enumerate(taken_over or ()):
            self.land(rewritten(event, RUN, place))
        if taken_over is not None:
            origin = e.Origin("origin", 0)
            self.land(e.RunForked(id="forked", run_id=RUN, workflow_id="w", origin=origin))

    def decide(self, touched: tuple[str, ...] | None) -> None:
        """Put what is due on its way, each effect once."""
        for effect in decide_ahead(self.plan, self.state, touched, sent=self.sent):
            if effect.key in self.sent:
                continue
            self.sent.add(effect.key)
            match effect:
                case Append(event=event) | Listen(event=event):
                    self.appends.append(event)
                case Dispatch(task=task, key=key):
                    self.dispatched[key] = task
                    if task.source is None:
                        self.results.append(_attempt(task, self.script(task)))
                    else:
                        self.reading.append(task)
                        self.results.append([_started(task)])
                case ArmTimer():
                    self.timers[effect.key] = effect
                case Ask(request=request, then=event):
                    self.asked.append(request)
                    self.appends.append(event)

    def land(self, event: e.AnyEvent) -> None:
        """The stream stores an event (once per id), and the owner folds it."""
        if event.id in self.ids:
            return
        self.ids.add(event.id)
        self.time += 0.001
        record = e.Recorded(len(self.log) + 1, self.time, event)
        self.log.append(record)
        self.state, touched = evolve(self.plan, self.state, record)
        assert not unreachable(self.state), f"open inside what has ended, after {event.id}"
        if touched:
            self.decide(touched)
        self._tell_readers(event)

    def _tell_readers(self, event: e.AnyEvent) -> None:
        """As executors do: a result follows the source's success, and nothing its failure."""
        came = isinstance(event, e.NodeRunSucceeded)
        failed = isinstance(event, e.NodeRunFailed | e.NodeRunCancelled) or (
            isinstance(event, e.TimerFired) and event.timer == "timeout"
        )
        if not came and not failed:
            return
        for task in list(self.reading):
            source = task.source
            assert source is not None
            read = (source.node_id, task.scope, source.attempt)
            if read == (event.node_id, event.scope, event.attempt):
                self.reading.remove(task)
                if came:
                    self.results.append(_attempt(task, self.script(task), fed=True))
                else:
                    self.stale.append(task)

    def step(self) -> bool:
        """Let one thing land; False when nothing is in flight."""
        ways = [self._land_append] * bool(self.appends)
        ways += [self._land_result] * bool(self.results)
        if not ways and self.timers:
            ways = [self._fire]
        if not ways:
            return False
        self.random.choice(ways)()
        return True

    def run(self, limit: int = 200_000) -> RunState:
        """Step until nothing is in flight or the run ended."""
        while limit and not self.state.ended and self.step():
            limit -= 1
        assert limit, "the run does not come to rest"
        return self.state

    def replace_owner(self) -> None:
        """Another scheduler goes on from the log; what the old one had decided is lost."""
        self.appends.clear()
        self.take_over()

    def take_over(self) -> None:
        """Go on from the log: every timer is armed and every task queued anew."""
        self.timers.clear()
        self.sent.clear()
        self.state = refold(self.plan, self.log)
        self.decide(None)

    def _land_append(self) -> None:
        self.land(self.appends.pop(0))

    def _land_result(self) -> None:
        events = self.random.choice(self.results)
        self.land(events.pop(0))
        if not events:
            self.results.remove(events)

    def _fire(self) -> None:
        key = min(self.timers, key=lambda key: (self.timers[key].due, key))
        timer = self.timers.pop(key)
        self.time = max(self.time, timer.due)
        self.land(timer.event)


def answered(waiting: e.NodeRunWaiting, event_id: str, **fields: Any) -> e.InputReceived:
    """An answer to a node that waits, as a scheduler writes it."""
    return e.InputReceived(
        id=event_id,
        run_id=waiting.run_id,
        workflow_id=waiting.workflow_id,
        node_id=waiting.node_id,
        scope=waiting.scope,
        attempt=waiting.attempt,
        token=waiting.token,
        **fields,
    )


def refold(plan: Plan, log: list[e.Recorded]) -> RunState:
    """The state of a log."""
    first = log[0]
    assert isinstance(first.event, e.RunStarted)
    state, _ = begin(plan, first.event, first.seq, first.time)
    for record in log[1:]:
        state, _ = evolve(plan, state, record)
    return state


def unreachable(state: RunState) -> list[str]:
    """Open nodes, joins and scopes of a run that goes forward, inside a composite that does not."""
    if state.ended or state.saga is not None:
        return []
    inside = [scope for scope in state.scopes if scope]
    inside += [address.rpartition("/")[0] for address in (*state.open, *state.joins)]
    found = []
    for scope in inside:
        outer = scope
        while outer:
            around = outer.rpartition("[")[0]
            if outer not in state.scopes or state.nodes[around].status != "active":
                found.append(scope)
            outer = around.rpartition("/")[0]
    return found


def trimmed(plan: Plan, log: list[e.Recorded]) -> Iterator[tuple[RunState, RunState]]:
    """After each event of a log: the whole state, and the one without nodes no longer needed."""
    first = log[0]
    assert isinstance(first.event, e.RunStarted)
    whole, _ = begin(plan, first.event, first.seq, first.time)
    lean = whole
    for record in log[1:]:
        before = lean
        whole, _ = evolve(plan, whole, record)
        lean, touched = evolve(plan, lean, record)
        if touched:
            nodes = lean.nodes
            for address in no_longer_needed(plan, before, record.event):
                nodes = nodes.discard(address)
            lean = msgspec.structs.replace(lean, nodes=nodes)
        yield whole, lean


def _about(task: Task) -> tuple[str, dict[str, Any]]:
    address = f"{task.scope}/{task.node_id}" if task.scope else task.node_id
    of_what = attempt_id(task.run_id, address, task.attempt)
    return of_what, {
        "run_id": task.run_id,
        "workflow_id": task.workflow_id,
        "node_id": task.node_id,
        "scope": task.scope,
        "attempt": task.attempt,
    }


def _started(task: Task, *, fed: bool = False) -> e.NodeRunStarted:
    of_what, about = _about(task)
    return e.NodeRunStarted(id=f"{of_what}:started" + ":fed" * fed, **about)


def _attempt(task: Task, outcome: Outcome, *, fed: bool = False) -> list[e.AnyEvent]:
    of_what, about = _about(task)
    started = _started(task, fed=fed)
    if outcome.ok and task.part:
        ended: e.AnyEvent = e.AnswerExtracted(
            id=f"{of_what}:extracted", outputs=outcome.outputs, usage=outcome.usage, **about
        )
    elif outcome.ok:
        ended = e.NodeRunSucceeded(
            id=f"{of_what}:succeeded",
            outputs=outcome.outputs,
            port=outcome.port,
            usage=outcome.usage,
            **about,
        )
    else:
        error = Failure(
            code=outcome.code, message="as scripted", kind="server", retryable=outcome.retryable
        )
        ended = e.NodeRunFailed(id=f"{of_what}:failed", error=error, **about)
    return [started, ended]
