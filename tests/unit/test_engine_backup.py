"""A node's backup: one more attempt, when those with what it asks first have failed."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.contracts import events as e
from runfold.engine.decide.retries import should_use_backup
from runfold.errors import Failure, FailureKind
from runfold.graph.definition import Retry
from tests.support.engine_sim import Outcome, Sim, refold
from tests.unit.test_engine_nodes import sim_of


def story(
    fails: Any, *, retry: dict[str, Any] | None = None, **more: Any
) -> tuple[Sim, list[tuple[int, bool]]]:
    """A run of one `llm` node with a backup, and its attempts: number, and whether with it."""
    attempts: list[tuple[int, bool]] = []

    def script(task: Any) -> Outcome:
        attempts.append((task.attempt, task.backup))
        return Outcome(ok=not fails(task), retryable=more.get("retryable", True))

    config = {"prompt": "Hi", "backup_model": more.get("backup", "other")}
    node = {"id": "ask", "type": "llm", "config": config, "retry": retry or {}}
    sim = sim_of([node], [], script=script)
    sim.run()
    return sim, attempts


def retries(sim: Sim) -> list[tuple[int, float, bool]]:
    found = [one.event for one in sim.log if isinstance(one.event, e.NodeRunRetry)]
    return [(retry.attempt, retry.delay, retry.backup) for retry in found]


def test_the_backup_comes_after_all_attempts() -> None:
    retry = {"max_attempts": 2, "delay": "2s"}
    sim, attempts = story(lambda task: not task.backup, retry=retry)
    assert attempts == [(1, False), (2, False), (3, True)]
    assert retries(sim) == [(2, 2.0, False), (3, 0.0, True)]
    assert sim.state.status == "succeeded"
    assert refold(sim.plan, sim.log).nodes == sim.state.nodes


def test_the_backup_comes_at_once_when_no_other_attempt_helps() -> None:
    sim, attempts = story(lambda task: not task.backup, retry={"max_attempts": 9}, retryable=False)
    assert attempts == [(1, False), (2, True)]
    assert sim.state.status == "succeeded"


def test_nothing_comes_after_the_backup() -> None:
    sim, attempts = story(lambda _: True, retry={"max_attempts": 2, "delay": 0})
    assert attempts == [(1, False), (2, False), (3, True)]
    assert sim.state.status == "failed"


def test_a_retry_that_helps_needs_no_backup() -> None:
    _, attempts = story(lambda task: task.attempt == 1, retry={"max_attempts": 2, "delay": 0})
    assert attempts == [(1, False), (2, False)]


def test_no_backup() -> None:
    _, attempts = story(lambda _: True, backup="")
    assert attempts == [(1, False)]


@pytest.mark.parametrize(
    ("kind", "policy", "used"),
    [
        ("server", Retry(), True),
        ("auth", Retry(), True),
        ("output", Retry(retry_on=("server",)), True),
        ("input", Retry(), True),
        ("output", Retry(give_up_on=("output",)), False),
        ("reference", Retry(), False),
        ("expression", Retry(), False),
        ("poison", Retry(), False),
        ("cancelled", Retry(), False),
    ],
)
def test_which_failures_a_backup_is_for(kind: FailureKind, policy: Retry, used: bool) -> None:
    failure = Failure(code="x", message="x", kind=kind)
    assert should_use_backup(policy, failure) is used
