"""Test tools for authors of node kinds: one attempt, run as a worker would, without a bus.

    result = await run_node(NODE, {"text": "{{who}}"}, {"who": "world"})
    assert result.outputs == {"output": "WORLD"}
    assert result.chunks[-1].final

`check_node` looks at what is the same for every configuration.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any

import msgspec

from runfold.bus.memory.bus import MemoryBus
from runfold.bus.memory.files import MemoryFiles
from runfold.bus.ports.files import Files
from runfold.bus.ports.messages import Ack
from runfold.contracts.events import (
    NodeRunSucceeded,
    Recorded,
    RecordedChunk,
    StreamChunk,
    Usage,
)
from runfold.contracts.tasks import StreamSource, Task
from runfold.errors import Failure
from runfold.executor.attempt import run_attempt
from runfold.executor.hooks import load_hooks
from runfold.executor.incoming import Source
from runfold.executor.node import NodeExecutor, Outcome
from runfold.executor.resources import opened_for
from runfold.graph.definition import OUT
from runfold.settings import Settings


class Result(msgspec.Struct, frozen=True):
    """The result of an attempt: outputs and a port, or a failure."""

    outputs: dict[str, Any] = {}
    port: str = ""
    usage: Usage | None = None
    failure: Failure | None = None
    chunks: tuple[StreamChunk, ...] = ()

    def text(self, kind: str = "text") -> str:
        """All streamed pieces of a kind, put together."""
        return "".join(chunk.text for chunk in self.chunks if chunk.kind == kind)


class CollectedChunks:
    """`runfold.bus.ports.live.Chunks` into a list."""

    def __init__(self) -> None:
        self.sent: list[StreamChunk] = []

    def publish(self, chunk: StreamChunk) -> asyncio.Future[Ack]:
        """Keep a chunk."""
        self.sent.append(chunk)
        future: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        future.set_result(Ack(len(self.sent)))
        return future

    async def read(self, run_id: str, *, after: int = 0) -> list[RecordedChunk]:
        """The run's chunks after a place in the list."""
        return [
            RecordedChunk(seq, 0.0, chunk)
            for seq, chunk in enumerate(self.sent, 1)
            if seq > after and chunk.run_id == run_id
        ]


async def run_node(
    node: NodeExecutor,
    config: dict[str, Any],
    inputs: dict[str, Any] | None = None,
    *,
    settings: Settings | None = None,
    timeout: float | None = None,
    attempt: int = 1,
    deliveries: int = 1,
    backup: bool = False,
    streamed: dict[str, list[str]] | None = None,
    resource: Any = None,
    files: Files | None = None,
) -> Result:
    """Run one attempt: render and check the configuration, run, check the outputs.

    Args:
        node: The kind and its function.
        config: As an author writes it, templates and all.
        inputs: The values its references find, by root: `{"fetch": {"output": …}, "topic": …}`.
        settings: The process's, with its hooks; defaults when absent.
        timeout: The node's timeout, in seconds.
        attempt: Which attempt it is.
        deliveries: How often it was handed out.
        backup: Whether it is the one with the backup.
        streamed: Fields that the kind takes as streams: the pieces that come in.
        resource: What the attempt is given as `ctx.resource`. None: the kind's own `open` is
            entered for this attempt alone.
        files: Where the bytes of files are. None: an empty store in memory.
    """
    source = streamed and StreamSource(
        node_id="source", attempt=1, after=0, fields={name: name for name in streamed}
    )
    task = Task(
        run_id="conformance",
        workflow_id="conformance",
        node_id=node.kind.type,
        node_type=node.kind.type,
        attempt=attempt,
        backup=backup,
        config=config,
        inputs=inputs or {},
        timeout=timeout,
        source=source or None,
    )
    chunks = CollectedChunks()
    settings = settings or Settings()
    store = files or MemoryFiles()
    incoming = _fed(task, streamed) if streamed else None
    hooks = load_hooks(settings)
    async with _opened(node, settings, resource) as given:
        came = await run_attempt(
            node, task, settings, chunks, store, incoming, hooks, given, deliveries
        )
    sent = tuple(chunks.sent)
    if isinstance(came, Outcome):
        return Result(came.outputs, came.port, came.usage, None, sent)
    return Result(failure=came, chunks=sent)


def _opened(
    node: NodeExecutor, settings: Settings, resource: Any
) -> AbstractAsyncContextManager[Any]:
    if resource is None:
        return opened_for(node, settings, MemoryBus(settings))
    return nullcontext(resource)


def _fed(task: Task, streamed: dict[str, list[str]]) -> Source:
    """A source that has written its pieces and succeeded."""
    source = Source(task)
    about: dict[str, Any] = {
        "run_id": task.run_id,
        "workflow_id": task.workflow_id,
        "node_id": "source",
    }
    pieces = [(name, piece) for name, texts in streamed.items() for piece in texts]
    for index, (name, piece) in enumerate(pieces):
        chunk = StreamChunk(**about, index=index, name=name, text=piece)
        source.feed(RecordedChunk(index + 1, 0.0, chunk))
    outputs = {name: "".join(texts) for name, texts in streamed.items()}
    source.feed(Recorded(1, 0.0, NodeRunSucceeded(id="source", outputs=outputs, **about)))
    return source


def check_node(node: NodeExecutor, docs: Path | None = None) -> list[str]:
    """What is wrong with a node kind in every configuration; empty when nothing is.

    Args:
        node: The kind and its function.
        docs: Folder with one page a kind, `<type>.md`; None: do not look for a page.
    """
    kind = node.kind
    config: type[msgspec.Struct] = kind.config
    wrong: list[str] = []
    if not config.__struct_config__.forbid_unknown_fields:
        wrong.append(f"{config.__name__} must forbid unknown fields, so that typos are found")
    if not config.__doc__:
        wrong.append(f"{config.__name__} has no docstring: authors read it")
    fields = {field.encode_name for field in msgspec.structs.fields(config)}
    wrong += [
        f"`raw` names {name!r}, which is not a field" for name in kind.raw if name not in fields
    ]
    wrong += [
        f"`takes_stream` names {name!r}, which is not a field"
        for name in kind.takes_stream
        if name not in fields
    ]
    if not kind.summary or "\n" in kind.summary:
        wrong.append("`summary` must be one line")
    if not kind.ports({}) or kind.ports({}) != tuple(dict.fromkeys(kind.ports({}))):
        wrong.append("`ports({})` must give at least one port, each once")
    if kind.ports({}) != (OUT,) and OUT in kind.ports({}):
        wrong.append(f"a kind that branches must not have the port {OUT!r}")
    if docs is not None and not (docs / f"{kind.type}.md").is_file():
        wrong.append(f"there is no docs page {kind.type}.md in {docs}")
    return wrong
