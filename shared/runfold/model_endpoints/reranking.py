"""Scores of documents for a query, by the `/rerank` of a model server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from runfold.contracts.events import Usage
from runfold.errors import NodeFailed
from runfold.model_endpoints.clients import Clients
from runfold.model_endpoints.pricing import input_usage, price_of, usage_of
from runfold.model_endpoints.providers import endpoint_for
from runfold.model_endpoints.scores import NotScores, scores_in
from runfold.settings import Settings

_PATH = "/rerank"


class Reranked(msgspec.Struct, frozen=True):
    """The scores of documents, by their index: of the best, as many as were asked for."""

    scores: dict[int, float]
    model: str
    usage: Usage | None


async def reranked(
    clients: Clients,
    settings: Settings,
    model: str,
    query: str,
    texts: Sequence[str],
    *,
    top_n: int | None = None,
    extra: dict[str, Any] | None = None,
) -> Reranked:
    """Ask an endpoint for the scores of documents.

    Args:
        clients: Keep the connections.
        settings: Have the endpoint, and the model when none is named.
        model: `name`, or `provider/name`; empty: the settings' rerank model.
        query: What the documents are to bear on.
        texts: The documents.
        top_n: How many scores are wanted; absent: all.
        extra: Further members of the request's body.

    Raises:
        NodeFailed: `llm.not_configured`, and what the server did wrong.
    """
    from runfold.model_endpoints.posting import malformed, post  # slow: `open_clients` has done it

    model = model.strip() or settings.llm.rerank_model
    if not model:
        message = (
            "no model for the rerank endpoint: set model or RUNFOLD_LLM__RERANK_MODEL, or use "
            "engine: model to ask a chat model"
        )
        raise NodeFailed(message, code="llm.not_configured", kind="auth")
    endpoint = endpoint_for(model, settings)
    count = min(top_n or len(texts), len(texts))
    body = {
        **(extra or {}),
        "model": endpoint.model,
        "query": query,
        "documents": list(texts),
        "top_n": count,
    }
    answer = await post(clients, endpoint, _PATH, body, ("results", "data"))
    results = answer["results"] if isinstance(answer.get("results"), list) else answer["data"]
    try:
        scores = scores_in(results, len(texts), count)
    except NotScores as error:
        raise malformed(endpoint, _PATH, str(error)) from error
    said = answer.get("model")
    answered_by = said if isinstance(said, str) and said else endpoint.model
    about = answer.get("meta")
    reported = answer.get("usage") or (about.get("tokens") if isinstance(about, dict) else None)
    price = price_of(model, answered_by, settings.llm.prices)
    return Reranked(scores, answered_by, usage_of(input_usage(reported), price))
