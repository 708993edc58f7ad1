"""Files in requests, as a server gets them; what a model does not take is refused."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from openai.types import chat
from pydantic import TypeAdapter

from runfold.bus.memory.files import MemoryFiles
from runfold.bus.uploads import store_file
from runfold.executor.conformance import Result, run_node
from runfold.settings import LLMSettings, ModelAbilities, Settings
from runfold_executor_llm import llm
from tests.support.openai_server import OpenAIServer

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(16)
PDF = b"%PDF-1.7\n" + bytes(16)
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(16)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as scripted:
        yield scripted


class Case:
    """A store with files, and a server that answers."""

    def __init__(self, server: OpenAIServer, **llm_settings: Any) -> None:
        self.server = server
        self.store = MemoryFiles()
        self.settings = Settings(openai_base_url=server.base_url, llm=LLMSettings(**llm_settings))

    async def file(self, name: str, body: bytes) -> dict[str, Any]:
        async def pieces() -> AsyncIterator[bytes]:
            yield body

        stored = await store_file(self.store, pieces(), name=name, media_type="", limit=10**6)
        return stored.value()

    async def ask(self, **config: Any) -> Result:
        inputs = config.pop("inputs", {})
        return await run_node(
            llm.NODE,
            {"prompt": "What is it?", **config},
            inputs,
            settings=self.settings,
            files=self.store,
        )


def uri(media_type: str, body: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(body).decode()}"


async def test_files_go_as_the_parts_of_the_api(server: OpenAIServer) -> None:
    server.reply("Tea.")
    case = Case(server)
    named = [("a.png", PNG), ("b.wav", WAV), ("c.pdf", PDF), ("d.mp4", MP4)]
    files = [await case.file(name, body) for name, body in named]
    text = await case.file("e.txt", b"\xef\xbb\xbfTea")
    result = await case.ask(files="{{files}}", inputs={"files": [*files, text]})
    assert result.failure is None
    assert server.requests[0]["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is it?"},
                {"type": "image_url", "image_url": {"url": uri("image/png", PNG)}},
                {
                    "type": "input_audio",
                    "input_audio": {"data": base64.b64encode(WAV).decode(), "format": "wav"},
                },
                {
                    "type": "file",
                    "file": {"filename": "c.pdf", "file_data": uri("application/pdf", PDF)},
                },
                {"type": "video_url", "video_url": {"url": uri("video/mp4", MP4)}},
                {"type": "text", "text": "File e.txt:\nTea"},
            ],
        }
    ]


async def test_parts_have_the_shapes_of_the_official_client(server: OpenAIServer) -> None:
    server.reply("Tea.")
    case = Case(server)
    named = [("a.png", PNG), ("b.wav", WAV), ("c.pdf", PDF), ("e.txt", b"Tea")]
    await case.ask(files=[await case.file(name, body) for name, body in named], image_detail="low")
    parts = server.requests[0]["messages"][0]["content"]
    shape = TypeAdapter(list[chat.ChatCompletionContentPartParam])
    assert shape.validate_python(parts, strict=True) == parts


async def test_one_file_alone_and_its_detail(server: OpenAIServer) -> None:
    server.reply("Tea.")
    case = Case(server)
    photo = await case.file("a.png", PNG)
    await case.ask(files="{{photo}}", inputs={"photo": photo}, image_detail="low", prompt="")
    part = {"type": "image_url", "image_url": {"url": uri("image/png", PNG), "detail": "low"}}
    assert server.requests[0]["messages"] == [{"role": "user", "content": [part]}]


async def test_files_in_messages(server: OpenAIServer) -> None:
    server.reply("Tea.")
    case = Case(server)
    photo, report = await case.file("a.png", PNG), await case.file("c.pdf", PDF)
    messages = [
        {"role": "user", "content": ["Look:", photo]},
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": photo, "detail": "high"}},
                {"type": "file", "file": report},
            ],
        },
        {"role": "user", "content": photo},
    ]
    result = await case.ask(messages=messages, prompt="")
    assert result.failure is None
    first, second, third = (one["content"] for one in server.requests[0]["messages"])
    image = {"url": uri("image/png", PNG)}
    assert first == [{"type": "text", "text": "Look:"}, {"type": "image_url", "image_url": image}]
    assert second[0]["image_url"] == {**image, "detail": "high"}
    assert second[1]["file"]["filename"] == "c.pdf"
    assert third == [{"type": "image_url", "image_url": image}]


@pytest.mark.parametrize(
    ("name", "body", "ability", "code"),
    [
        ("a.png", PNG, "vision", "llm.no_vision"),
        ("d.mp4", MP4, "vision", "llm.no_vision"),
        ("b.wav", WAV, "audio", "llm.no_audio"),
        ("c.pdf", PDF, "documents", "llm.no_documents"),
    ],
)
async def test_what_a_model_does_not_take(
    server: OpenAIServer, name: str, body: bytes, ability: str, code: str
) -> None:
    case = Case(server, models={"m": ModelAbilities(**{ability: False})})
    result = await case.ask(model="m", files=await case.file(name, body))
    assert result.failure is not None
    assert (result.failure.code, result.failure.retryable) == (code, False)
    assert name in result.failure.message
    assert "'m'" in result.failure.message
    assert server.requests == []


async def test_text_goes_to_every_model(server: OpenAIServer) -> None:
    server.reply("Tea.")
    case = Case(server, models={"m": ModelAbilities(documents=False)})
    result = await case.ask(model="m", files=await case.file("e.csv", b"a,b"))
    assert result.failure is None


async def test_files_that_cannot_be_sent(server: OpenAIServer) -> None:
    case = Case(server, max_file_bytes=60)
    photo = await case.file("a.png", PNG)
    zipped = await case.file("a.zip", b"PK\x03\x04" + bytes(8))
    other = await case.file("b.png", PNG + b"x")
    absent = {**photo, "$file": "0" * 64, "sha256": "0" * 64}
    for files, code in (
        ([photo, other], "llm.files_too_large"),
        ([photo, photo], "llm.files_too_large"),  # each is sent
        ([{**photo, "size": 1}, {**other, "size": 1}], "llm.files_too_large"),
        (await case.file("a.csv", "Größe".encode("cp1252")), "llm.file_unsupported"),
        (await case.file("b.csv", b"a\0,\0b\0"), "llm.file_unsupported"),
        (zipped, "llm.file_unsupported"),
        (absent, "file.not_found"),
        ({"$file": "x"}, "file.invalid"),
        (["a.png"], "file.invalid"),
    ):
        result = await case.ask(files=files)
        assert result.failure is not None
        assert (result.failure.code, result.failure.retryable) == (code, False)


async def test_text_and_audio_go_as_what_they_are(server: OpenAIServer) -> None:
    server.reply("Tea.")
    case = Case(server)
    wide = await case.file("a.csv", "Größe;€".encode("utf-16"))
    sound = await case.file("b.oga", b"OggS" + bytes(16))
    assert (await case.ask(files=[wide, {**sound, "name": "b.exe"}])).failure is None
    _, text, audio = server.requests[0]["messages"][0]["content"]
    assert text["text"] == "File a.csv:\nGröße;€"
    assert audio["input_audio"]["format"] == "ogg"


async def test_parts_of_ones_own_that_a_model_does_not_take(server: OpenAIServer) -> None:
    case = Case(server, models={"m": ModelAbilities(vision=False, audio=False, documents=False)})
    for part, code in (
        ({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}, "no_vision"),
        ({"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}, "no_audio"),
        ({"type": "file", "file": {"file_id": "file-1"}}, "no_documents"),
    ):
        result = await case.ask(model="m", messages=[{"role": "user", "content": [part]}])
        assert result.failure is not None
        assert (result.failure.code, result.failure.retryable) == (f"llm.{code}", False)
    assert server.requests == []


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "Invalid content type. image_url is only supported by certain models."),
        (404, "No endpoints found that support image input"),
        (400, "this model does not support image input"),
        (500, "this model is missing data required for image input"),
        (500, "image input is not supported - hint: you may need to provide the mmproj"),
        (422, "messages[0]: unknown variant `image_url`, expected `text`"),
        (400, "m is not a multimodal model"),
    ],
)
async def test_a_server_that_refuses_images(server: OpenAIServer, status: int, said: str) -> None:
    server.fail(status, said)
    case = Case(server)
    result = await case.ask(files=await case.file("a.png", PNG))
    assert result.failure is not None
    assert (result.failure.code, result.failure.retryable) == ("llm.no_vision", False)
    plain = await case.ask()
    assert plain.failure is not None
    assert plain.failure.code != "llm.no_vision"


async def test_a_model_that_the_settings_give_no_tools(server: OpenAIServer) -> None:
    case = Case(server, models={"llama": ModelAbilities(tools=False)})
    asked = {"model": "llama", "tools": [{"name": "now"}], "transcript": []}
    result = await case.ask(**asked)
    assert result.failure is not None
    assert result.failure.code == "llm.tools_unsupported"
    server.reply("Answer: Tea.")
    result = await case.ask(**asked, tool_protocol="text")
    assert result.outputs is not None
    assert result.outputs["output"] == "Tea."


async def test_documents_and_citations(server: OpenAIServer) -> None:
    server.reply("It is hot [2].")
    case = Case(server)
    documents = ["Rice", {"content": "Tea is hot", "title": "Tea", "score": 0.5}]
    result = await case.ask(context="{{found.output}}", inputs={"found": {"output": documents}})
    assert result.outputs is not None
    assert result.outputs["citations"] == [{"number": 2, **documents[1]}]  # type: ignore[dict-item]
    assert "[2] Tea\nTea is hot" in server.requests[0]["messages"][0]["content"]
    result = await case.ask()
    assert result.outputs is not None
    assert "citations" not in result.outputs
