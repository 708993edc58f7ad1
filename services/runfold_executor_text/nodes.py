"""The kinds this service runs."""

from __future__ import annotations

from runfold.executor.node import NodeExecutor
from runfold_executor_text import (
    json_parse,
    json_stringify,
    list_items,
    noop,
    template,
    text,
    text_filter,
)

NODES: tuple[NodeExecutor, ...] = (
    template.NODE,
    text.NODE,
    text_filter.NODE,
    json_parse.NODE,
    json_stringify.NODE,
    list_items.NODE,
    noop.NODE,
)
