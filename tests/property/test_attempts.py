"""Attempts looked up in the log: what each was given is what the scheduler handed out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runfold.client.node_inputs import followed_to, handed_out
from runfold.contracts import events as e
from runfold.engine.history.fold import Plans
from runfold.engine.views.attempts import AttemptView, followed
from runfold.engine.views.runs import node_document
from runfold.graph.definition import Workflow
from runfold.graph.loader import canonical_bytes
from runfold.graph.plan.plan import compile_plan
from runfold.ids import address_of
from tests.property.test_composites import sim_of
from tests.property.test_engine_runs import simulate
from tests.property.test_sagas import simulated
from tests.support.composites import nested
from tests.support.engine_sim import Sim
from tests.support.graphs import cases
from tests.support.sagas import compensable

SEEDS = st.integers(0, 2**32)
Played = tuple[Workflow, Sim]


@st.composite
def graphs(draw: st.DrawFn) -> Played:
    case = draw(cases())
    return case.workflow, simulate(case, draw(SEEDS))


@st.composite
def composites(draw: st.DrawFn) -> Played:
    case = draw(nested())
    sim = sim_of(case, draw(SEEDS))
    sim.run()
    return case.workflow, sim


@st.composite
def sagas(draw: st.DrawFn) -> Played:
    case = draw(compensable())
    return case.workflow, simulated(case, draw(SEEDS), cancel_at=draw(st.integers(0, 40)))


PLAYED = pytest.mark.parametrize("play", [graphs, composites, sagas])
Play = Callable[[], st.SearchStrategy[Played]]


def logged(workflow: Workflow, sim: Sim) -> list[e.Recorded]:
    """The log, with the definition in it."""
    definition = msgspec.Raw(canonical_bytes(workflow))
    started = msgspec.structs.replace(sim.started, definition=definition)
    return [e.Recorded(1, sim.log[0].time, started), *sim.log[1:]]


@PLAYED
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_the_task_of_an_attempt_is_found_again(play: Play, data: st.DataObject) -> None:
    workflow, sim = data.draw(play())
    log, plans = logged(workflow, sim), Plans()
    plan = compile_plan(workflow)
    for task in sim.dispatched.values():
        if task.source is not None:
            continue
        address = address_of(task.scope, task.node_id)
        _, _, moments = asyncio.run(followed_to(log, plans, address))
        found = handed_out(plan, moments[task.attempt], address)
        # Another owner hands it out at a later event; from where its end is looked for is no part.
        assert msgspec.structs.replace(found, after=task.after) == task


@PLAYED
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_attempts_are_as_the_log_tells_them(play: Play, data: st.DataObject) -> None:
    workflow, sim = data.draw(play())
    log = logged(workflow, sim)
    folder, attempts = followed(log, Plans())
    last_seq = {record.seq: record.time for record in log}
    for address, node in folder.state.nodes.items():
        view = node_document(folder.plan, folder.state, address, attempts)
        told = view.attempts
        if not told:
            assert node.status in ("skipped", "skipping", "joining", "cancelled"), node
            continue
        assert [one.attempt for one in told] == list(range(1, node.attempt + 1))
        assert (told[-1].started_at, told[-1].status) == (node.started_at, shown(view.status))
        for one in told:
            if one.ready_seq is not None:
                assert one.ready_at == last_seq[one.ready_seq]
        in_order = [time for one in told for time in times(one)]
        assert in_order == sorted(in_order)
        retries = retries_up_to(sim, address, node.attempt)
        assert [(one.status, one.error) for one in told[:-1]] == [
            ("failed", retry.error) for retry in retries
        ]
        assert [one.delay for one in told] == [0.0, *(retry.delay for retry in retries)]


def shown(status: str) -> str:
    """What the newest attempt of a node has come to: one that was worked around has failed."""
    return "failed" if status == "exception" else status


def times(one: AttemptView) -> list[float]:
    return [time for time in (one.ready_at, one.started_at, one.finished_at) if time is not None]


def retries_up_to(sim: Sim, address: str, attempt: int) -> list[Any]:
    """The retries that counted, one a number: one that came too late led to no attempt."""
    by_number = {
        record.event.attempt: record.event
        for record in reversed(sim.log)
        if isinstance(record.event, e.NodeRunRetry)
        and address_of(record.event.scope, record.event.node_id) == address
    }
    return [by_number[number] for number in range(2, attempt + 1)]
