"""The kinds this service runs: programs on one sandbox, conditions on another.

Conditions are small, and do not wait behind programs that compute for long.
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


def nodes_on(programs: Sandbox, conditions: Sandbox) -> tuple[NodeExecutor, ...]:
    """The executors, over sandboxes that the first executor on each starts and closes."""
    executors: list[NodeExecutor] = []
    opened: list[Sandbox] = []
    for name, run in _RUNS.items():
        kind = kind_of(name)
        if kind is None:
            message = f"node kind {name!r} is not registered"
            raise ConfigurationError(message, code="kind.unknown")
        sandbox = programs if name == "code" else conditions
        first = sandbox not in opened
        opened.append(sandbox)
        executors.append(
            NodeExecutor(
                kind,
                partial(run, sandbox),
                warm=partial(_warm, sandbox) if first else None,
                close=sandbox.close if first else None,
            )
        )
    return tuple(executors)


async def _warm(sandbox: Sandbox, settings: Settings) -> None:
    await sandbox.start(settings.code)


NODES: tuple[NodeExecutor, ...] = nodes_on(MontySandbox(), MontySandbox())
