"""`ocr`: what a model that sees is sent and says, what is refused, and the engine itself."""

from __future__ import annotations

import base64
import importlib.util
import io
import struct
import zlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from runfold.contracts.events import Usage
from runfold.errors import NodeFailed
from runfold.executor.node import Outcome
from runfold.graph import extras
from runfold.graph.kinds.ocr import OcrConfig
from runfold.graph.loader import load_workflow
from runfold.model_servers.demo.server import DemoModel
from runfold.settings import LLMSettings, ModelAbilities, Settings
from runfold_executor_llm import ocr, ocr_local
from runfold_executor_llm.ocr_local import LocalEngine
from tests.support.node_contexts import RecordingContext, attempted
from tests.support.openai_server import OpenAIServer

HAS_ENGINE = importlib.util.find_spec("rapidocr") is not None
engine = pytest.mark.skipif(not HAS_ENGINE, reason="needs the extra ocr, of 300 MB")


def png(width: int = 1, height: int = 1) -> bytes:
    """A black picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = zlib.compress((b"\0" + b"\0" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as scripted:
        yield scripted


def context(server: Any = None) -> RecordingContext:
    url = server.base_url if server is not None else "http://127.0.0.1:1"
    return RecordingContext(Settings(openai_base_url=url))


async def test_a_model_without_eyes_is_not_asked(server: OpenAIServer) -> None:
    blind = LLMSettings(models={"m": ModelAbilities(vision=False)})
    ctx = RecordingContext(Settings(openai_base_url=server.base_url, llm=blind))
    config = OcrConfig(file=await stored(ctx, png()), model="near/m")
    with pytest.raises(NodeFailed) as failed:
        await attempted(ocr.NODE, ctx, config)
    assert (failed.value.code, server.requests) == ("llm.no_vision", [])


async def stored(ctx: RecordingContext, body: bytes, name: str = "scan.png") -> dict[str, Any]:
    return await ctx.files.write(body, name=name, media_type="application/octet-stream")


async def read(ctx: RecordingContext, file: Any, **config: Any) -> Outcome:
    return await attempted(ocr.NODE, ctx, msgspec.convert({"file": file, **config}, OcrConfig))


async def test_a_picture_goes_to_the_model_and_its_text_is_streamed(server: OpenAIServer) -> None:
    server.reply("Total: 12 EUR", usage={"prompt_tokens": 20, "completion_tokens": 3})
    ctx = context(server)
    outcome = await read(
        ctx, await stored(ctx, png()), model="m", instructions="Mind the umlauts.", max_tokens=99
    )
    assert outcome.outputs == {
        "output": "Total: 12 EUR",
        "pages": [{"name": "scan.png", "text": "Total: 12 EUR"}],
        "lines": [],
        "model": "m",
        "usage": outcome.outputs["usage"],
    }
    assert outcome.usage == Usage(20, 3, 23)
    assert "".join(text for *_, text in ctx.streamed) == "Total: 12 EUR"
    assert len(ctx.streamed) > 1
    (sent,) = server.requests
    assert sent["max_tokens"] == 99
    words, picture = sent["messages"][0]["content"]
    assert words["text"].endswith("\n\nMind the umlauts.")
    encoded = base64.b64encode(png()).decode()
    assert picture == {
        "type": "image_url",
        "image_url": {"url": f"data:image/png;base64,{encoded}"},
    }


async def test_several_pictures_and_one_without_text(server: OpenAIServer) -> None:
    for text in ("[no text]", "One", "[no text] at all\n", "[no text]\n"):
        server.reply(list(text), times=1, usage={"prompt_tokens": 1, "completion_tokens": 1})
    ctx = context(server)
    files = [await stored(ctx, png(size), f"{size}.png") for size in (1, 2, 3, 4)]
    outcome = await read(ctx, files)
    assert outcome.outputs["output"] == "One\n\n[no text] at all"
    assert [page["text"] for page in outcome.outputs["pages"]] == [
        "",
        "One",
        "[no text] at all",
        "",
    ]
    assert outcome.usage == Usage(4, 4, 8)
    assert "".join(text for *_, text in ctx.streamed).strip() == outcome.outputs["output"]


async def test_an_empty_or_cut_answer_is_a_failure(server: OpenAIServer) -> None:
    server.reply("", times=1)
    server.reply("Tot", finish_reason="length")
    ctx = context(server)
    file = await stored(ctx, png())
    for code in ("llm.empty_answer", "llm.truncated"):
        with pytest.raises(NodeFailed) as failed:
            await read(ctx, file)
        assert failed.value.code == code


async def test_a_model_that_sees_nothing(server: OpenAIServer) -> None:
    server.fail(400, "this model does not take images")
    ctx = context(server)
    with pytest.raises(NodeFailed, match="this model does not take images") as failed:
        await read(ctx, await stored(ctx, png()))
    assert (failed.value.code, failed.value.retryable) == ("llm.refused", False)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"%PDF-1.7 ...", "scan.png is application/pdf by its bytes; engine model reads PNG, JPEG"),
        (b"<svg/>", "scan.png is not a picture by its bytes"),
        (b"BM" + b"\0" * 60, "is image/bmp by its bytes"),
        (b"", "is not a picture"),
    ],
)
async def test_what_is_not_a_picture_is_not_sent(
    server: OpenAIServer, body: bytes, said: str
) -> None:
    ctx = context(server)
    with pytest.raises(NodeFailed) as failed:
        await read(ctx, await stored(ctx, body))
    assert failed.value.code == "ocr.not_a_picture"
    assert said in failed.value.message
    assert not server.requests


async def test_files_that_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    ctx = context()
    file = await stored(ctx, png())
    monkeypatch.setattr(ocr, "LARGEST", 10)
    for given, code, said in (
        ("scan.png", "file.invalid", "file: "),
        ([file, {"$file": "x"}], "file.invalid", "file[1]: "),
        ({**file, "$file": "0" * 64, "size": 1}, "file.not_found", ""),
        (file, "file.too_large", ""),
        ([file] * 51, "ocr.too_many", "there are 51 pictures"),
    ):
        with pytest.raises(NodeFailed) as failed:
            await read(ctx, given)
        assert failed.value.code == code
        assert failed.value.message.startswith(said)
    assert (await read(ctx, [])).outputs["output"] == ""


async def test_without_the_extra_the_node_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(extras.MODULES, "ocr", ("a_module_that_is_not_there",))
    extras.missing.cache_clear()
    node = {"id": "n", "type": "ocr", "config": {"file": "{{x}}", "engine": "local"}}
    loaded = load_workflow({"id": "w", "inputs": {"x": {}}, "nodes": [node]})
    (finding,) = [one for one in loaded.findings if one.code == "extra.missing"]
    assert (finding.level, finding.hint) == ("warning", "pip install 'runfold[ocr]'")
    ctx = context()
    with pytest.raises(NodeFailed, match=r"pip install 'runfold\[ocr\]'") as failed:
        await read(ctx, await stored(ctx, png()), engine="local")
    assert failed.value.code == "extra.missing"
    extras.missing.cache_clear()


def test_settings_of_the_other_engine_are_refused() -> None:
    for config in ({"engine": "local", "model": "m"}, {"min_confidence": 0.9}):
        node = {"id": "n", "type": "ocr", "config": {"file": "{{x}}", **config}}
        loaded = load_workflow({"id": "w", "inputs": {"x": {}}, "nodes": [node]})
        (finding,) = [one for one in loaded.findings if one.level == "error"]
        assert "counts with engine" in finding.message


async def test_the_demo_model_says_that_it_sees_nothing() -> None:
    async with DemoModel(interval=0) as demo:
        ctx = context(demo)
        outcome = await read(ctx, await stored(ctx, png()))
    assert outcome.outputs["output"].startswith("[demo model] This is canned text. Pictures")


def invoice() -> bytes:
    """A picture with two lines of text."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (700, 240), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(40)
    draw.text((30, 40), "Invoice No. 2024-117", fill="black", font=font)
    draw.text((30, 140), "Total: 12.50 EUR", fill="black", font=font)
    written = io.BytesIO()
    picture.save(written, "TIFF")
    return written.getvalue()


@engine
@pytest.mark.slow
async def test_the_engine_reads_lines_and_says_where_they_stand() -> None:
    ctx = context()
    outcome = await read(ctx, await stored(ctx, invoice(), "a.tiff"), engine="local")
    assert outcome.outputs["output"] == "Invoice No. 2024-117\nTotal: 12.50 EUR"
    first, second = outcome.outputs["lines"]
    assert (first["page"], first["text"]) == (0, "Invoice No. 2024-117")
    assert 0.5 < first["confidence"] <= 1
    assert len(first["box"]) == 4
    assert first["box"][0][1] < second["box"][0][1]
    assert outcome.outputs["model"] == "rapidocr"
    assert outcome.usage is None
    assert ctx.streamed == [("text", "output", outcome.outputs["output"])]


@engine
@pytest.mark.slow
async def test_the_engine_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    local = LocalEngine(1)
    try:
        for body, code, said in (
            (png(50_000, 1_000), "ocr.limit", "50000 by 1000 pixels"),
            (png(300, 300)[:90], "ocr.unreadable", "cannot be decoded"),
            (b"\x89PNG\r\n\x1a\nrubbish", "ocr.unreadable", ""),
        ):
            with pytest.raises(NodeFailed) as failed:
                await local.read(body, "scan.png")
            assert failed.value.code == code
            assert said in failed.value.message
        assert await local.read(png(64, 64), "black.png") == []
    finally:
        local.close()
    monkeypatch.setattr(ocr_local, "SECONDS", 0.2)
    hasty = LocalEngine(1)
    try:
        with pytest.raises(NodeFailed, match="it took too long") as failed:
            await hasty.read(invoice(), "scan.tiff")
        assert failed.value.code == "ocr.limit"
    finally:
        hasty.close()
