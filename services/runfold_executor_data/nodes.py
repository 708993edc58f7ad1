"""The kinds this service runs."""

from __future__ import annotations

from runfold.executor.node import NodeExecutor
from runfold_executor_data.conversations import conversations, messages

NODES: tuple[NodeExecutor, ...] = (*conversations.NODES, *messages.NODES)
