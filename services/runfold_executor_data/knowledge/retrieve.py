"""Runs `knowledge_retrieve` nodes."""

from __future__ import annotations

from typing import Any

from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.knowledge_retrieve import KIND, KnowledgeRetrieveConfig
from runfold.model_endpoints.pricing import shown_usage
from runfold.values.json_text import text_of
from runfold_executor_data.knowledge.resource import open_knowledge
from runfold_executor_data.knowledge.retrieving import Asked, citations_of, found


async def run(
    ctx: NodeContext, config: KnowledgeRetrieveConfig, _inputs: dict[str, Any]
) -> Outcome:
    """Look for passages."""
    query = "" if config.query is None else text_of(config.query)
    asked = Asked(
        query=query,
        bases=_names(config.bases),
        mode=config.mode,
        top_k=config.top_k,
        score_threshold=config.score_threshold,
        filter=config.filter,
        semantic_weight=config.semantic_weight,
        rerank=config.rerank,
        rerank_model=config.rerank_model,
        candidates=config.candidates,
    )
    result = await found(ctx.resource, asked)
    outputs = {
        "output": result.documents,
        "documents": result.documents,
        "scores": [one["score"] for one in result.documents],
        "citations": citations_of(result.documents),
        "count": len(result.documents),
        "query": query,
        "usage": shown_usage(result.usage),
    }
    return Outcome(outputs, usage=result.usage)


NODE = NodeExecutor(KIND, run, open_on_bus=open_knowledge)


def _names(bases: Any) -> list[str]:
    """The names of the bases.

    Raises:
        NodeFailed: `knowledge.input_invalid`.
    """
    listed = bases if isinstance(bases, list) else [bases]
    for at, name in enumerate(listed):
        if not isinstance(name, str) or not name.strip():
            where = f"bases[{at}]" if isinstance(bases, list) else "bases"
            message = f"{where} is to be the name of a knowledge base, not {str(name)[:80]!r}"
            raise NodeFailed(message, code="knowledge.input_invalid", kind="input")
    return [name.strip() for name in listed]
