"""The kinds this service runs."""

from __future__ import annotations

from runfold.executor.node import NodeExecutor, QueryExecutor
from runfold_executor_http import fetching, http_request, mcp_node, plugin

NODES: tuple[NodeExecutor, ...] = (http_request.NODE, mcp_node.NODE, plugin.NODE)
QUERIES: tuple[QueryExecutor, ...] = (fetching.QUERY,)
"""What it answers beside."""
