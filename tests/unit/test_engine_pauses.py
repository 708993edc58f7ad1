"""A paused run: time goes on and is recorded, what comes of it waits for the resume."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.contracts import events as e
from runfold.engine.accept.replies import open_wait
from runfold.engine.decide.effects import ArmTimer
from runfold.engine.decide.runs import decide
from runfold.errors import Conflict
from runfold.graph.loader import prepare
from runfold.graph.plan.plan import compile_plan
from tests.support.engine_sim import RUN, Outcome, Sim, refold

ABOUT: Any = {"run_id": RUN, "workflow_id": "w"}
ASK = {"id": "ask", "type": "question", "config": {"question": "well?", "timeout": "3s"}}


def template(node_id: str) -> dict[str, Any]:
    return {"id": node_id, "type": "end", "config": {"outputs": {"by": node_id}}}


def sim_of(*nodes: dict[str, Any], script: Any = None, **more: Any) -> Sim:
    workflow, _ = prepare({"id": "w", "nodes": list(nodes), **more})
    return Sim(compile_plan(workflow), script) if script else Sim(compile_plan(workflow))


def asked(ask: dict[str, Any] = ASK, **more: Any) -> Sim:
    """A run that waits for an answer, paused."""
    edges = [
        {"source": "ask", "target": "said", "port": "out"},
        {"source": "ask", "target": "late", "port": "timeout"},
    ]
    timed = "timeout" in ask["config"]
    nodes = [ask, template("said"), *([template("late")] if timed else [])]
    sim = sim_of(*nodes, edges=edges if timed else edges[:1], **more)
    while sim.appends:
        sim.step()
    sim.land(e.RunPaused(id="pause", **ABOUT))
    return sim


def token(sim: Sim) -> str:
    (waiting,) = (r.event for r in sim.log if isinstance(r.event, e.NodeRunWaiting))
    return waiting.token


def answer(sim: Sim) -> None:
    given = e.InputReceived(
        id="answer", node_id="ask", token=token(sim), action="answered", feedback="yes", **ABOUT
    )
    sim.land(given)


def resume(sim: Sim) -> Any:
    assert not sim.appends
    assert not sim.results
    sim.land(e.RunResumed(id="resume", **ABOUT))
    state = sim.run()
    assert refold(sim.plan, sim.log) == state
    return state


def test_a_question_times_out_by_the_clock() -> None:
    sim = asked()
    assert len(sim.timers) == 1
    assert sim.step()  # the timer
    assert isinstance(sim.log[-1].event, e.TimerFired)
    with pytest.raises(Conflict, match="takes no answer"):
        open_wait(sim.state, token(sim))
    answer(sim)
    assert resume(sim).outputs == {"by": "late"}


def test_an_answer_in_time_counts_after_the_resume() -> None:
    sim = asked()
    assert open_wait(sim.state, token(sim)).node_id == "ask"
    answer(sim)
    assert sim.step()  # the timer, too late
    assert resume(sim).outputs == {"by": "said"}


def test_whoever_takes_a_paused_run_over_arms_its_timers_and_nothing_else() -> None:
    sim = asked(settings={"timeout": "1m"})
    effects = decide(sim.plan, sim.state)
    assert [effect.event.timer for effect in effects if isinstance(effect, ArmTimer)] == [
        "deadline",
        "human",
    ]
    assert len(effects) == 2
    answer(sim)
    assert [effect.key for effect in decide(sim.plan, sim.state)] == [effects[0].key]


def test_past_the_deadline_the_run_only_ends() -> None:
    ask = {"id": "ask", "type": "question", "config": {"question": "well?"}}
    sim = asked(ask, settings={"timeout": "4s"})
    assert sim.step()  # the deadline
    assert not sim.state.ended
    with pytest.raises(Conflict, match="deadline of run"):
        open_wait(sim.state, token(sim))
    answer(sim)
    state = resume(sim)
    assert state.error.code == "run.deadline"
    assert "said" not in state.nodes


def test_a_retry_that_is_due_waits_for_the_resume() -> None:
    def second_time(task: Any) -> Outcome:
        return Outcome(ok=task.attempt == 2)

    retry = {"max_attempts": 2, "delay": "5s"}
    sim = sim_of({"id": "work", "type": "noop", "retry": retry}, script=second_time)
    while not sim.timers:
        sim.step()
    sim.land(e.RunPaused(id="pause", **ABOUT))
    assert sim.step()  # the timer
    assert sim.state.nodes["work"].status == "ready"
    assert resume(sim).status == "succeeded"


def test_what_ran_may_finish_and_its_timeout_counts() -> None:
    sim = sim_of(
        {"id": "a", "type": "noop", "timeout": "5s"},
        {"id": "b", "type": "noop", "timeout": "5s"},
        {"id": "join", "type": "join"},
        edges=[{"source": "a", "target": "join"}, {"source": "b", "target": "join"}],
    )
    for result in sim.results:
        sim.land(result.pop(0))
    sim.land(e.RunPaused(id="pause", **ABOUT))
    sim.land(sim.results[0].pop(0))
    sim.results.clear()
    assert sim.step()
    assert sim.step()
    assert resume(sim).error.code == "node.timeout"


def test_a_round_that_ends_during_a_pause_is_recorded_after_it() -> None:
    each = {"items": ["a", "b"], "nodes": [{"id": "say", "type": "noop"}]}
    sim = sim_of({"id": "each", "type": "iteration", "config": each})
    while not sim.results:
        sim.step()
    sim.land(e.RunPaused(id="pause", **ABOUT))
    while sim.step():
        pass
    assert not any(isinstance(one.event, e.LoopItemSucceeded) for one in sim.log)
    state = resume(sim)
    assert (state.status, state.nodes["each"].outputs["count"]) == ("succeeded", 2)
