"""The kinds this service runs, all on one sandbox.

`condition` and `selector` come here only when a condition of theirs is Python text.
"""

from __future__ import annotations

from runfold.executor.node import NodeExecutor
from runfold.graph.kinds import code, condition, selector
from runfold_executor_code.code import run_code
from runfold_executor_code.expressions import run_condition, run_selector
from runfold_executor_code.sandbox import open_sandbox

NODES: tuple[NodeExecutor, ...] = (
    NodeExecutor(code.KIND, run_code, open_sandbox),
    NodeExecutor(condition.KIND, run_condition, open_sandbox),
    NodeExecutor(selector.KIND, run_selector, open_sandbox),
)
