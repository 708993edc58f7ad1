"""One chat completion: asked for, read as it streams, and put together.

Imports openai, which is slow: `clients.open_clients` imports this module beside the event loop.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import msgspec
import openai
import pydantic

from runfold_executor_llm import failures
from runfold_executor_llm.clients import Clients
from runfold_executor_llm.providers import Endpoint
from runfold_executor_llm.reasoning import Piece, ReasoningSplitter

Emit = Callable[[Piece], Awaitable[None]]

_REASONING_FIELDS = ("reasoning_content", "reasoning")
"""DeepSeek's, and OpenRouter's and newer vLLM's name for it."""

_REFUSALS = (400, 422)
"""How servers say that they do not know a parameter."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask for."""

    endpoint: Endpoint
    messages: list[dict[str, Any]]
    parameters: dict[str, Any] = {}
    """Parameters of a chat completion by their names in the API."""
    extra: dict[str, Any] = {}
    """Further members of the request's body."""
    stream: bool = True


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the model said."""

    text: str
    reasoning: str
    finish_reason: str
    model: str
    usage: dict[str, Any] | None
    """As the server reported it."""


async def complete(clients: Clients, call: Call, emit: Emit) -> Answer:
    """Ask the model, handing on each piece as it comes.

    Raises:
        NodeFailed: When there is no whole answer; see `failures`.
    """
    answer = _Gathered()
    try:
        async for delta in _deltas(clients, call):
            for piece in answer.take(delta):
                await emit(piece)
    except failures.RAISED as error:
        failed = failures.classify(error, call.endpoint)
        if failed is None:
            raise
        raise failed from error
    for piece in answer.finish():
        await emit(piece)
    return answer.checked(call.endpoint)


async def _deltas(clients: Clients, call: Call) -> AsyncIterator[_Delta]:
    """The parts of the answer; a single one when the server does not stream."""
    reply = await _ask(clients, call)
    if not isinstance(reply, openai.AsyncStream):
        yield _whole(reply, call.endpoint)
        return
    async with reply as stream:
        if "json" in stream.response.headers.get("content-type", ""):
            body = await stream.response.aread()
            yield _whole(json.loads(body), call.endpoint)
            return
        async for chunk in stream:
            yield _delta(chunk)


async def _ask(clients: Clients, call: Call) -> Any:
    """Send the request, in a plainer form where the server insists on it.

    Servers differ in ways that no author should have to know: some refuse `stream_options`, some
    models want `max_completion_tokens` for `max_tokens`, and some know JSON but no `json_schema`.
    Such a refusal has cost nothing, so asking again is not a retry.
    """
    client = clients.get(call.endpoint)
    key = (call.endpoint.base_url, call.endpoint.model)
    while True:
        refused = clients.refused.get(key, frozenset())
        try:
            return await client.chat.completions.create(**_arguments(call, refused))
        except openai.APIStatusError as error:
            more = _newly_refused(error, call, refused)
            if not more:
                raise
            clients.refused[key] = refused | more


def _arguments(call: Call, refused: frozenset[str]) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        **call.parameters,
        "model": call.endpoint.model,
        "messages": call.messages,
        "stream": call.stream,
        "extra_body": call.extra or None,
    }
    if call.stream and "stream_options" not in refused:
        arguments["stream_options"] = {"include_usage": True}
    if "max_tokens" in refused and "max_tokens" in arguments:
        arguments["max_completion_tokens"] = arguments.pop("max_tokens")
    if "json_schema" in refused and (schema := _schema(call)) is not None:
        # llama.cpp keeps to a schema that comes with json_object; for others it is in words too.
        arguments["response_format"] = {"type": "json_object", "schema": schema}
        told = f"Answer with one JSON value that fits this JSON Schema: {json.dumps(schema)}"
        arguments["messages"] = [{"role": "system", "content": told}, *call.messages]
    return arguments


def _newly_refused(
    error: openai.APIStatusError, call: Call, refused: frozenset[str]
) -> frozenset[str]:
    said = str(error)
    more = set()
    if error.status_code in _REFUSALS:
        if call.stream and ("stream_options" in said or "include_usage" in said):
            more.add("stream_options")
        if "max_completion_tokens" in said and "max_tokens" in call.parameters:
            more.add("max_tokens")
    # llama-cpp-python answers 500 to what it cannot validate.
    if "response_format" in said and _schema(call) is not None:
        more.add("json_schema")
    return frozenset(more) - refused


def _schema(call: Call) -> Any:
    """The JSON Schema asked for, or None."""
    form = call.parameters.get("response_format") or {}
    return form["json_schema"]["schema"] if form.get("type") == "json_schema" else None


class _Delta(msgspec.Struct, frozen=True):
    """A part of an answer, as far as it can be understood."""

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    finish_reason: str = ""
    model: str = ""
    usage: dict[str, Any] | None = None


def _delta(chunk: Any) -> _Delta:
    """A streamed chunk. Servers leave fields out, or send null for them."""
    choices = getattr(chunk, "choices", None)
    choice = choices[0] if isinstance(choices, list) and choices else None
    delta = getattr(choice, "delta", None)
    usage = getattr(chunk, "usage", None)
    return _Delta(
        text=_text(getattr(delta, "content", None)),
        reasoning=_first(lambda name: getattr(delta, name, None)),
        refusal=_text(getattr(delta, "refusal", None)),
        finish_reason=_text(getattr(choice, "finish_reason", None)),
        model=_text(getattr(chunk, "model", None)),
        usage=_object(usage),
    )


def _whole(completion: Any, endpoint: Endpoint) -> _Delta:
    """A completion that came in one piece."""
    completion = _object(completion) or completion
    try:
        choice = completion["choices"][0]
        message = choice["message"]
        content, finish = message.get("content"), choice.get("finish_reason")
    except (TypeError, LookupError, AttributeError) as error:
        raise failures.malformed(endpoint, _seen(completion)) from error
    return _Delta(
        text=_text(content),
        reasoning=_first(message.get),
        refusal=_text(message.get("refusal")),
        finish_reason=_text(finish) or "stop",
        model=_text(completion.get("model")),
        usage=_object(completion.get("usage")),
    )


class _Gathered:
    """The answer so far."""

    def __init__(self) -> None:
        self._splitter = ReasoningSplitter()
        self._pieces: list[Piece] = []
        self._chunks = 0
        self._refusal = ""
        self._finish = ""
        self._model = ""
        self._usage: dict[str, Any] | None = None

    def take(self, delta: _Delta) -> Iterator[Piece]:
        """Add a part; gives what can be shown now."""
        self._chunks += 1
        self._refusal += delta.refusal
        self._finish = delta.finish_reason or self._finish
        self._model = delta.model or self._model
        self._usage = delta.usage or self._usage
        if delta.reasoning:
            yield from self._kept([Piece("reasoning", delta.reasoning)])
        if delta.text:
            yield from self._kept(self._splitter.feed(delta.text))

    def finish(self) -> Iterator[Piece]:
        """What was held back."""
        yield from self._kept(self._splitter.finish())

    def checked(self, endpoint: Endpoint) -> Answer:
        """The whole answer. Raises `NodeFailed` when it is not whole, or empty."""
        text = "".join(piece.text for piece in self._pieces if piece.kind == "text")
        reasoning = "".join(piece.text for piece in self._pieces if piece.kind == "reasoning")
        if not self._chunks:
            raise failures.malformed(endpoint, "no completion chunk came")
        if not self._finish:
            raise failures.cut_off(endpoint, len(text) + len(reasoning))
        if self._refusal and not text:
            raise failures.declined(endpoint, self._refusal)
        if not text.strip():
            raise failures.empty_answer(endpoint, self._finish, reasoned=bool(reasoning))
        return Answer(
            text=text,
            reasoning=reasoning.strip(),
            finish_reason=self._finish,
            model=self._model or endpoint.model,
            usage=self._usage,
        )

    def _kept(self, pieces: Iterator[Piece] | list[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            self._pieces.append(piece)
            yield piece


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _object(value: Any) -> dict[str, Any] | None:
    if isinstance(value, pydantic.BaseModel):
        return value.model_dump(warnings=False)
    return value if isinstance(value, dict) else None


def _first(get: Callable[[str], Any]) -> str:
    return next((text for name in _REASONING_FIELDS if (text := _text(get(name)))), "")


def _seen(value: Any) -> str:
    if isinstance(value, str):
        return "it sent text, perhaps a web page"
    return "it sent JSON without choices and a message"
