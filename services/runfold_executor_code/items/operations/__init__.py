"""The operations of `items` that are written in Python, each in a module of its own.

Pure: a `Step` in, lists of `Made` out. No clock, no randomness, no I/O. `OPERATIONS` names them as
n8n names its node types, without the prefix.
"""

from __future__ import annotations

from collections.abc import Mapping

from runfold_executor_code.items.operations import (
    aggregate,
    collect,
    filter_,
    http_request,
    if_,
    last,
    limit,
    merge,
    no_op,
    request_plan,
    resolve,
    route,
    set_,
    sort,
    split_in_batches,
    split_out,
    stop_and_error,
    switch,
    trigger,
    wait,
)
from runfold_executor_code.items.step import Operation

OPERATIONS: Mapping[str, Operation] = {
    "aggregate": aggregate.run,
    "collect": collect.run,
    "filter": filter_.run,
    "httpRequest": http_request.run,
    "httpRequestPlan": request_plan.run,
    "if": if_.run,
    "last": last.run,
    "limit": limit.run,
    "merge": merge.run,
    "noOp": no_op.run,
    "resolve": resolve.run,
    "route": route.run,
    "set": set_.run,
    "sort": sort.run,
    "splitInBatches": split_in_batches.run,
    "splitOut": split_out.run,
    "stopAndError": stop_and_error.run,
    "switch": switch.run,
    "trigger": trigger.run,
    "wait": wait.run,
}
"""By operation."""
