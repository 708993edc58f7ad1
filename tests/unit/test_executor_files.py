"""`ctx.files`: an attempt reads and writes the bytes of file values."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from runfold.bus.memory.files import MemoryFiles
from runfold.bus.uploads import store_file
from runfold.executor.conformance import run_node
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds import Kind
from runfold.settings import Settings


class Copy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reads a file, and writes it under another name."""

    doc: Any
    media_type: str = ""


async def copy(ctx: NodeContext, config: Copy, inputs: dict[str, Any]) -> Outcome:
    body = await ctx.files.read(config.doc)
    streamed = b"".join([piece async for piece in ctx.files.open(config.doc)])
    assert body == streamed
    again = await ctx.files.write(
        ctx.files.open(config.doc), name="a/copy.txt", media_type=config.media_type
    )
    return Outcome({"output": again})


NODE = NodeExecutor(Kind(type="copy", summary="Copies.", config=Copy, group="text"), copy)


async def stored(files: MemoryFiles, body: bytes) -> dict[str, Any]:
    async def parts() -> Any:
        yield body

    return (await store_file(files, parts(), name="doc.txt")).value()


async def run(files: MemoryFiles, doc: Any, **more: Any) -> Any:
    settings = more.pop("settings", None)
    inputs = {"doc": doc}
    config = {"doc": "{{doc}}", **more}
    return await run_node(NODE, config, inputs, files=files, settings=settings)


async def test_a_file_is_read_and_written() -> None:
    files = MemoryFiles()
    doc = await stored(files, b"hello")
    result = await run(files, doc)
    assert result.failure is None
    assert result.outputs["output"] == doc | {"name": "copy.txt"}


async def test_what_cannot_be_read_or_written_fails_the_attempt() -> None:
    files = MemoryFiles()
    doc = await stored(files, b"hello")
    tight = Settings(file_read_limit=4)
    narrow = Settings(file_limit=4)
    for given, more, code in (
        ("text", {}, "file.invalid"),
        (doc | {"$file": "0" * 64}, {}, "file.not_found"),
        (doc, {"settings": tight}, "file.too_large"),
        (doc | {"size": 1}, {"settings": tight}, "file.too_large"),
        (doc, {"settings": narrow}, "file.too_large"),
        (doc, {"media_type": "image/png"}, "file.media_type"),
    ):
        failure = (await run(files, given, **more)).failure
        assert failure is not None
        assert (failure.code, failure.retryable) == (code, False)


async def test_what_a_long_attempt_wrote_stays_young() -> None:
    touched = asyncio.Event()

    class Watched(MemoryFiles):
        async def touch(self, sha256: str) -> bool:
            touched.set()
            return await super().touch(sha256)

    async def slow(ctx: NodeContext, config: Copy, inputs: dict[str, Any]) -> Outcome:
        value = await ctx.files.write(b"early", name="a.txt")
        async with asyncio.timeout(20):
            await touched.wait()
        return Outcome({"output": value})

    node = NodeExecutor(NODE.kind, slow)
    settings = Settings(file_expiry=0.05)
    result = await run_node(node, {"doc": ""}, files=Watched(), settings=settings)
    assert result.outputs["output"]["name"] == "a.txt"
    touched.clear()
    await asyncio.sleep(0.1)
    assert not touched.is_set()
