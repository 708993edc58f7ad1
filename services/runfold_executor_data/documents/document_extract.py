"""Runs `document_extract` nodes: the text of documents, one after another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from runfold.errors import InvalidFile, NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.document_extract import KIND, DocumentExtractConfig
from runfold.settings import Settings
from runfold.values.charsets import codec_of
from runfold.values.files import FileValue, read_file
from runfold_executor_data.documents.extraction import Extraction, open_extraction
from runfold_executor_data.documents.reading import Document

MOST = 50
"""Documents of one node."""

Failed = dict[str, Any]


async def run(ctx: NodeContext, config: DocumentExtractConfig, _inputs: dict[str, Any]) -> Outcome:
    """Read the documents."""
    codec = codec_of(config.charset) if config.charset else ""
    if codec is None:
        message = f"charset {config.charset!r} is none that is known"
        raise NodeFailed(message, code="document.charset", kind="input")
    reader = _Reader(ctx, codec)
    if not isinstance(config.file, list):
        return Outcome({**_outputs(await reader.read(config.file, "file")), "failed": []})
    if len(config.file) > MOST:
        message = f"there are {len(config.file)} documents, and one node reads {MOST}"
        raise NodeFailed(message, code="document.too_many", kind="limit")
    found: list[Document | None] = []
    failed: list[Failed] = []
    for at, value in enumerate(config.file):
        try:
            found.append(await reader.read(value, f"file[{at}]"))
        except NodeFailed as error:
            if config.on_item_error == "terminate":
                raise
            found.append(None)
            failed.append(_failed(at, error))
    shown = [_outputs(one) for one in found]
    names = _outputs(None)
    return Outcome({**{name: [one[name] for one in shown] for name in names}, "failed": failed})


@asynccontextmanager
async def open_documents(settings: Settings) -> AsyncIterator[Extraction]:
    """The processes that read documents; they start with the first of them."""
    async with open_extraction(settings.documents) as extraction:
        yield extraction


NODE = NodeExecutor(KIND, run, open_documents)


class _Reader:
    """Reads the documents of one attempt, which share how long their text may be."""

    def __init__(self, ctx: NodeContext, codec: str) -> None:
        self._ctx = ctx
        self._codec = codec
        self._left = ctx.settings.documents.max_text_bytes

    async def read(self, value: Any, where: str) -> Document:
        """A document. Raises `NodeFailed`, which says where it stands."""
        ctx = self._ctx
        file = _file(value, where)
        shown = f"{where} ({file.name})"
        limit = ctx.settings.documents.max_file_bytes
        try:
            body = await ctx.files.read(value, limit=limit)
        except NodeFailed as error:
            raise _placed(error, where) from error
        document: Document = await ctx.resource.read(
            body,
            file.name,
            media_type=file.media_type,
            charset=self._codec,
            most=self._left,
            asker=(ctx.workflow_id, ctx.run_id),
            shown=shown,
        )
        self._left = max(self._left - len(document.text.encode()), 1)
        return document


def _file(value: Any, where: str) -> FileValue:
    try:
        return read_file(value)
    except InvalidFile as error:
        raise NodeFailed(f"{where}: {error.message}", code=error.code, kind="input") from error


def _placed(error: NodeFailed, where: str) -> NodeFailed:
    return NodeFailed(
        f"{where}: {error.message}",
        code=error.code,
        kind=error.kind,
        retryable=error.retryable,
        retry_after=error.retry_after,
        details=error.details,
    )


def _failed(at: int, error: NodeFailed) -> Failed:
    return {"index": at, "code": error.code, "message": error.message, "type": error.kind}


def _outputs(document: Document | None) -> dict[str, Any]:
    """The outputs of one document; nulls for one that failed."""
    if document is None:
        return dict.fromkeys(("output", "text", "pages", "metadata", "kind", "warnings"))
    return {
        "output": document.text,
        "text": document.text,
        "pages": [msgspec.to_builtins(page) for page in document.pages],
        "metadata": document.metadata,
        "kind": document.kind,
        "warnings": document.warnings,
    }
