"""`embed`: texts as vectors, from the `/embeddings` of any OpenAI-compatible endpoint."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, register


class EmbedConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of an `embed` node."""

    input: Any
    """A text, or a list of texts."""
    model: str = ""
    """`name`, or `provider/name`; empty: the settings' embedding model."""
    dimensions: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    """Numbers of a vector, for models that have a choice; absent: as many as the model gives."""
    normalize: bool = True
    """Whether each vector is given the length 1."""
    extra: dict[str, Any] = {}
    """Further members of the request's body, for what a server alone understands."""
    FORM: ClassVar[Forms] = {
        "input": Form("value", ("{{question}}", ["Tea", "Coffee"])),
        "model": Form("model", ("text-embedding-3-small", "local/bge-m3")),
        "dimensions": Form("number", (256,)),
        "normalize": Form("boolean", group="more"),
        "extra": Form("key_values", ({"input_type": "query"},), group="more"),
    }


KIND = register(
    Kind(
        type="embed",
        group="llm",
        config=EmbedConfig,
        summary="Make vectors of texts",
        outputs=("output", "dimensions", "count", "model", "usage"),
        hints=Hints(
            category="models",
            output_types={
                "output": "array",
                "dimensions": "integer",
                "count": "integer",
                "model": "string",
                "usage": "object",
            },
        ),
    )
)
