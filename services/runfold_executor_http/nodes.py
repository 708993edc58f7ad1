"""The kinds this service runs."""

from __future__ import annotations

from runfold.executor.node import NodeExecutor
from runfold_executor_http import http_request, plugin

NODES: tuple[NodeExecutor, ...] = (http_request.NODE, plugin.NODE)
