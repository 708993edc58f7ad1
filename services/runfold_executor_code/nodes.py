"""The kinds this service runs: programs on one sandbox, conditions on another.

Conditions are small, and do not wait behind programs that compute for long.
`condition` and `selector` come here only when a condition of theirs is Python text.
"""

from __future__ import annotations

from runfold.executor.node import NodeExecutor
from runfold.graph.kinds import code, condition, items, selector
from runfold_executor_code.code import run_code
from runfold_executor_code.expressions import run_condition, run_selector
from runfold_executor_code.items.node import run_items
from runfold_executor_code.opening import open_conditions, open_programs

NODES: tuple[NodeExecutor, ...] = (
    NodeExecutor(code.KIND, run_code, open_programs),
    NodeExecutor(items.KIND, run_items, open_programs),
    NodeExecutor(condition.KIND, run_condition, open_conditions),
    NodeExecutor(selector.KIND, run_selector, open_conditions),
)
