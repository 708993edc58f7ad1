"""`rerank`: puts documents in the order in which they bear on a query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register


class RerankConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `rerank` node."""

    query: Any
    """What the documents are to bear on."""
    documents: Any
    """A list of texts, or of objects with `content` or `text`; other objects are read as JSON."""
    engine: Literal["model", "endpoint"] = "model"
    """`model`: a chat model gives each document a score. `endpoint`: a model made for it does, at
    the `/rerank` of its server."""
    model: str = ""
    """`name`, or `provider/name`; empty: the settings' default model, or their rerank model."""
    top_n: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Most documents that are kept; absent: all."""
    min_score: float | None = None
    """Documents with a lower score are left out."""
    instructions: Any = ""
    """What the model is told besides; with engine `model`."""
    extra: dict[str, Any] = {}
    """Further members of the request's body, for what a server alone understands."""
    FORM: ClassVar[Forms] = {
        "query": Form("template", ("{{question}}",)),
        "documents": Form("value", ("{{found.output}}", ["Green tea", "Coffee"])),
        "engine": Form("choice"),
        "model": Form("model", ("gpt-4o-mini", "near/bge-reranker-v2-m3"), group="model"),
        "top_n": Form("number", (3,)),
        "min_score": Form("number", (0.3,)),
        "instructions": Form("template", ("Newer documents count more.",), group="model"),
        "extra": Form("key_values", ({"return_documents": False},), group="more"),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    if config.get("engine") == "endpoint" and config.get("instructions"):
        yield Problem("instructions", "a rerank endpoint takes no instructions")


KIND = register(
    Kind(
        type="rerank",
        group="llm",
        config=RerankConfig,
        summary="Order documents by how they bear on a query",
        outputs=("output", "results", "model", "usage"),
        rules=_rules,
        hints=Hints(
            category="models",
            output_types={
                "output": "array",
                "results": "array",
                "model": "string",
                "usage": "object",
            },
        ),
    )
)
