"""Makes one chat completion: sends the request, reads the answer as it streams.

Imports openai, which is slow: `clients.open_clients` imports this module beside the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from typing import Any

import httpx2
import msgspec
import openai

from runfold.contracts.json_reader import read_json_piece
from runfold.contracts.secrecy import masked
from runfold.errors import NodeFailed, Undecodable
from runfold.executor.retry_after import retry_after
from runfold.model_endpoints import client_errors, failures
from runfold.model_endpoints.refused_features import refused_feature
from runfold.model_endpoints.server_errors import choices_of, error_in, page_text
from runfold.model_endpoints.server_failures import server_said
from runfold_executor_llm import dialects
from runfold_executor_llm.answer import Answer, Gathered, Limits
from runfold_executor_llm.clients import Clients
from runfold_executor_llm.deltas import Delta, NotUnderstood, delta_of, index_of
from runfold_executor_llm.dialects import Call
from runfold_executor_llm.reasoning import Piece
from runfold_executor_llm.response_body import BodyReader, Message, TooLong

Emit = Callable[[Piece], Awaitable[None]]

THINKING = 1800.0
"""Seconds in which a server must send something of the answer. DeepSeek keeps a request for half an
hour with comments alone; a node's timeout is the real limit."""
_DRAIN = 0.25
"""Seconds for the end of a body after its last message."""
_DRAINED = 8
"""Pieces that may come between."""
_SHOWN = 200
"""Bytes shown of what cannot be read."""
_READ = 64 * 1024
"""Bytes that are looked at of what is shown."""


async def complete(
    clients: Clients,
    call: Call,
    emit: Emit,
    limits: Limits | None = None,
    thinking: float = THINKING,
) -> Answer:
    """Ask the model, and pass on each piece of its answer.

    Args:
        clients: The service's.
        call: What to ask.
        emit: Takes the pieces.
        limits: Which answers are whole.
        thinking: Seconds in which something of the answer must come, from one piece to the next.

    Raises:
        NodeFailed: When there is no whole answer; see `failures`.
    """
    conversation = _Conversation(call)
    loop = asyncio.get_running_loop()
    limit = asyncio.timeout(thinking)
    try:
        async with limit, AsyncExitStack() as stack:
            response, left_out = await _ask(clients, call, stack)
            deltas = await stack.enter_async_context(aclosing(conversation.deltas(response)))
            async for delta in deltas:
                for piece in conversation.answer.take(delta):
                    await emit(piece)
                if delta.spans or delta.calls:
                    limit.reschedule(loop.time() + thinking)
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise failures.silent(call.endpoint, thinking) from error
    except client_errors.RAISED as error:
        failed = client_errors.classify(error, call.endpoint, call.offered)
        if failed is None:
            raise
        raise failed from error
    for piece in conversation.answer.finish():
        await emit(piece)
    answer = conversation.answer.checked(limits or Limits(), is_done=conversation.is_done)
    return msgspec.structs.replace(answer, left_out=left_out)


async def _ask(
    clients: Clients, call: Call, stack: AsyncExitStack
) -> tuple[httpx2.Response, frozenset[str]]:
    """Send the request, in a plainer form where the server insists on it.

    Returns:
        The response, with its body not read yet, and the parameters that had to be left out.
    """
    client = clients.get(call.endpoint)
    refused = clients.refusals.of(call.endpoint)
    lasting = refused
    while True:
        arguments = dialects.arguments(call, refused)
        try:
            request = client.chat.completions.with_streaming_response.create(
                **_untouched(arguments)
            )
            reply = await stack.enter_async_context(request)
        except openai.APIStatusError as error:
            said = error.response.content.decode(errors="replace")
            more = dialects.refusal(error.status_code, said, call, refused)
            if more is None:
                raise
            refused |= more.names
            lasting |= more.names if more.is_lasting else frozenset()
            continue
        if lasting:
            clients.refusals.learn(call.endpoint, lasting)
        return reply.http_response, frozenset(call.parameters) & refused - {dialects.MAX_TOKENS}


class _Conversation:
    """One response being read."""

    def __init__(self, call: Call) -> None:
        self._endpoint = call.endpoint
        self._offered = call.offered
        self._index: int | None = None
        """Which of several answers is read; None before the first chunk."""
        self._other = ""
        """What came that was not a chunk."""
        self._wait: float | None = None
        self.answer = Gathered(call.endpoint, call.tools)
        self.is_done = False
        """Whether the server said that the answer is over."""

    async def deltas(self, response: httpx2.Response) -> AsyncGenerator[Delta]:
        """The parts of the answer; a single one when the server does not stream.

        Raises:
            NodeFailed: For an error of the server, and for what is not a chat completion.
        """
        self._wait = retry_after(response.headers)
        try:
            async with aclosing(_messages(response)) as messages:
                async for message in messages:
                    for delta in self._read(message):
                        yield delta
        except TooLong as error:
            raise failures.too_long(self._endpoint, "more than an answer can be") from error
        if self._index is None and not self.is_done:
            said = failures.shown(self._other, self._endpoint)
            raise failures.malformed(self._endpoint, f"it sent {said or 'nothing'}")

    def _read(self, message: Message) -> list[Delta]:
        """What a message adds to the answer."""
        if message.form == "done":
            self.is_done = True
            return []
        if not message.data.strip():
            return []
        if message.form == "other":
            self._other = page_text(message.data)
            return []
        is_whole = message.form == "whole"
        value = self._value(message)
        error = error_in(value, message.event, is_whole=is_whole)
        if error is not None:
            refused = refused_feature(error.status, error.message, self._offered)
            if refused is not None:
                error = msgspec.structs.replace(error, kind=refused)
            raise server_said(self._endpoint, error, wait=self._wait)
        choices = choices_of(value)
        self.is_done |= is_whole and bool(choices)
        if not choices and not (isinstance(value, dict) and value.get("usage")):
            self._other = (
                self._other or masked(message.data[:_READ].decode(errors="replace"))[:_SHOWN]
            )
            return []
        if self._index is None and choices:
            self._index = min(map(index_of, choices))
        ours = [choice for choice in choices if index_of(choice) == self._index]
        try:
            # Without a choice of ours there may still be the usage.
            return [delta_of(value, choice) for choice in ours] or [delta_of(value, None)]
        except NotUnderstood as error:
            raise failures.not_text(self._endpoint, str(error)) from error

    def _value(self, message: Message) -> Any:
        """The JSON value of a message."""
        data = message.data
        if message.form == "chunk":
            # As server-sent events are read; a whole body that is not UTF-8 is refused.
            data = data.decode(errors="replace").encode()
        try:
            return read_json_piece(data)
        except Undecodable as error:
            if message.event == "error":
                return data.decode()
            raise self._unreadable(message, error) from error

    def _unreadable(self, message: Message, error: Undecodable) -> NodeFailed:
        if message.is_cut:
            return failures.cut_off(self._endpoint, self.answer.size)
        begins = _beginning(message)
        what = f"its JSON cannot be read, {error.message}; it begins {begins!r}"
        return failures.malformed(self._endpoint, failures.shown(what, self._endpoint))


def _beginning(message: Message) -> str:
    """How a message begins, masked before it is cut."""
    return masked(message.data[:_READ].decode(errors="replace"))[:_SHOWN]


def _untouched(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with messages and tools beside the client's own, which go as they are.

    It walks through its own to rename fields. None of these has one to rename, and a walk through
    forty messages takes longer than all the rest of a request.
    """
    apart = {name: arguments[name] for name in ("messages", "tools") if name in arguments}
    kept = {name: value for name, value in arguments.items() if name not in apart}
    return {**kept, "messages": [], "extra_body": {**apart, **(arguments["extra_body"] or {})}}


async def _messages(response: httpx2.Response) -> AsyncGenerator[Message]:
    """The messages of a body, up to the mark after the last. Raises `TooLong`."""
    reader = BodyReader()
    async with aclosing(response.aiter_bytes()) as body:
        async for received in body:
            for message in reader.feed(received):
                yield message
                if message.form == "done":
                    await _drain(body)
                    return
        for message in reader.finish():
            yield message


async def _drain(body: AsyncIterator[bytes]) -> None:
    """Read a body to its end, when that comes at once: its connection is then used again."""
    try:
        async with asyncio.timeout(_DRAIN):
            for _ in range(_DRAINED):
                await anext(body)
    except (StopAsyncIteration, TimeoutError):
        return
