"""`runfold knowledge`: knowledge bases, what is in them, and what is found in them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from runfold.cli.arguments import json_of
from runfold.cli.outcome import OK
from runfold.cli.output import print_json, print_table
from runfold.cli.stack import Stack, open_stack, settings_for
from runfold.client.knowledge import Knowledge, document_there
from runfold.contracts.knowledge import Base, Mode, Page
from runfold.contracts.knowledge_queries import KnowledgeAnswer
from runfold.errors import ConfigurationError

ASKED = "executor-data"
"""The service that is asked."""
_EXCERPT = 160
"""Characters of a passage in a table."""


class Where(msgspec.Struct, frozen=True):
    """The options that every command has."""

    server: str = ""
    data_dir: Path | None = None
    as_json: bool = False
    model: str = ""
    """`demo`, `local`, or empty: the configured endpoint."""


@asynccontextmanager
async def opened(where: Where, services: tuple[str, ...] = ()) -> AsyncIterator[Stack]:
    """A bus with the data executors behind it.

    Raises:
        ConfigurationError: The data directory is in use, so that what is stored would be lost.
    """
    settings = settings_for(where.server, where.data_dir)
    asked = () if services else (ASKED,)
    async with open_stack(settings, services, model=where.model, asked=asked) as stack:
        moved = stack.server is not None and stack.settings.data_dir != settings.data_dir
        if moved and not settings.knowledge.url.get_secret_value():
            message = (
                f"{settings.data_dir} is in use or has unfinished runs, and its knowledge bases "
                "are not reached apart from it: let the other command end, or choose another "
                "directory with --data-dir"
            )
            raise ConfigurationError(message, code="data_dir.in_use")
        yield stack


async def create(where: Where, name: str, description: str, embedding_model: str) -> int:
    """Make a base.

    Raises:
        Conflict: There is one of that name.
        InvalidRequest: The name or the model cannot be used.
    """
    async with opened(where) as stack:
        base = await Knowledge(stack.bus).create(name, description, embedding_model)
    if where.as_json:
        print_json(base)
    else:
        print(f"{base.name}: {_model(base)}")
    return OK


async def listed(where: Where) -> int:
    """Print all bases, by name."""
    async with opened(where) as stack:
        bases = [base async for base in _all_bases(Knowledge(stack.bus))]
    if where.as_json:
        print_json({"items": bases})
        return OK
    rows = [(one.name, one.documents, one.chunks, _model(one), one.description) for one in bases]
    print_table(("BASE", "DOCUMENTS", "CHUNKS", "EMBEDDINGS", "DESCRIPTION"), rows)
    return OK


async def shown(where: Where, name: str, document: str, limit: int, cursor: str) -> int:
    """Print a base, or a document with its chunks.

    Raises:
        NotFound: There is no such base, or no such document.
    """
    page = Page(limit=limit, cursor=cursor)
    async with opened(where) as stack:
        knowledge = Knowledge(stack.bus)
        if document:
            _print_document(where, await knowledge.document(name, document, page))
            return OK
        base = await knowledge.base(name)
    if where.as_json:
        print_json(base)
        return OK
    print(f"{base.name}: {base.documents} documents, {base.chunks} chunks, {_model(base)}")
    return OK


async def documents(where: Where, base: str, limit: int, cursor: str, conditions: str) -> int:
    """Print a page of a base's documents.

    Raises:
        NotFound: There is no such base.
        InvalidRequest: The filter cannot be read.
    """
    wanted = json_of("--filter", conditions) if conditions else None
    async with opened(where) as stack:
        page = Page(limit=limit, cursor=cursor)
        found = await Knowledge(stack.bus).documents(base, page, wanted)
    if where.as_json:
        print_json({"items": found.documents, "next_cursor": found.next_cursor})
        return OK
    rows = [(one.id, one.name, one.chunks, one.source) for one in found.documents]
    print_table(("DOCUMENT", "NAME", "CHUNKS", "SOURCE"), rows)
    if found.next_cursor:
        print(f"more: --cursor {found.next_cursor}")
    return OK


async def search(
    where: Where,
    bases: Sequence[str],
    query: str,
    mode: Mode | None,
    top_k: int,
    conditions: str,
    *,
    rerank: bool,
) -> int:
    """Print the passages that bear on a query, best first.

    Raises:
        NotFound: There is no such base.
        InvalidRequest: It cannot be searched so.
    """
    wanted = json_of("--filter", conditions) if conditions else None
    async with opened(where) as stack:
        found = await Knowledge(stack.bus).search(
            bases, query, mode=mode, top_k=top_k, filter=wanted, rerank=rerank
        )
    if where.as_json:
        print_json({"items": found})
        return OK
    rows = [(f"{one['score']:.3f}", one["title"], _line(one["content"])) for one in found]
    print_table(("SCORE", "FROM", "PASSAGE"), rows)
    return OK


async def removed(where: Where, base: str, ids: Sequence[str], conditions: str) -> int:
    """Remove documents of a base.

    Raises:
        NotFound: There is no such base.
        InvalidRequest: Nothing says which documents.
    """
    wanted = json_of("--filter", conditions) if conditions else None
    async with opened(where) as stack:
        count = await Knowledge(stack.bus).delete_documents(base, ids or None, wanted)
    if where.as_json:
        print_json({"count": count})
    else:
        print(f"{base}: {count} documents removed")
    return OK


async def deleted(where: Where, name: str) -> int:
    """Remove a base with all that is in it.

    Raises:
        NotFound: There is no such base.
    """
    async with opened(where) as stack:
        await Knowledge(stack.bus).delete(name)
    if where.as_json:
        print_json({"name": name, "deleted": True})
    else:
        print(f"knowledge base {name}: deleted")
    return OK


async def _all_bases(knowledge: Knowledge) -> AsyncIterator[Base]:
    cursor = ""
    while True:
        page = await knowledge.bases(Page(limit=200, cursor=cursor))
        for base in page.bases:
            yield base
        if not (cursor := page.next_cursor):
            return


def _print_document(where: Where, found: KnowledgeAnswer) -> None:
    document = document_there(found)
    if where.as_json:
        about: dict[str, Any] = {"document": document, "items": found.chunks}
        print_json({**about, "next_cursor": found.next_cursor})
        return
    print(f"{document.id}: {document.name}, {document.chunks} chunks, {document.source or '-'}")
    rows = [
        (one.index, f"{one.start}-{one.end}", " > ".join(one.headings), _line(one.text))
        for one in found.chunks
    ]
    print_table(("CHUNK", "CHARACTERS", "UNDER", "TEXT"), rows)
    if found.next_cursor:
        print(f"more: --cursor {found.next_cursor}")


def _model(base: Base) -> str:
    if base.embedding is None:
        return "full text alone"
    provider = f"{base.embedding.provider}/" if base.embedding.provider else ""
    dims = f", {base.embedding.dims} numbers" if base.embedding.dims else ""
    return f"{provider}{base.embedding.model}{dims}"


def _line(text: str) -> str:
    line = " ".join(text[: 4 * _EXCERPT].split())
    return line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 1]}…"
