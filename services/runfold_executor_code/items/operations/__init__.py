"""The operations of `items` that are written in Python, each in a module of its own.

Pure: a `Step` in, lists of `Made` out. No clock, no randomness, no I/O. `OPERATIONS` names them as
n8n names its node types, without the prefix.
"""

from __future__ import annotations

from collections.abc import Mapping

from runfold_executor_code.items.operations import (
    collect,
    last,
    no_op,
    request_plan,
    resolve,
    route,
    trigger,
)
from runfold_executor_code.items.step import Operation

OPERATIONS: Mapping[str, Operation] = {
    "collect": collect.run,
    "httpRequestPlan": request_plan.run,
    "last": last.run,
    "noOp": no_op.run,
    "resolve": resolve.run,
    "route": route.run,
    "trigger": trigger.run,
}
"""By operation."""
