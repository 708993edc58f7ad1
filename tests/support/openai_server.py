"""A scripted OpenAI-compatible server over real HTTP, for tests.

    async with OpenAIServer() as server:
        server.reply("An outline", when="outline")
        ...                                   # point OPENAI_BASE_URL at server.base_url
        assert server.prompts == ["Write an outline of tea"]

Rules are tried in the order they were added; the first that fits answers. A request that fits none
gets a 400 naming the prompt, so that a test fails readably. Waiting is done on events, not time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

from runfold.model_servers.completions import (
    CompletionStream,
    completion,
    error_body,
    models,
    usage_of,
)
from runfold.model_servers.http_server import LoopbackServer, Request, Responder


@dataclass
class Rule:
    """What to answer, and to which requests."""

    text: Sequence[str] = ()
    """Tokens, each sent as one chunk."""
    when: str = ""
    """Part of any message's content; empty fits all."""
    model: str = ""
    times: int | None = None
    """How often the rule may be used; None: for ever."""
    reasoning: Sequence[str] = ()
    reasoning_field: str = "reasoning_content"
    usage: Mapping[str, Any] | None = None
    """None: counted from prompt and tokens."""
    send_usage: bool = True
    finish_reason: str | None = "stop"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
    fault: Literal["malformed", "cut", "no_done", "html", "json", "error_event"] | None = None
    """What goes wrong after the tokens: see `_fault`. `html` and `json` replace the stream."""
    raw: Sequence[bytes] | None = None
    """The body's pieces as they are, instead of an answer."""
    content_type: str = "text/event-stream"
    """Of a `raw` body; empty for none."""
    endless: bytes = b""
    """Sent after `raw` again and again, until the client hangs up."""
    gate: asyncio.Event | None = None
    """Waited for after `gate_after` tokens."""
    gate_after: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the rule got to its gate, or to its first byte without one."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client hung up before the answer was over."""
    used: int = 0

    def fits(self, body: dict[str, Any]) -> bool:
        """Whether the rule answers this request."""
        if self.times is not None and self.used >= self.times:
            return False
        if self.model and body.get("model") != self.model:
            return False
        return any(self.when in str(message.get("content")) for message in body["messages"])


class OpenAIServer:
    """The server; see the module's docstring."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.requests: list[dict[str, Any]] = []
        """Bodies of all chat completion requests, in order of arrival."""
        self.headers: list[dict[str, str]] = []
        """Their headers."""
        self.refuse_stream_options = False
        """Answer 400 to `stream_options`, as some servers do."""
        self._http = LoopbackServer(self._handle)

    @property
    def base_url(self) -> str:
        """What `OPENAI_BASE_URL` is to be."""
        return f"{self._http.origin}/v1"

    @property
    def connections(self) -> int:
        """How many connections were opened to it."""
        return self._http.accepted

    @property
    def prompts(self) -> list[str]:
        """The last message of each request."""
        return [str(body["messages"][-1]["content"]) for body in self.requests]

    def reply(self, text: str | Sequence[str] = "", **rule: Any) -> Rule:
        """Add a rule. Plain text is cut into tokens at spaces.

        Args:
            text: The answer, or its tokens.
            **rule: Other fields of `Rule`.
        """
        tokens = tokenize(text) if isinstance(text, str) else tuple(text)
        added = Rule(text=tokens, **rule)
        self.rules.append(added)
        return added

    def fail(
        self, status: int, message: str = "scripted", *, code: str | None = None, **rule: Any
    ) -> Rule:
        """Add a rule that answers with an error status."""
        added = Rule(status=status, error=error_body(message, "scripted_error", code), **rule)
        self.rules.append(added)
        return added

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
        if request.path == "/v1/models":
            await responder.json(200, models("scripted"))
        elif request.path == "/v1/chat/completions" and request.method == "POST":
            body = request.json()
            self.requests.append(body)
            self.headers.append(request.headers)
            await self._complete(body, responder)
        else:
            await responder.json(404, error_body(f"no {request.path}", "not_found"))

    async def _complete(self, body: dict[str, Any], responder: Responder) -> None:
        if self.refuse_stream_options and "stream_options" in body:
            message = "Unrecognized request argument supplied: stream_options"
            await responder.json(400, error_body(message, "invalid_request_error"))
            return
        rule = next((rule for rule in self.rules if rule.fits(body)), None)
        if rule is None:
            message = f"no rule for {body['messages'][-1]['content']!r}"
            await responder.json(400, error_body(message, "unscripted"))
            return
        rule.used += 1
        try:
            if rule.raw is not None:
                await _raw(rule, rule.raw, responder)
            elif rule.status != 200 or rule.error is not None:
                await _pass_gate(rule, 0)
                await responder.json(rule.status, rule.error, rule.headers)
            elif rule.fault == "html":
                html = b"<html>A login page</html>"
                await responder.body(200, {"content-type": "text/html"}, html)
            elif body.get("stream") and rule.fault != "json":
                await _stream(rule, body, responder)
            else:
                await _whole(rule, body, responder)
        except (asyncio.CancelledError, OSError):
            rule.gone.set()
            raise


def tokenize(text: str) -> tuple[str, ...]:
    """Words with the space before them."""
    words = text.split(" ")
    return tuple(word if at == 0 else f" {word}" for at, word in enumerate(words))


def _usage(rule: Rule, body: dict[str, Any]) -> Any:
    if rule.usage is not None:
        return dict(rule.usage)
    prompt = sum(len(str(message.get("content")).split()) for message in body["messages"])
    return usage_of(prompt, len(rule.text) + len(rule.reasoning), len(rule.reasoning))


async def _pass_gate(rule: Rule, sent: int) -> None:
    if rule.gate is None or sent == rule.gate_after:
        rule.reached.set()
    if rule.gate is not None and sent == rule.gate_after:
        await rule.gate.wait()


async def _raw(rule: Rule, pieces: Sequence[bytes], responder: Responder) -> None:
    about = {"content-type": rule.content_type} if rule.content_type else {}
    await responder.start(rule.status, {**about, **rule.headers})
    for piece in pieces:
        await responder.send(piece)
    await _pass_gate(rule, 0)
    while rule.endless:
        await responder.send(rule.endless)
    await responder.finish()


async def _whole(rule: Rule, body: dict[str, Any], responder: Responder) -> None:
    await _pass_gate(rule, rule.gate_after)
    message: dict[str, Any] = {"content": "".join(rule.text)}
    if rule.reasoning:
        message[rule.reasoning_field] = "".join(rule.reasoning)
    usage = _usage(rule, body) if rule.send_usage else None
    await responder.json(
        200, completion(body["model"], message, rule.finish_reason or "stop", usage), rule.headers
    )


async def _stream(rule: Rule, body: dict[str, Any], responder: Responder) -> None:
    stream = CompletionStream(responder, body["model"])
    await stream.start()
    for piece in rule.reasoning:
        await stream.delta({rule.reasoning_field: piece})
    await _pass_gate(rule, 0)
    for sent, token in enumerate(rule.text, start=1):
        await stream.delta({"content": token})
        await _pass_gate(rule, sent)
    if rule.fault == "cut":
        responder.cut()
        return
    if rule.fault == "malformed":
        await stream.raw('{"id": "chatcmpl-1", "choices": [{"del')
    if rule.fault == "error_event":
        await stream.raw('{"error": {"message": "the model crashed", "type": "server_error"}}')
    if rule.finish_reason is not None:
        await stream.delta({}, rule.finish_reason)
    if rule.send_usage and (body.get("stream_options") or {}).get("include_usage"):
        await stream.usage(_usage(rule, body))
    if rule.fault == "no_done":
        await responder.finish()
        return
    await stream.finish()
