"""Texts as vectors, by the `/embeddings` of any OpenAI-compatible endpoint, in batches.

What an answer gives is checked: as many vectors as texts, in their order, all of one length.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import msgspec

from runfold.contracts.events import Usage
from runfold.errors import NodeFailed
from runfold.model_endpoints.batch_sizes import fewer
from runfold.model_endpoints.clients import Clients
from runfold.model_endpoints.pricing import input_usage, price_of, usage_of
from runfold.model_endpoints.providers import Endpoint
from runfold.model_endpoints.vectors import NotVectors, vectors_in
from runfold.settings import Settings

BATCH = 96
"""Texts of one request: the least that a well-known server takes at most."""
BATCH_CHARACTERS = 100_000
"""Characters of one request, unless a single text has more."""
_PATH = "/embeddings"
_FORMAT = "encoding_format"
_REFUSED = (400, 422)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What kind of vectors are asked for."""

    model: str
    """As the author named it: prices are by this name too."""
    dimensions: int | None = None
    """Numbers of a vector, for models that have a choice."""
    normalize: bool = True
    """Whether each is given the length 1."""
    extra: dict[str, Any] = {}
    """Further members of the request's body."""


class Embedded(msgspec.Struct, frozen=True):
    """The vectors of one batch."""

    vectors: list[list[float]]
    model: str
    """What the answer calls the model."""
    usage: Usage | None


def batches(
    texts: Sequence[str], *, most: int = BATCH, characters: int = BATCH_CHARACTERS
) -> Iterator[list[str]]:
    """The texts in order, as many together as one request has."""
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and (len(batch) == most or size + len(text) > characters):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch


async def embedded(
    clients: Clients, endpoint: Endpoint, settings: Settings, wanted: Wanted, texts: Sequence[str]
) -> AsyncIterator[Embedded]:
    """The vectors of texts, a batch at a time, in their order.

    Args:
        clients: Keep the connections.
        endpoint: That is asked, of `wanted.model`.
        settings: For prices.
        wanted: What kind of vectors.
        texts: None of them empty.

    Raises:
        NodeFailed: What the server did wrong; `embed.dimensions`, when its vectors are not as long
            as was asked.
    """
    length = wanted.dimensions
    left = list(batches(texts))
    while left:
        most = clients.refusals.most_texts(endpoint)
        batch, *left = (*_cut(left[0], most), *left[1:])
        try:
            one = await _batch(clients, endpoint, settings, wanted, batch)
        except NodeFailed as error:
            fits = fewer(error, len(batch))
            if fits is None:
                raise
            clients.refusals.learn_most_texts(endpoint, fits)
            left.insert(0, batch)
            continue
        found = len(one.vectors[0])
        if wanted.dimensions is not None and found != wanted.dimensions:
            raise _other_length(endpoint, found, wanted.dimensions)
        if length is not None and found != length:
            from runfold.model_endpoints.posting import malformed  # slow to import

            raise malformed(endpoint, _PATH, "its vectors are not all of one length")
        length = found
        yield one


def _cut(batch: list[str], most: int | None) -> list[list[str]]:
    """A batch in parts of which none has more texts than a server takes."""
    size = most or len(batch)
    return [batch[at : at + size] for at in range(0, len(batch), size)]


async def _batch(
    clients: Clients, endpoint: Endpoint, settings: Settings, wanted: Wanted, batch: list[str]
) -> Embedded:
    from runfold.model_endpoints.posting import malformed  # slow: `open_clients` has done it

    body: dict[str, Any] = {**wanted.extra, "model": endpoint.model, "input": batch}
    if wanted.dimensions is not None:
        body["dimensions"] = wanted.dimensions
    answer = await _ask(clients, endpoint, body)
    said = answer.get("model")
    answered_by = said if isinstance(said, str) and said else endpoint.model
    price = price_of(wanted.model, answered_by, settings.llm.prices)
    usage = usage_of(input_usage(answer.get("usage")), price)
    try:
        vectors = await asyncio.to_thread(
            vectors_in, answer["data"], len(batch), normalize=wanted.normalize
        )
    except NotVectors as error:
        raise malformed(endpoint, _PATH, str(error)) from error
    return Embedded(vectors, answered_by, usage)


async def _ask(clients: Clients, endpoint: Endpoint, body: dict[str, Any]) -> dict[str, Any]:
    """Ask for numbers; without saying so where a server does not know the parameter."""
    from runfold.model_endpoints.posting import post  # slow to import: `open_clients` has done it

    if _FORMAT in clients.refusals.of(endpoint):
        return await post(clients, endpoint, _PATH, body, ("data",))
    try:
        return await post(clients, endpoint, _PATH, {_FORMAT: "float", **body}, ("data",))
    except NodeFailed as error:
        if error.details.get("status") not in _REFUSED or _FORMAT not in error.message:
            raise
    answer = await post(clients, endpoint, _PATH, body, ("data",))
    clients.refusals.learn(endpoint, frozenset((_FORMAT,)))
    return answer


def _other_length(endpoint: Endpoint, found: int, wanted: int) -> NodeFailed:
    message = (
        f"model {endpoint.model!r} gives vectors of {found} numbers, and dimensions is "
        f"{wanted}: leave it out, or take a model that has a choice"
    )
    return NodeFailed(message, code="embed.dimensions", kind="output")
