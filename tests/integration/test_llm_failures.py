"""Everything a model endpoint can do wrong, as a failure that says what and whether to retry."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from runfold.errors import NodeFailed
from runfold.graph.kinds.llm import LLMConfig
from runfold.settings import LLMSettings, Provider, Settings
from runfold_executor_llm.llm import NODE
from tests.support.node_contexts import RecordingContext, attempted
from tests.support.openai_server import OpenAIServer

KEY = "sk-secret-of-the-test"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as scripted:
        yield scripted


async def fails(base_url: str, **config: Any) -> NodeFailed:
    """The failure of asking an endpoint; nothing about it may hold the key."""
    settings = Settings(openai_api_key=KEY, openai_base_url=base_url)  # type: ignore[arg-type]
    with pytest.raises(NodeFailed) as failed:
        await attempted(
            NODE, RecordingContext(settings), LLMConfig(prompt="Hi", model="m", **config)
        )
    assert KEY not in f"{failed.value.failure()}"
    return failed.value


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("status", "code", "kind", "retryable", "named"),
    [
        (400, "llm.refused", "input", False, "scripted"),
        (401, "llm.auth", "auth", False, "OPENAI_API_KEY"),
        (403, "llm.auth", "auth", False, "OPENAI_API_KEY"),
        (404, "llm.not_found", "input", False, "'m'"),
        (408, "llm.timeout", "timeout", True, "408"),
        (413, "llm.too_large", "input", False, "413"),
        (422, "llm.refused", "input", False, "scripted"),
        (429, "llm.rate_limited", "rate_limit", True, "scripted"),
        (500, "llm.server", "server", True, "500"),
        (503, "llm.server", "server", True, "503"),
    ],
)
async def test_statuses(
    server: OpenAIServer,
    status: int,
    code: str,
    kind: str,
    retryable: bool,
    named: str,
    stream: bool,
) -> None:
    server.fail(status, f"scripted trouble with {KEY}")
    failed = await fails(server.base_url, stream=stream)
    assert (failed.code, failed.kind, failed.retryable) == (code, kind, retryable)
    assert named in failed.message
    assert server.base_url in failed.message
    assert failed.details["status"] == status
    assert len(server.requests) == 1, "the engine retries, not the client"


async def test_rate_limit_says_how_long(server: OpenAIServer) -> None:
    server.fail(429, headers={"Retry-After": "7"})
    failed = await fails(server.base_url)
    assert failed.retry_after == 7.0
    assert "7 s" in failed.message


async def test_used_up_quota_is_not_retried(server: OpenAIServer) -> None:
    server.fail(429, code="insufficient_quota")
    failed = await fails(server.base_url)
    assert (failed.code, failed.retryable) == ("llm.quota_exceeded", False)


@pytest.mark.parametrize(
    ("rule", "code", "retryable"),
    [
        ({"fault": "malformed"}, "llm.malformed_stream", True),
        ({"fault": "html"}, "llm.malformed_stream", True),
        ({"fault": "cut"}, "llm.stream_cut", True),
        ({"fault": "no_done", "finish_reason": None}, "llm.stream_cut", True),
        ({"fault": "error_event"}, "llm.stream_error", True),
        ({"text": "", "finish_reason": "stop"}, "llm.empty_answer", True),
        ({"text": "", "finish_reason": "length"}, "llm.empty_answer", False),
        ({"text": "", "finish_reason": "content_filter"}, "llm.content_filtered", False),
        ({"text": "<think>only"}, "llm.empty_answer", True),
    ],
)
async def test_streams_that_go_wrong(
    server: OpenAIServer,
    rule: dict[str, Any],
    code: str,
    retryable: bool,
) -> None:
    server.reply(**{"text": "One two", **rule})
    failed = await fails(server.base_url)
    assert (failed.code, failed.retryable) == (code, retryable)
    assert failed.details["model"] == "m"


async def test_a_web_page_instead_of_an_answer(server: OpenAIServer) -> None:
    server.reply("x", fault="html")
    failed = await fails(server.base_url, stream=False)
    assert failed.code == "llm.malformed_stream"
    assert "OPENAI_BASE_URL" in failed.message


async def test_connection_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused, and nobody else's
        base_url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        failed = await fails(base_url)
    assert (failed.code, failed.kind, failed.retryable) == ("llm.unreachable", "network", True)
    assert base_url in failed.message
    assert "connection refused" in failed.message
    assert "OPENAI_BASE_URL" in failed.message


async def test_a_host_without_an_address() -> None:
    failed = await fails("http://nowhere.invalid/v1")
    assert failed.code == "llm.unreachable"
    assert "nowhere.invalid" in failed.message


async def test_a_url_without_a_scheme() -> None:
    failed = await fails("localhost:8000/v1")
    assert (failed.code, failed.retryable) == ("llm.unreachable", False)


async def test_secrets_in_the_url_are_not_shown() -> None:
    failed = await fails("http://user:hidden@nowhere.invalid/v1?key=hidden")
    assert "hidden" not in f"{failed.failure()}"


async def test_a_key_that_fits_no_header() -> None:
    settings = Settings(openai_api_key="sk-bad\nkey", openai_base_url="http://127.0.0.1:9/v1")  # type: ignore[arg-type]
    with pytest.raises(NodeFailed) as failed:
        await attempted(NODE, RecordingContext(settings), LLMConfig(prompt="Hi"))
    assert "bad" not in f"{failed.value.failure()}"


async def test_the_providers_variable_is_named(server: OpenAIServer) -> None:
    server.fail(401)
    near = Provider(base_url=server.base_url)
    settings = Settings(llm=LLMSettings(providers={"near": near}))
    with pytest.raises(NodeFailed) as failed:
        await attempted(NODE, RecordingContext(settings), LLMConfig(prompt="Hi", model="near/m"))
    assert "RUNFOLD_LLM__PROVIDERS__NEAR__API_KEY" in failed.value.message
