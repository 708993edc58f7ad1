"""Runs `embed` nodes: texts in batches to `/embeddings`, vectors in the order of the texts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from runfold.contracts.events import Usage
from runfold.contracts.json_reader import VALUE
from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.embed import KIND, EmbedConfig
from runfold_executor_llm.clients import Clients, open_clients
from runfold_executor_llm.dialects import Call
from runfold_executor_llm.pricing import price_of, usage_of
from runfold_executor_llm.providers import Endpoint, endpoint_for
from runfold_executor_llm.rounds import shown_usage, total_of
from runfold_executor_llm.vectors import NotVectors, vectors_in

BATCH = 96
"""Texts of one request: the least that a well-known server takes at most."""
BATCH_CHARACTERS = 100_000
"""Characters of one request, unless a single text has more."""
_PATH = "/embeddings"
_FORMAT = "encoding_format"
_REFUSED = (400, 422)


async def run(ctx: NodeContext, config: EmbedConfig, _inputs: dict[str, Any]) -> Outcome:
    """Embed the texts."""
    texts = _texts(config.input)
    model = config.model.strip() or ctx.settings.llm.embedding_model
    endpoint = endpoint_for(model, ctx.settings)
    vectors: list[list[float]] = []
    used: Usage | None = None
    answered_by = ""
    for batch in _batches(texts):
        body = {**config.extra, "model": endpoint.model, "input": batch}
        if config.dimensions is not None:
            body["dimensions"] = config.dimensions
        answer = await _ask(ctx.resource, endpoint, body)
        said = answer.get("model")
        answered_by = said if isinstance(said, str) and said else endpoint.model
        price = price_of(model, answered_by, ctx.settings.llm.prices)
        used = total_of(used, usage_of(input_usage(answer.get("usage")), price))
        vectors += await _vectors(endpoint, answer["data"], len(batch), config)
        _check_lengths(endpoint, vectors, len(texts), config)
    outputs = {
        "output": vectors if isinstance(config.input, list) else vectors[0],
        "dimensions": len(vectors[0]) if vectors else 0,
        "count": len(vectors),
        "model": answered_by,
        "usage": shown_usage(used),
    }
    return Outcome(outputs, usage=used)


NODE = NodeExecutor(KIND, run, open_clients)


def input_usage(reported: Any) -> Any:
    """The usage of a request without an answer in words: all tokens are those of the input."""
    if not isinstance(reported, dict) or reported.get("prompt_tokens"):
        return reported
    return {**reported, "prompt_tokens": reported.get("input_tokens", reported.get("total_tokens"))}


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


def _batches(texts: list[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and (len(batch) == BATCH or size + len(text) > BATCH_CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch


async def _ask(clients: Clients, endpoint: Endpoint, body: dict[str, Any]) -> dict[str, Any]:
    """Ask for numbers; without saying so where a server does not know the parameter."""
    from runfold_executor_llm.posting import post  # slow to import: `open_clients` has done it

    about = Call(endpoint=endpoint, messages=[])
    if _FORMAT in clients.dialects.refused(about):
        return await post(clients, endpoint, _PATH, body, ("data",))
    try:
        return await post(clients, endpoint, _PATH, {_FORMAT: "float", **body}, ("data",))
    except NodeFailed as error:
        if error.details.get("status") not in _REFUSED or _FORMAT not in error.message:
            raise
    answer = await post(clients, endpoint, _PATH, body, ("data",))
    clients.dialects.learn(about, frozenset((_FORMAT,)))
    return answer


async def _vectors(
    endpoint: Endpoint, data: list[Any], count: int, config: EmbedConfig
) -> list[list[float]]:
    from runfold_executor_llm.posting import malformed

    try:
        return await asyncio.to_thread(vectors_in, data, count, normalize=config.normalize)
    except NotVectors as error:
        raise malformed(endpoint, _PATH, str(error)) from error


def _check_lengths(
    endpoint: Endpoint, vectors: list[list[float]], count: int, config: EmbedConfig
) -> None:
    """Refuse vectors that are not as long as was asked, or that no output can hold."""
    from runfold_executor_llm.posting import malformed

    length = len(vectors[0])
    if any(len(vector) != length for vector in vectors):
        raise malformed(endpoint, _PATH, "its vectors are not all of one length")
    if config.dimensions is not None and length != config.dimensions:
        message = (
            f"model {endpoint.model!r} gives vectors of {length} numbers, and dimensions is "
            f"{config.dimensions}: leave it out, or take a model that has a choice"
        )
        raise NodeFailed(message, code="embed.dimensions", kind="output")
    most = VALUE.values // 2
    if count * length > most:
        message = (
            f"{count} vectors of {length} numbers are {count * length} numbers, and one output "
            f"holds {most}: embed the texts in a batch node, a part at a time"
        )
        raise NodeFailed(message, code="embed.too_many", kind="limit")
