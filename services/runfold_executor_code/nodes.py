"""The kinds this service runs, all on one sandbox.

`condition` and `selector` come here only when a condition of theirs is Python text.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from runfold.errors import ConfigurationError
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds import kind_of
from runfold.settings import Settings
from runfold_executor_code.code import run_code
from runfold_executor_code.expressions import run_condition, run_selector
from runfold_executor_code.sandbox import MontySandbox, Sandbox

_RUNS: dict[str, Callable[[Sandbox, NodeContext, Any, dict[str, Any]], Awaitable[Outcome]]] = {
    "code": run_code,
    "condition": run_condition,
    "selector": run_selector,
}


def nodes_on(sandbox: Sandbox) -> tuple[NodeExecutor, ...]:
    """The executors, over a sandbox that the first of them starts and closes."""

    async def warm(settings: Settings) -> None:
        await sandbox.start(settings.code)

    executors: list[NodeExecutor] = []
    for name, run in _RUNS.items():
        kind = kind_of(name)
        if kind is None:
            message = f"node kind {name!r} is not registered"
            raise ConfigurationError(message, code="kind.unknown")
        first = not executors
        executors.append(
            NodeExecutor(
                kind,
                partial(run, sandbox),
                warm=warm if first else None,
                close=sandbox.close if first else None,
            )
        )
    return tuple(executors)


NODES: tuple[NodeExecutor, ...] = nodes_on(MontySandbox())
