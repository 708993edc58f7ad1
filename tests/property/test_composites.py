"""Random composites within each other, run in random orders, against a naive interpreter."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from runfold.contracts import events as e
from runfold.engine.decide.runs import decide
from runfold.engine.history.forks import taken_over
from runfold.engine.state.runs import RunState
from runfold.graph.plan.plan import compile_plan
from tests.support.composites import Failed, Nested, interpret, nested, scripted
from tests.support.engine_sim import RUN, Sim, refold, trimmed

SEEDS = st.integers(0, 2**32)


def sim_of(case: Nested, seed: int) -> Sim:
    return Sim(compile_plan(case.workflow), lambda task: scripted(case, task), seed)


def agrees(case: Nested, state: RunState) -> None:
    """The run ended as the interpreter says."""
    try:
        output, past = interpret(case)
    except Failed:
        assert state.status == "failed"
        return
    assert state.status == ("partial_succeeded" if past else "succeeded"), state.error
    # How many were counted before a failure ended all depends on who was first.
    assert bool(state.exceptions) == bool(past)
    assert state.outputs == (output if isinstance(output, dict) else {"output": output})


def begun(case: Nested, seed: int, steps: int) -> Sim:
    """A simulation after so many steps, or at its end."""
    sim = sim_of(case, seed)
    for _ in range(steps):
        if not sim.step():
            break
    return sim


@given(nested(), SEEDS)
@settings(max_examples=70, deadline=None)
def test_composites_come_to_what_the_naive_interpreter_says(case: Nested, seed: int) -> None:
    sim = sim_of(case, seed)
    agrees(case, sim.run())
    assert refold(sim.plan, sim.log) == sim.state


@given(nested(), SEEDS, st.integers(0, 150))
@settings(max_examples=40, deadline=None)
def test_a_scheduler_that_dies_anywhere_in_composites_is_followed_to_the_same_end(
    case: Nested, seed: int, at: int
) -> None:
    sim = begun(case, seed, at)
    sim.replace_owner()
    agrees(case, sim.run())


@given(nested(), SEEDS, st.data())
@settings(max_examples=70, deadline=None)
def test_a_fork_anywhere_in_composites_comes_to_the_same_end(
    case: Nested, seed: int, data: st.DataObject
) -> None:
    """Also where a round had ended and what it came to was not recorded yet."""
    sim = sim_of(case, seed)
    sim.run()
    kept = taken_over(sim.plan, sim.log[: data.draw(st.integers(1, len(sim.log)))])
    agrees(case, Sim(sim.plan, sim.script, seed + 1, taken_over=kept).run())


@given(nested(), SEEDS, st.integers(0, 150))
@settings(max_examples=70, deadline=None)
def test_a_pause_anywhere_in_composites_comes_to_the_same_end(
    case: Nested, seed: int, at: int
) -> None:
    """Also where a round ends while the run is paused."""
    sim = begun(case, seed, at)
    sim.land(e.RunPaused(id="pause", run_id=RUN, workflow_id="nested"))
    while sim.step():
        pass
    sim.land(e.RunResumed(id="resume", run_id=RUN, workflow_id="nested"))
    agrees(case, sim.run())


@given(nested(), SEEDS)
@settings(max_examples=30, deadline=None)
def test_what_is_let_go_of_is_never_missed(case: Nested, seed: int) -> None:
    """Whoever keeps only what is needed decides the same at each event."""
    sim = sim_of(case, seed)
    sim.run()
    whole = lean = sim.state
    for whole, lean in trimmed(sim.plan, sim.log):
        assert decide(sim.plan, lean) == decide(sim.plan, whole)
    assert (lean.status, lean.outputs, lean.error) == (whole.status, whole.outputs, whole.error)
    if whole.status != "failed":
        assert not any("[" in address for address in lean.nodes)
