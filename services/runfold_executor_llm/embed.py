"""Runs `embed` nodes: texts in batches to `/embeddings`, vectors in the order of the texts."""

from __future__ import annotations

from typing import Any

from runfold.contracts.events import Usage
from runfold.contracts.json_reader import VALUE
from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.embed import KIND, EmbedConfig
from runfold.model_endpoints.embeddings import Wanted, embedded
from runfold.model_endpoints.pricing import add_cost, shown_usage, total_of
from runfold.model_endpoints.providers import endpoint_for
from runfold_executor_llm.clients import open_clients


async def run(ctx: NodeContext, config: EmbedConfig, _inputs: dict[str, Any]) -> Outcome:
    """Embed the texts."""
    texts = _texts(config.input)
    model = config.model.strip() or ctx.settings.llm.embedding_model
    endpoint = endpoint_for(model, ctx.settings)
    wanted = Wanted(
        model=model,
        dimensions=config.dimensions,
        normalize=config.normalize,
        extra=config.extra,
    )
    vectors: list[list[float]] = []
    used: Usage | None = None
    answered_by = ""
    try:
        async for batch in embedded(ctx.resource, endpoint, ctx.settings, wanted, texts):
            used, answered_by = total_of(used, batch.usage), batch.model
            vectors += batch.vectors
            _check_room(len(texts), len(vectors[0]))
    except NodeFailed as error:
        add_cost(error, used)
        raise
    outputs = {
        "output": vectors if isinstance(config.input, list) else vectors[0],
        "dimensions": len(vectors[0]) if vectors else 0,
        "count": len(vectors),
        "model": answered_by,
        "usage": shown_usage(used),
    }
    return Outcome(outputs, usage=used)


NODE = NodeExecutor(KIND, run, open_clients)


def _texts(value: Any) -> list[str]:
    """The texts to embed.

    Raises:
        NodeFailed: `embed.input_invalid`, for what is not a text, and for an empty one, of which no
            server makes a vector.
    """
    texts = value if isinstance(value, list) else [value]
    for at, text in enumerate(texts):
        where = f"input[{at}]" if isinstance(value, list) else "input"
        if not isinstance(text, str):
            message = f"{where} is to be a text, not {type(text).__name__}"
            raise NodeFailed(message, code="embed.input_invalid", kind="input")
        if not text.strip():
            message = f"{where} is empty: there is no vector of it"
            raise NodeFailed(message, code="embed.input_invalid", kind="input")
    return texts


def _check_room(count: int, length: int) -> None:
    """Refuse vectors that no output can hold.

    Raises:
        NodeFailed: `embed.too_many`.
    """
    most = VALUE.values // 2
    if count * length > most:
        message = (
            f"{count} vectors of {length} numbers are {count * length} numbers, and one output "
            f"holds {most}: embed the texts in a batch node, a part at a time"
        )
        raise NodeFailed(message, code="embed.too_many", kind="limit")
