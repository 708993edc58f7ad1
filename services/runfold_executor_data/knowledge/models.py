"""Embedding models of bases: which one a name is, and the vectors it makes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from runfold.contracts.knowledge import Base, Embedding, QueryVector
from runfold.errors import Conflict, InvalidRequest, NodeFailed
from runfold.executor.extras import need
from runfold.model_endpoints.embeddings import Embedded, Wanted, embedded
from runfold.model_endpoints.providers import endpoint_for
from runfold.settings import Settings
from runfold_executor_data.knowledge.resource import Knowledge

LOCAL = "local-embed"
"""The provider, and the extra, of the model that needs no server."""


def embedding_of(model: str, settings: Settings) -> Embedding:
    """The model that a name stands for: `name`, or `provider/name`.

    Raises:
        NodeFailed: `llm.not_configured`, when the settings have no endpoint for it;
            `extra.missing`, when the model on this machine is not installed.
    """
    provider, _, name = model.strip().partition("/")
    if provider == LOCAL and LOCAL not in settings.llm.providers:
        return _local(name)
    endpoint = endpoint_for(model, settings)
    return Embedding(provider=endpoint.name, model=endpoint.model)


def _local(name: str) -> Embedding:
    need(LOCAL, f"the embedding model {LOCAL}/{name}")
    from runfold_executor_data.knowledge.local_model import EMBEDDING, NAME  # of the extra

    if name != EMBEDDING.model:
        message = f"there is no embedding model {LOCAL}/{name} on this machine, but {NAME}"
        raise NodeFailed(message, code="llm.not_configured", kind="input")
    return EMBEDDING


def check_model(base: Base, model: str, settings: Settings) -> None:
    """Refuse a base that has another model than one that is named.

    Raises:
        Conflict: `knowledge.model_mismatch`.
        NodeFailed: `llm.not_configured`.
    """
    if not model.strip():
        return
    wanted, its = embedding_of(model, settings), base.embedding
    if its is not None and (its.provider, its.model) == (wanted.provider, wanted.model):
        return
    has = f"the embedding model {name_of(its)!r}" if its else "no embedding model"
    message = (
        f"base {base.name!r} has {has}, and embedding_model is {model!r}: a base keeps the model "
        "that it was made with; leave embedding_model out, or index into another base"
    )
    raise Conflict(message, code="knowledge.model_mismatch", details={"base": base.name})


def name_of(embedding: Embedding) -> str:
    """A model as settings and workflows name it."""
    return f"{embedding.provider}/{embedding.model}" if embedding.provider else embedding.model


async def vectors_of(
    knowledge: Knowledge, embedding: Embedding, texts: Sequence[str]
) -> AsyncIterator[Embedded]:
    """The vectors of texts, of length 1, a request at a time.

    Raises:
        NodeFailed: `llm.not_configured`, when the provider that a base names is not in the settings
            any more; and what the model's server did wrong.
    """
    settings = knowledge.settings
    if embedding.provider == LOCAL and LOCAL not in settings.llm.providers:
        rows = await asyncio.to_thread(knowledge.local_model().vectors, texts)
        yield Embedded(rows.tolist(), name_of(embedding), None)
        return
    if embedding.provider and embedding.provider not in settings.llm.providers:
        # Without its prefix the name would go to another server, whose vectors do not compare.
        message = (
            f"the base's embedding model {name_of(embedding)!r} is of a provider that the settings "
            f"do not have: set RUNFOLD_LLM__PROVIDERS__{embedding.provider.upper()}__BASE_URL"
        )
        details = {"model": name_of(embedding)}
        raise NodeFailed(message, code="llm.not_configured", kind="auth", details=details)
    name = name_of(embedding)
    endpoint = endpoint_for(name, settings)
    clients = await knowledge.clients()
    async for batch in embedded(clients, endpoint, settings, Wanted(model=name), texts):
        _check_length(batch, embedding)
        yield batch


def _check_length(batch: Embedded, embedding: Embedding) -> None:
    found = len(batch.vectors[0])
    if embedding.dims and found != embedding.dims:
        message = (
            f"model {name_of(embedding)!r} gives vectors of {found} numbers now, and the base has "
            f"vectors of {embedding.dims}: they cannot be compared. Is it another model behind the "
            "same name? Index the documents in a new base"
        )
        details = {"dims": embedding.dims, "given": found}
        raise InvalidRequest(message, code="knowledge.dimension", details=details)


def query_vector(embedding: Embedding, batch: Embedded) -> QueryVector:
    """A query's vector, from the one batch that it was."""
    return QueryVector(embedding, tuple(batch.vectors[0]))
