"""The kinds this service runs."""

from __future__ import annotations

from runfold.executor.node import NodeExecutor
from runfold_executor_llm import extract, llm

NODES: tuple[NodeExecutor, ...] = (llm.NODE, extract.NODE)
