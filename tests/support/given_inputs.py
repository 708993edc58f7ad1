"""A hook that notes what each attempt was given, as its executor rendered it."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts.tasks import Task
from runfold.executor.hooks import Hook, HookContext
from runfold.ids import address_of

GIVEN: dict[tuple[str, str, int], dict[str, Any]] = {}
"""Run, address and attempt → the configuration."""


class Noting(Hook):
    """Notes configurations."""

    async def before(self, _ctx: HookContext, task: Task, config: Any) -> None:
        given = msgspec.to_builtins(config)
        GIVEN[task.run_id, address_of(task.scope, task.node_id), task.attempt] = given


NOTING = Noting()
