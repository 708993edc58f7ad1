"""The bundled demo model: an OpenAI-compatible server that streams plainly labelled canned text.

    async with DemoModel() as demo:
        ...                     # OPENAI_BASE_URL = demo.base_url, any key, any model name

It answers `GET /v1/models` and `POST /v1/chat/completions`, streamed or not, `/v1/embeddings` and
`/v1/rerank`, the last two by words and letters alone (`endpoints`). Never chosen silently: only
`--demo-model` starts it. Two model names fail on purpose: see `demo_faults`.

For measuring, a request may carry `runfold_demo` (with the OpenAI client: `extra_body`):

    {"runfold_demo": {"tokens": 200, "interval": 0.005, "stamp": true}}

`tokens` is how many to send and `interval` the seconds between them. With `stamp` each token is
`time.monotonic_ns()` at the moment it is sent and a space: compared with the same clock on the
same machine at the other end, it gives the latency of everything between. `calls` says which tools
it calls: see `tools`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import msgspec

from runfold.model_servers.completions import (
    CompletionStream,
    completion,
    error_body,
    models,
    usage_of,
)
from runfold.model_servers.demo import endpoints
from runfold.model_servers.demo import text as demo_text
from runfold.model_servers.demo.faults import Faults
from runfold.model_servers.demo.readings import said_call
from runfold.model_servers.demo.tools import ScriptedCall, calls_due, results_told
from runfold.model_servers.http_server import LoopbackServer, Request, Responder

MODEL = "demo"
"""The name it lists; it answers to every name but those that fail on purpose."""
INTERVAL = 0.015
"""Seconds between tokens: about as fast as a quick hosted model."""


class Pace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `runfold_demo` member of a request."""

    tokens: int | None = None
    """None: as many as the canned text has."""
    interval: float | None = None
    """None: the server's own."""
    stamp: bool = False
    calls: list[list[ScriptedCall]] | None = None
    """The tools it calls, round after round; None: it chooses."""


class _Ask(msgspec.Struct, frozen=True):
    """What is read of a chat completion request."""

    messages: list[dict[str, Any]]
    model: str = MODEL
    user: str = ""
    stream: bool = False
    stream_options: dict[str, Any] | None = None
    response_format: Any = None
    tools: list[Any] = []
    tool_choice: Any = None
    runfold_demo: Pace = Pace()


class DemoModel:
    """The demo server, open while the context is.

    Args:
        host: Interface to listen on.
        port: 0 for any free one.
        interval: Seconds between streamed tokens.

    Raises:
        ConfigurationError: When the port cannot be opened.
    """

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, *, interval: float = INTERVAL
    ) -> None:
        self._http = LoopbackServer(self._handle, host=host, port=port)
        self._interval = interval
        self._faults = Faults()

    @property
    def base_url(self) -> str:
        """What `OPENAI_BASE_URL` is to be."""
        return f"{self._http.origin}/v1"

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._http.__aexit__(kind, error, traceback)

    async def _handle(self, request: Request, responder: Responder) -> None:
        match request.method, request.path:
            case "GET", "/v1/models":
                await responder.json(200, models(MODEL))
            case "POST", "/v1/chat/completions":
                try:
                    ask = msgspec.json.decode(request.body, type=_Ask)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    message = f"not a chat completion request: {error}"
                    await responder.json(400, error_body(message, "invalid_request_error"))
                    return
                await self._complete(ask, responder)
            case "POST", "/v1/embeddings":
                await responder.json(*endpoints.embeddings(request.body))
            case "POST", "/v1/rerank":
                await responder.json(*endpoints.reranked(request.body))
            case method, path:
                message = f"the demo model has no {method} {path}"
                await responder.json(404, error_body(message, "not_found_error"))

    async def _complete(self, ask: _Ask, responder: Responder) -> None:
        refusal = self._faults.refusal(ask.model, ask.messages, ask.user)
        if refusal:
            await responder.json(503, error_body(refusal, "server_error"))
            return
        calls = said_call(ask.messages, ask.tools) or calls_due(
            ask.messages, ask.tools, ask.tool_choice, ask.runfold_demo.calls
        )
        if calls:
            await self._call_tools(ask, calls, responder)
            return
        told = "" if ask.response_format else results_told(ask.messages)
        text = told or demo_text.answer(ask.messages, ask.response_format)
        pieces = list(_paced(demo_text.tokens(text), ask.runfold_demo))
        usage = usage_of(_prompt_tokens(ask), len(pieces))
        if not ask.stream:
            whole = {"content": "".join(pieces)}
            await responder.json(200, completion(ask.model, whole, "stop", usage))
            return
        pause = self._pause(ask)
        stream = CompletionStream(responder, ask.model)
        await stream.start()
        for piece in pieces:
            await asyncio.sleep(pause)
            sent = f"{time.monotonic_ns()} " if ask.runfold_demo.stamp else piece
            await stream.delta({"content": sent})
        await self._end(ask, stream, "stop", usage)

    async def _call_tools(
        self, ask: _Ask, calls: list[dict[str, Any]], responder: Responder
    ) -> None:
        """An answer that is calls alone."""
        sizes = [len(demo_text.tokens(one["function"]["arguments"])) for one in calls]
        usage = usage_of(_prompt_tokens(ask), sum(sizes))
        if not ask.stream:
            message = {"content": None, "tool_calls": calls}
            await responder.json(200, completion(ask.model, message, "tool_calls", usage))
            return
        stream = CompletionStream(responder, ask.model)
        await stream.start()
        pause = self._pause(ask)
        for index, one in enumerate(calls):
            function = one["function"]
            begun = {**one, "index": index, "function": {**function, "arguments": ""}}
            await stream.delta({"tool_calls": [begun]})
            for piece in demo_text.tokens(function["arguments"]):
                await asyncio.sleep(pause)
                await stream.delta(
                    {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
                )
        await self._end(ask, stream, "tool_calls", usage)

    def _pause(self, ask: _Ask) -> float:
        interval = ask.runfold_demo.interval
        return self._interval if interval is None else interval

    async def _end(self, ask: _Ask, stream: CompletionStream, finish: str, usage: Any) -> None:
        await stream.delta({}, finish)
        if (ask.stream_options or {}).get("include_usage"):
            await stream.usage(usage)
        await stream.finish()


def _prompt_tokens(ask: _Ask) -> int:
    prompt = " ".join(str(message.get("content")) for message in ask.messages)
    return len(demo_text.tokens(prompt))


def _paced(canned: list[str], pace: Pace) -> Iterator[str]:
    """The tokens to send: the canned ones, repeated or cut to the count asked for."""
    count = len(canned) if pace.tokens is None else pace.tokens
    for at in range(count):
        yield canned[at % len(canned)]
