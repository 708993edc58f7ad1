"""The text of a document that is given: as it is, out of a file, or from a URL."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts.fetching import Fetch, Fetched
from runfold.contracts.queries import FETCH
from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext
from runfold.values.files import read_file
from runfold.values.knowledge_documents import Given
from runfold_executor_data.knowledge.resource import Knowledge

_FETCH_WITHIN = 60.0
"""Seconds in which a URL is to be there."""
_MORE = 5.0
"""Seconds that the answer may come later."""
_PLAIN = frozenset(("text/plain", "text/markdown"))
_PLAIN_EXTENSIONS = frozenset(("txt", "md", "markdown"))
"""Of files that are their own text."""


class Read(msgspec.Struct, frozen=True):
    """A document's text."""

    text: str
    name: str
    metadata: dict[str, Any]


async def read(ctx: NodeContext, knowledge: Knowledge, one: Given) -> Read:
    """A document's text, and what it is called.

    Raises:
        NodeFailed: The file cannot be read, or the URL cannot be got.
        BusUnavailable: `fetch.unavailable`: no http executor answers.
    """
    if one.text is not None:
        return Read(one.text, one.name, one.metadata)
    file = one.file if one.file is not None else await fetched(knowledge, one.url)
    name = one.name or read_file(file).name or one.id
    return Read(await text_of_file(ctx, knowledge, file), name, one.metadata)


async def fetched(knowledge: Knowledge, url: str) -> dict[str, Any]:
    """The file that a URL is, got by an http executor.

    Raises:
        NodeFailed: As of an `http_request` node.
        BusUnavailable: `fetch.unavailable`.
    """
    asked = msgspec.json.encode(Fetch(url=url, timeout=_FETCH_WITHIN))
    body = await knowledge.bus.query(FETCH, asked, timeout=_FETCH_WITHIN + _MORE)
    answer = msgspec.json.decode(body, type=Fetched)
    if answer.error is not None:
        said = answer.error
        raise NodeFailed(
            said.message,
            code=said.code,
            kind=said.kind,
            retryable=said.retryable,
            retry_after=said.retry_after,
            details=said.details,
        )
    if answer.file is None:
        message = f"{url} was got, and no file of it came back"
        raise NodeFailed(message, code="fetch.unavailable", kind="network", retryable=True)
    return answer.file


async def text_of_file(ctx: NodeContext, knowledge: Knowledge, file: Any) -> str:
    """The text in a file.

    Raises:
        NodeFailed: `file.…`, `document.…`.
    """
    value = read_file(file)
    body = await ctx.files.read(file, limit=knowledge.settings.documents.max_file_bytes)
    if value.media_type in _PLAIN or value.extension in _PLAIN_EXTENSIONS:
        try:
            return body.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass  # of another charset, which extraction finds
    extraction = await knowledge.extraction()
    document = await extraction.read(
        body,
        value.name,
        media_type=value.media_type,
        asker=(ctx.workflow_id, ctx.run_id),
    )
    return document.text
