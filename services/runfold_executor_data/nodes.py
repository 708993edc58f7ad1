"""The kinds this service runs."""

from __future__ import annotations

from runfold.executor.node import NodeExecutor

NODES: tuple[NodeExecutor, ...] = ()
