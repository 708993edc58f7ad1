"""`knowledge_retrieve`: the passages of knowledge bases that bear on a query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.errors import InvalidRequest
from runfold.graph.forms import has_computed
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.values.metadata_filters import parse_filter

MOST_BASES = 20
MOST_TOP_K = 100
FILTER_EXAMPLE = {"and": [{"field": "year", "operator": ">=", "value": 2024}]}


class KnowledgeRetrieveConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `knowledge_retrieve` node."""

    query: Any
    """What is looked for; without one nothing is found, and that is no failure."""
    bases: Any
    """The name of a knowledge base, or a list of names."""
    mode: Literal["semantic", "full_text", "hybrid"] | None = None
    """By meaning, by words, or by both and the fusion of their ranks; absent: `hybrid` in bases
    with an embedding model, `full_text` in others."""
    top_k: Annotated[int, msgspec.Meta(ge=1, le=MOST_TOP_K)] = 5
    """Most passages that are given."""
    score_threshold: float = 0.0
    """Passages with a lower score are left out."""
    filter: Any = None
    """Conditions on the metadata of documents: `{field, operator, value}`, in `and` and `or`."""
    semantic_weight: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
    """What meaning counts in `hybrid`; words count the rest."""
    rerank: bool = False
    """Whether a rerank model puts the passages in order."""
    rerank_model: str = ""
    """`name`, or `provider/name`, of a model at a `/rerank` endpoint; empty: the settings'."""
    candidates: Annotated[int, msgspec.Meta(ge=1, le=MOST_TOP_K)] | None = None
    """Passages that the rerank model sees; absent: four times `top_k`, at least 20."""
    FORM: ClassVar[Forms] = {
        "query": Form("template", ("{{question}}",)),
        "bases": Form("value", ("handbook", ["handbook", "faq"], "{{base}}")),
        "mode": Form("choice"),
        "top_k": Form("number", (5,)),
        "score_threshold": Form("number", (0.3,)),
        "filter": Form("value", (FILTER_EXAMPLE,), group="filter"),
        "semantic_weight": Form("number", (0.7,), group="more"),
        "rerank": Form("boolean", group="rerank"),
        "rerank_model": Form("model", ("near/bge-reranker-v2-m3",), group="rerank"),
        "candidates": Form("number", (40,), group="rerank"),
    }


def filter_problems(config: dict[str, Any]) -> Iterator[Problem]:
    """What is wrong with a filter as it is written."""
    written = config.get("filter")
    if written is None or has_computed(written):
        return
    try:
        parse_filter(written)
    except InvalidRequest as error:
        yield Problem("filter", error.message, error.code)


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from filter_problems(config)
    bases = config.get("bases")
    if bases in ("", []) or (isinstance(bases, list) and len(bases) > MOST_BASES):
        yield Problem("bases", f"name 1 to {MOST_BASES} knowledge bases")
    if config.get("rerank_model") and config.get("rerank") is False:
        yield Problem("rerank_model", "nothing is reranked without `rerank: true`")


KIND = register(
    Kind(
        type="knowledge_retrieve",
        group="data",
        extra="knowledge",
        config=KnowledgeRetrieveConfig,
        summary="Find passages of knowledge bases that bear on a query",
        aliases=("knowledge",),
        outputs=("output", "documents", "scores", "citations", "count", "query", "usage"),
        sources="citations",
        rules=_rules,
        hints=Hints(
            category="data",
            output_types={
                "output": "array",
                "documents": "array",
                "scores": "array",
                "citations": "array",
                "count": "integer",
                "query": "string",
                "usage": "object",
            },
        ),
    )
)
