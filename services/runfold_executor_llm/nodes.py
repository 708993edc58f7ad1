"""The kinds this service runs."""

from __future__ import annotations

from runfold.executor.node import NodeExecutor
from runfold_executor_llm import llm

NODES: tuple[NodeExecutor, ...] = (llm.NODE,)
