"""Answers as servers really send them, over HTTP: whole ones are taken, half ones are failures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from runfold.errors import NodeFailed
from runfold.executor.conformance import run_node
from runfold.graph.kinds.llm import LLMConfig
from runfold.model_endpoints.providers import endpoint_for
from runfold.settings import LLMSettings, Settings
from runfold_executor_llm import answer, chat, llm, response_body
from runfold_executor_llm.clients import open_clients
from runfold_executor_llm.dialects import Call
from tests.support.model_bodies import DONE, chunk, event, whole
from tests.support.node_contexts import RecordingContext, attempted
from tests.support.openai_server import OpenAIServer

KEY = "sk-secret-of-the-test"
STOP = chunk(finish="stop")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as scripted:
        yield scripted


def settings(server: OpenAIServer, **more: Any) -> Settings:
    return Settings(
        openai_api_key=KEY,  # type: ignore[arg-type]
        openai_base_url=server.base_url,
        llm=LLMSettings(**more),
    )


async def answered(server: OpenAIServer, *pieces: bytes, **config: Any) -> dict[str, Any]:
    """The outputs for a body that the server sends."""
    server.reply(raw=pieces)
    ctx = RecordingContext(settings(server))
    return (await attempted(llm.NODE, ctx, LLMConfig(prompt="Hi", model="m", **config))).outputs


async def failed(server: OpenAIServer, *pieces: bytes, **config: Any) -> NodeFailed:
    """The failure for a body that the server sends."""
    with pytest.raises(NodeFailed) as caught:
        await answered(server, *pieces, **config)
    assert KEY not in f"{caught.value.failure()}"
    caught.value.message.encode()
    return caught.value


# Text


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ((chunk("Hi "), chunk("\ud83d"), chunk("\ude00"), chunk(" there")), "Hi 😀 there"),
        ((chunk("Hi \ud83d"), chunk({"role": "assistant"}), chunk("\ude00")), "Hi 😀"),
        ((chunk("Hi "), chunk("\ud83d"), chunk(" there")), "Hi \ufffd there"),
        ((chunk("Hi "), chunk("\ud83d")), "Hi \ufffd"),
        ((chunk("\ude00 Hi"),), "\ufffd Hi"),
        (("data: " + '{"choices":[{"delta":{"content":"日本"}}]}\n\n',), "日本"),
        ((b'data: {"choices":[{"delta":{"content":"a\xffb"}}]}\n\n',), "a\ufffdb"),
    ],
)
async def test_half_characters(server: OpenAIServer, pieces: tuple[Any, ...], text: str) -> None:
    sent = [piece.encode() if isinstance(piece, str) else piece for piece in pieces]
    assert (await answered(server, *sent, STOP, DONE))["output"] == text


async def test_halves_are_joined_in_each_channel(server: OpenAIServer) -> None:
    pieces = [
        chunk({"reasoning_content": "hm \ud83e"}),
        chunk({"content": "Hi \ud83d"}),
        chunk({"reasoning_content": "\udd14"}),
        chunk({"content": "\ude00"}),
        chunk({}, "stop", model="m\ud83d"),
    ]
    outputs = await answered(server, *pieces, DONE)
    assert (outputs["output"], outputs["reasoning"]) == ("Hi 😀", "hm 🤔")
    assert outputs["model"] == "m\ufffd"


async def test_half_characters_in_a_whole_answer_and_in_a_refusal(server: OpenAIServer) -> None:
    declined = await failed(server, chunk({"refusal": "No \ud83d"}), STOP, DONE)
    assert (declined.code, declined.message[-4:]) == ("llm.declined", "No \ufffd")
    server.rules.clear()
    assert (await answered(server, whole("Hi \ud83d"), stream=False))["output"] == "Hi \ufffd"


THOUGHT = {"type": "thinking", "thinking": [{"type": "text", "text": "I think."}]}
SAID = {"type": "text", "text": "Hello "}


@pytest.mark.parametrize(
    "pieces",
    [
        (chunk(""), chunk([THOUGHT]), chunk([SAID]), chunk("world"), STOP, DONE),
        (chunk([THOUGHT]), chunk([SAID, {"type": "output_text", "text": "world"}]), STOP, DONE),
        (whole([THOUGHT, SAID, "world"]),),
        (event(json.loads(whole([THOUGHT, SAID, "world"]))), DONE),
        (whole([THOUGHT, SAID, "world"]), b"\n\ndata: [DONE]\n\n"),
        (b"\n\n \n", whole([THOUGHT, SAID, "world"])),
    ],
)
async def test_content_as_a_list_of_parts(server: OpenAIServer, pieces: tuple[bytes, ...]) -> None:
    outputs = await answered(server, *pieces)
    assert (outputs["output"], outputs["reasoning"]) == ("Hello world", "I think.")


async def test_a_part_that_is_not_text(server: OpenAIServer) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    failure = await failed(server, chunk([SAID, image]), STOP, DONE)
    assert (failure.code, failure.retryable) == ("llm.not_text", False)
    assert "image_url" in failure.message


async def test_a_thought_that_only_ends(server: OpenAIServer) -> None:
    pieces = [chunk('Maybe {"mark": 0}?\n</thi'), chunk('nk>\n\n{"mark": 8}'), STOP, DONE]
    outputs = await answered(server, *pieces, response_format="json")
    assert outputs["structured"] == {"mark": 8}
    assert outputs["reasoning"] == 'Maybe {"mark": 0}?'


# Endings


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ((STOP, DONE), "stop"),
        ((STOP,), "stop"),
        ((DONE,), "stop"),
        ((DONE.rstrip(),), "stop"),
        ((chunk({}, "eos"), DONE), "eos"),
        ((chunk({}, "end_turn"),), "end_turn"),
        ((chunk({}, "tool_calls"),), "tool_calls"),
        ((chunk({}, "STOP"),), "stop"),
        ((chunk({}, "null"), chunk({}, ""), DONE), "stop"),
    ],
)
async def test_whole_answers(server: OpenAIServer, end: tuple[bytes, ...], reason: str) -> None:
    outputs = await answered(server, chunk("All "), chunk("there"), *end)
    assert (outputs["output"], outputs["finish_reason"]) == ("All there", reason)


@pytest.mark.parametrize(
    ("end", "code", "retryable"),
    [
        ((), "llm.stream_cut", True),
        ((b'data: {"choices": [{"del',), "llm.stream_cut", True),
        ((chunk({}, "length"), DONE), "llm.truncated", False),
        ((chunk({}, "model_length"), DONE), "llm.truncated", False),
        ((chunk({}, "content_filter"), DONE), "llm.content_filtered", False),
        ((chunk({}, "sensitive"), DONE), "llm.content_filtered", False),
        ((chunk({}, "refusal"), DONE), "llm.declined", False),
        ((chunk({}, "error"), DONE), "llm.stream_error", True),
        ((chunk({}, "abort"), chunk({}, "stop"), DONE), "llm.stream_error", True),
        ((chunk({}, "network_error"), DONE), "llm.stream_error", True),
        ((chunk({}, "insufficient_system_resource"), DONE), "llm.stream_error", True),
        ((chunk({}, "gone_fishing"), DONE), "llm.unknown_finish_reason", True),
    ],
)
async def test_half_answers(
    server: OpenAIServer, end: tuple[bytes, ...], code: str, retryable: bool
) -> None:
    failure = await failed(server, chunk("Half an ans"), *end)
    assert (failure.code, failure.retryable) == (code, retryable)


@pytest.mark.parametrize("finish", ["length", "content_filter", "error"])
async def test_half_answers_in_one_piece(server: OpenAIServer, finish: str) -> None:
    failure = await failed(server, whole("Once upon", finish), stream=False)
    assert failure.code in {"llm.truncated", "llm.content_filtered", "llm.stream_error"}


async def test_a_body_that_ends_early(server: OpenAIServer) -> None:
    failure = await failed(server, whole("Once upon")[:-20], stream=False)
    assert failure.code == "llm.stream_cut"


async def test_a_cut_answer_is_kept_when_that_is_wanted(server: OpenAIServer) -> None:
    pieces = [chunk("Half an ans"), chunk({}, "length"), DONE]
    outputs = await answered(server, *pieces, on_length="keep")
    assert (outputs["output"], outputs["finish_reason"]) == ("Half an ans", "length")
    failure = await failed(server, *pieces, max_tokens=4)
    assert "max_tokens is 4" in failure.message


async def test_a_finish_reason_that_a_setting_names(server: OpenAIServer) -> None:
    server.reply(raw=[chunk("Done"), chunk({}, "gone_fishing"), DONE])
    ctx = RecordingContext(settings(server, whole_finish_reasons=["Gone_fishing"]))
    outcome = await attempted(llm.NODE, ctx, LLMConfig(prompt="Hi"))
    assert outcome.outputs["output"] == "Done"


async def test_a_tool_that_is_called(server: OpenAIServer) -> None:
    call = {
        "index": 0,
        "id": "t",
        "type": "function",
        "function": {"name": "find", "arguments": ""},
    }
    failure = await failed(
        server, chunk({"content": None, "tool_calls": [call]}, "tool_calls"), DONE
    )
    assert (failure.code, failure.retryable) == ("llm.empty_answer", False)
    assert "'find'" in failure.message


async def test_one_of_several_answers(server: OpenAIServer) -> None:
    both = [
        {"index": 1, "delta": {"content": "B"}, "finish_reason": None},
        {"index": 0, "delta": {"content": "A"}, "finish_reason": None},
    ]
    other = event({"choices": [{"index": 1, "delta": {}, "finish_reason": "length"}]})
    assert (await answered(server, event({"choices": both}), other, STOP, DONE))["output"] == "A"


# The server's own words


@pytest.mark.parametrize(
    ("pieces", "code", "kind", "said"),
    [
        (
            (event({"object": "error", "message": "maximum context length is 4096 tokens"}), DONE),
            "llm.context_length",
            "input",
            "4096 tokens",
        ),
        (
            (event({"code": "DataInspectionFailed", "message": "Inappropriate"}, "error"),),
            "llm.content_filtered",
            "output",
            "Inappropriate",
        ),
        (
            (event({"error": {"message": "No quota", "code": "insufficient_quota"}}),),
            "llm.quota_exceeded",
            "rate_limit",
            "No quota",
        ),
        (
            (b"event: error\ndata: worker lost\n\n",),
            "llm.stream_error",
            "server",
            "worker lost",
        ),
        (
            (event({"choices": [{"delta": {}, "error": {"message": "Overloaded", "code": 502}}]}),),
            "llm.stream_error",
            "server",
            "(502): Overloaded",
        ),
    ],
)
@pytest.mark.parametrize("begun", [True, False])
async def test_errors_in_a_200(
    server: OpenAIServer,
    pieces: tuple[bytes, ...],
    code: str,
    kind: str,
    said: str,
    begun: bool,
) -> None:
    failure = await failed(server, *([chunk("Once upon")] if begun else []), *pieces)
    assert (failure.code, failure.kind) == (code, kind)
    assert said in failure.message
    assert "OPENAI_BASE_URL" not in failure.message


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": {"message": "No endpoints found", "code": 404}}, "llm.not_found"),
        (
            [{"error": {"message": "No endpoints found", "status": "UNAVAILABLE"}}],
            "llm.stream_error",
        ),
        ({"detail": "No endpoints found"}, "llm.stream_error"),
        (
            {"choices": None, "base_resp": {"status_code": 1, "status_msg": "No endpoints found"}},
            "llm.stream_error",
        ),
    ],
)
async def test_an_error_as_the_whole_body(
    server: OpenAIServer, body: Any, code: str, stream: bool
) -> None:
    failure = await failed(server, json.dumps(body).encode(), stream=stream)
    assert failure.code == code
    assert "No endpoints found" in failure.message
    assert "OPENAI_BASE_URL" not in failure.message


async def test_a_rate_limit_inside_a_stream_says_how_long(server: OpenAIServer) -> None:
    message = "Rate limit reached for m. Please try again in 1.5s."
    limit = {"error": {"message": message, "code": "rate_limit_exceeded"}}
    failure = await failed(server, chunk(""), event(limit))
    assert (failure.code, failure.retryable, failure.retry_after) == ("llm.rate_limited", True, 1.5)
    server.rules.clear()
    server.reply(raw=[event(limit)], headers={"retry-after": "7"})
    with pytest.raises(NodeFailed) as caught:
        await attempted(llm.NODE, RecordingContext(settings(server)), LLMConfig(prompt="Hi"))
    assert caught.value.retry_after == 7.0


@pytest.mark.parametrize("content_type", ["application/json", "text/html", ""])
async def test_the_label_of_a_body_does_not_matter(server: OpenAIServer, content_type: str) -> None:
    ctx = RecordingContext(settings(server))
    server.reply(raw=[chunk("Hel"), chunk("lo"), STOP, DONE], content_type=content_type, times=1)
    server.reply(raw=[whole("Hello")], content_type=content_type)
    for stream in (True, False):
        outcome = await attempted(llm.NODE, ctx, LLMConfig(prompt="Hi", stream=stream))
        assert outcome.outputs["output"] == "Hello"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "nothing"),
        (b"<html><head><title>Sign in</title></head>", "a web page, 'Sign in'"),
        (b"upstream connect error", "upstream connect error"),
        (b"data: pong\n\n", "pong"),
        (b'data: {"a": NaN}\n\n', "NaN"),
        (b"data: " + b"[" * 3000 + b"\n\n", "nested"),
        (b'{"choices": null}', "choices"),
    ],
)
async def test_what_is_not_an_answer(server: OpenAIServer, body: bytes, named: str) -> None:
    failure = await failed(server, *([body] if body else []))
    assert failure.code == "llm.malformed_stream"
    assert named in failure.message
    assert "OPENAI_BASE_URL" in failure.message


async def test_an_error_page_by_its_title(server: OpenAIServer) -> None:
    page = b"<html><h1>Bad Gateway</h1>" + b"x" * 1_000_000
    server.reply(raw=[page], status=502, content_type="text/html")
    with pytest.raises(NodeFailed) as caught:
        await attempted(llm.NODE, RecordingContext(settings(server)), LLMConfig(prompt="Hi"))
    assert caught.value.code == "llm.server"
    assert caught.value.message.endswith("failed (502): a web page, 'Bad Gateway'")


# Bounds


async def test_a_redirect_is_not_followed(server: OpenAIServer) -> None:
    async with OpenAIServer() as other:
        location = f"{other.base_url}/chat/completions?key=1"
        server.reply(raw=[], status=307, headers={"location": location})
        with pytest.raises(NodeFailed) as caught:
            await attempted(llm.NODE, RecordingContext(settings(server)), LLMConfig(prompt="Hi"))
        assert (caught.value.code, caught.value.retryable) == ("llm.redirected", False)
        assert other.base_url in caught.value.message
        assert "OPENAI_BASE_URL" in caught.value.message
        assert other.requests == []


@pytest.mark.parametrize(
    "endless",
    [
        chunk("and so on ") * 50,
        b"data: " + b"x" * 4000,
        b": waiting\n" * 500,
        b"x" * 4000,
        b"data:\n" * 500,
    ],
)
async def test_an_endless_answer(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, endless: bytes
) -> None:
    monkeypatch.setattr(answer, "MOST", 10_000)
    monkeypatch.setattr(response_body, "LONGEST", 100_000)
    monkeypatch.setattr(response_body, "LONGEST_BODY", 1_000_000)
    rule = server.reply(raw=[chunk("Once ")], endless=endless)
    with pytest.raises(NodeFailed) as caught:
        await attempted(llm.NODE, RecordingContext(settings(server)), LLMConfig(prompt="Hi"))
    assert (caught.value.code, caught.value.kind) == ("llm.answer_too_long", "limit")
    await rule.gone.wait()


async def test_an_endless_error_is_read_no_further(server: OpenAIServer) -> None:
    rule = server.reply(raw=[b"busy "], status=503, endless=b"x" * 1000)
    with pytest.raises(NodeFailed) as caught:
        await attempted(llm.NODE, RecordingContext(settings(server)), LLMConfig(prompt="Hi"))
    assert caught.value.code == "llm.server"
    await rule.gone.wait()


async def test_comments_for_ever_end_with_the_nodes_timeout(server: OpenAIServer) -> None:
    rule = server.reply(raw=[chunk("Once ")], endless=b": keep-alive\n\n" * 100)
    result = await run_node(llm.NODE, {"prompt": "Hi"}, settings=settings(server), timeout=0.2)
    assert result.failure is not None
    assert result.failure.code == "node.timeout"
    await rule.gone.wait()


@pytest.mark.parametrize("endless", [b": keep-alive\n\n" * 100, chunk("")])
async def test_comments_are_no_part_of_an_answer(server: OpenAIServer, endless: bytes) -> None:
    rule = server.reply(raw=[chunk("Once ")], endless=endless)
    endpoint = endpoint_for("m", settings(server))
    call = Call(endpoint=endpoint, messages=[{"role": "user", "content": "Hi"}])
    with pytest.raises(NodeFailed) as caught:
        async with open_clients(settings(server)) as clients:
            await chat.complete(clients, call, llm.unseen, thinking=0.2)
    assert (caught.value.code, caught.value.retryable) == ("llm.timeout", True)
    await rule.gone.wait()


async def test_a_response_of_two_lengths() -> None:
    async def answer_twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        lengths = b"content-length: 5\r\ntransfer-encoding: chunked\r\n"
        writer.write(b"HTTP/1.1 200 OK\r\n" + lengths + b"\r\n0\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(answer_twice, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        there = Settings(openai_base_url=f"http://127.0.0.1:{port}/v1")
        with pytest.raises(NodeFailed) as caught:
            await attempted(llm.NODE, RecordingContext(there), LLMConfig(prompt="Hi"))
    assert "Transfer-Encoding" in caught.value.message


async def test_connections_are_used_again(server: OpenAIServer) -> None:
    server.reply("ok")
    ctx = RecordingContext(settings(server))
    async with open_clients(ctx.settings) as ctx.resource:
        for _ in range(2):
            await attempted(llm.NODE, ctx, LLMConfig(prompt="Hi"))
    assert server.connections == 1
    assert server.headers[0]["accept-encoding"] == "identity"


@pytest.mark.parametrize("config", [{"temperature": float("nan")}, {"extra": {"x": float("inf")}}])
async def test_numbers_that_json_has_not(server: OpenAIServer, config: dict[str, Any]) -> None:
    failure = await failed(server, chunk("ok"), STOP, DONE, **config)
    assert (failure.code, failure.kind) == ("llm.parameters_invalid", "input")
    assert server.requests == []


# Usage


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ([{"prompt_tokens": 3, "completion_tokens": 4}], (3, 4, 7)),
        ([{"prompt_tokens": 3.0, "completion_tokens": "4"}], (3, 4, 7)),
        ([{"prompt_tokens": -3, "completion_tokens": None}], (0, 0, 0)),
        ([{"prompt_tokens": 3, "completion_tokens": 4}, None, {}], (3, 4, 7)),
        ([{"prompt_tokens": 3, "completion_tokens": 4}, {"prompt_tokens": 0}], (3, 4, 7)),
        ([{"input_tokens": 3, "output_tokens": 4}], (3, 4, 7)),
        ([{"prompt_tokens": True, "completion_tokens": 10**30}], (0, 0, 0)),
    ],
)
async def test_usage(server: OpenAIServer, usage: list[Any], expected: tuple[int, ...]) -> None:
    sent = [event({"choices": [], "usage": one}) for one in usage]
    outputs = await answered(server, chunk("ok"), STOP, *sent, DONE)
    counted = outputs["usage"]
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    assert tuple(counted[name] for name in names) == expected


@pytest.mark.parametrize("usage", [None, "none", 3, [], {}])
async def test_no_usage(server: OpenAIServer, usage: Any) -> None:
    outputs = await answered(server, chunk("ok"), chunk({}, "stop", usage=usage), DONE)
    assert outputs["usage"] is None
