"""Handing out tasks: few in a queue, the rest by priority and in turn by workflow."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runfold.contracts.tasks import Task
from runfold.engine.decide.effects import Dispatch
from runfold_scheduler.outbox.task_window import TaskWindow


class Actor:
    def __init__(self, workflow_id: str, priority: int = 0) -> None:
        self.state = SimpleNamespace(
            workflow_id=workflow_id, priority=priority, status="running", forking=False
        )
        self.tasks: set[str] = set()
        self.forgotten: list[str] = []

    def forget(self, effect: Dispatch) -> None:
        self.forgotten.append(effect.key)


def dispatch(key: str, group: str = "llm") -> Dispatch:
    return Dispatch(group, Task(run_id="r", workflow_id="w", node_id=key, node_type="n"), key)


def window(size: int) -> tuple[Any, list[str]]:
    pushed: list[str] = []
    return TaskWindow(lambda _actor, effect: pushed.append(effect.key), size), pushed


def test_a_flood_does_not_hold_up_others() -> None:
    handing, pushed = window(2)
    flood, other = Actor("flood"), Actor("other")
    for i in range(10):
        handing.offer(flood, dispatch(f"f{i}"))
    handing.offer(other, dispatch("o0"))
    handing.offer(other, dispatch("o1"))
    assert pushed == ["f0", "f1"]
    for key in list(pushed) * 1:
        handing.begun(flood, key)
    assert pushed[2:] == ["f2", "o0"]
    handing.begun(flood, "f2")
    handing.begun(other, "o0")
    assert pushed[4:] == ["f3", "o1"]


def test_higher_priority_goes_first() -> None:
    handing, pushed = window(1)
    low, high = Actor("w"), Actor("w", priority=5)
    handing.offer(low, dispatch("a"))
    handing.offer(low, dispatch("b"))
    handing.offer(high, dispatch("c"))
    handing.begun(low, "a")
    assert pushed == ["a", "c"]


def test_groups_do_not_wait_for_each_other() -> None:
    handing, pushed = window(1)
    actor = Actor("w")
    handing.offer(actor, dispatch("a", "llm"))
    handing.offer(actor, dispatch("b", "http"))
    assert pushed == ["a", "b"]


def test_what_a_paused_run_had_waiting_is_decided_again() -> None:
    handing, pushed = window(1)
    paused, other = Actor("w"), Actor("x")
    handing.offer(other, dispatch("a"))
    handing.offer(paused, dispatch("b"))
    paused.state.status = "paused"
    handing.begun(other, "a")
    assert pushed == ["a"]
    assert paused.forgotten == ["b"]
    assert not paused.tasks


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 1)), max_size=60), st.integers(1, 5))
def test_each_task_is_handed_out_once_and_never_too_many(
    offers: list[tuple[int, int]], size: int
) -> None:
    handing, pushed = window(size)
    actors = {(w, p): Actor(f"w{w}", p) for w in range(4) for p in (-1, 0, 1)}
    owners = {}
    for i, who in enumerate(offers):
        owners[f"t{i}"] = actors[who]
        handing.offer(actors[who], dispatch(f"t{i}"))
    begun = 0
    while begun < len(pushed):
        assert len(pushed) - begun <= size
        handing.begun(owners[pushed[begun]], pushed[begun])
        begun += 1
    assert sorted(pushed) == sorted(owners)


@given(st.integers(1, 30))
def test_a_run_that_ends_leaves_nothing_waiting(count: int) -> None:
    handing, pushed = window(3)
    ending, other = Actor("w"), Actor("x")
    for i in range(count):
        handing.offer(ending, dispatch(f"e{i}"))
    handing.offer(other, dispatch("o"))
    handing.drop(ending)
    assert "o" in pushed
    assert len([key for key in pushed if key.startswith("e")]) <= 3
