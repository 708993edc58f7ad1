"""The kinds this service runs."""

from __future__ import annotations

from runfold.executor.node import NodeExecutor
from runfold_executor_data.conversations import conversations, messages
from runfold_executor_data.databases import db_nodes, db_sql_node
from runfold_executor_data.documents import document_extract

NODES: tuple[NodeExecutor, ...] = (
    document_extract.NODE,
    *conversations.NODES,
    *messages.NODES,
    *db_nodes.NODES,
    db_sql_node.NODE,
)
