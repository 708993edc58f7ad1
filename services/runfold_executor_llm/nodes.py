"""The kinds this service runs."""

from __future__ import annotations

from runfold.executor.node import NodeExecutor
from runfold_executor_llm import embed, extract, intent, llm, ocr, rerank, structured_node

NODES: tuple[NodeExecutor, ...] = (
    llm.NODE,
    extract.NODE,
    structured_node.NODE,
    intent.NODE,
    embed.NODE,
    rerank.NODE,
    ocr.NODE,
)
