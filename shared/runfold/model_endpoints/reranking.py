"""Scores of documents for a query, by the `/rerank` of a model server."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from runfold.contracts.events import Usage
from runfold.errors import NodeFailed
from runfold.model_endpoints.batch_sizes import fewer
from runfold.model_endpoints.clients import Clients
from runfold.model_endpoints.pricing import input_usage, price_of, total_of, usage_of
from runfold.model_endpoints.providers import Endpoint, endpoint_for
from runfold.model_endpoints.scores import NotScores, scores_in
from runfold.settings import Settings

_PATH = "/rerank"
_DOCUMENTS = "documents"
_REFUSED = (400, 422)
_TEXTS_MISSING = re.compile(
    r"(?:missing|required).{0,40}\btexts\b|\btexts\b.{0,40}required", re.IGNORECASE
)


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
    model = model.strip() or settings.llm.rerank_model
    if not model:
        message = (
            "no model for the rerank endpoint: set model or RUNFOLD_LLM__RERANK_MODEL, or use "
            "engine: model to ask a chat model"
        )
        raise NodeFailed(message, code="llm.not_configured", kind="auth")
    asked = _Asked(endpoint_for(model, settings), model, query, extra or {})
    return await _scored(clients, settings, asked, list(texts), top_n or len(texts))


class _Asked(NamedTuple):
    """What is the same of all requests for one query."""

    endpoint: Endpoint
    model: str
    """As it was named."""
    query: str
    extra: dict[str, Any]


async def _scored(
    clients: Clients, settings: Settings, asked: _Asked, texts: list[str], top_n: int
) -> Reranked:
    """Scores of texts: in parts, where a server takes no more at a time."""
    most = clients.refusals.most_texts(asked.endpoint) or len(texts)
    if len(texts) <= most:
        try:
            return await _part(clients, settings, asked, texts, min(top_n, len(texts)))
        except NodeFailed as error:
            fits = fewer(error, len(texts))
            if fits is None:
                raise
            clients.refusals.learn_most_texts(asked.endpoint, fits)
            most = fits
    scores: dict[int, float] = {}
    used: Usage | None = None
    answered_by = ""
    for begin in range(0, len(texts), most):
        part = await _scored(clients, settings, asked, texts[begin : begin + most], top_n)
        scores |= {begin + index: score for index, score in part.scores.items()}
        used, answered_by = total_of(used, part.usage), part.model
    return Reranked(scores, answered_by, used)


async def _part(
    clients: Clients, settings: Settings, asked: _Asked, texts: list[str], count: int
) -> Reranked:
    """Scores of the texts of one request."""
    from runfold.model_endpoints.posting import malformed  # slow: `open_clients` has done it

    answer = await _answer(clients, asked, texts, count)
    results = answer["results"] if isinstance(answer.get("results"), list) else answer["data"]
    try:
        scores = scores_in(results, len(texts), count)
    except NotScores as error:
        raise malformed(asked.endpoint, _PATH, str(error)) from error
    said = answer.get("model")
    answered_by = said if isinstance(said, str) and said else asked.endpoint.model
    about = answer.get("meta")
    reported = answer.get("usage") or (about.get("tokens") if isinstance(about, dict) else None)
    price = price_of(asked.model, answered_by, settings.llm.prices)
    return Reranked(scores, answered_by, usage_of(input_usage(reported), price))


async def _answer(clients: Clients, asked: _Asked, texts: list[str], count: int) -> dict[str, Any]:
    """Ask for scores: of `documents`, or of `texts` where a server calls them so (TEI)."""
    from runfold.model_endpoints.posting import post  # slow: `open_clients` has done it

    body = {**asked.extra, "model": asked.endpoint.model, "query": asked.query, "top_n": count}
    lists = ("results", "data")
    if _DOCUMENTS not in clients.refusals.of(asked.endpoint):
        try:
            return await post(clients, asked.endpoint, _PATH, {**body, _DOCUMENTS: texts}, lists)
        except NodeFailed as error:
            is_named = _TEXTS_MISSING.search(error.message)
            if error.details.get("status") not in _REFUSED or not is_named:
                raise
            clients.refusals.learn(asked.endpoint, frozenset((_DOCUMENTS,)))
    return await post(clients, asked.endpoint, _PATH, {**body, "texts": texts}, lists)
