"""The kinds this service runs."""

from __future__ import annotations

from runfold.executor.node import NodeExecutor, QueryExecutor
from runfold_executor_data.conversations import conversations, messages
from runfold_executor_data.databases import db_nodes, db_sql_node
from runfold_executor_data.documents import document_extract
from runfold_executor_data.knowledge import delete, index, questions, retrieve

NODES: tuple[NodeExecutor, ...] = (
    document_extract.NODE,
    *conversations.NODES,
    *messages.NODES,
    index.NODE,
    retrieve.NODE,
    delete.NODE,
    *db_nodes.NODES,
    db_sql_node.NODE,
)
QUERIES: tuple[QueryExecutor, ...] = (questions.QUERY,)
"""What it answers beside."""
