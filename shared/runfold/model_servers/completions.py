"""Chat completions as a server writes them: whole, or streamed as server-sent events.

The server's side of the protocol, for the demo model and for scripted servers in tests.
"""

from __future__ import annotations

import json
from typing import Any

from runfold.model_servers.http_server import Responder

CREATED = 1_700_000_000
"""A fixed time: answers are the same every time."""


def usage_of(
    prompt_tokens: int, completion_tokens: int, reasoning_tokens: int = 0
) -> dict[str, Any]:
    """The `usage` object."""
    usage: dict[str, Any] = {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }
    if reasoning_tokens:
        usage["completion_tokens_details"] = {"reasoning_tokens": reasoning_tokens}
    return usage


def completion(model: str, message: dict[str, Any], finish: str, usage: Any) -> dict[str, Any]:
    """A whole `chat.completion`."""
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": CREATED,
        "model": model,
        "choices": [
            {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
        ],
    }
    if usage is not None:
        body["usage"] = usage
    return body


def models(*names: str) -> dict[str, Any]:
    """The body of `GET /v1/models`."""
    data = [
        {"id": name, "object": "model", "created": CREATED, "owned_by": "runfold"} for name in names
    ]
    return {"object": "list", "data": data}


def error_body(message: str, kind: str, code: str | None = None) -> dict[str, Any]:
    """An error as OpenAI words it."""
    return {"error": {"message": message, "type": kind, "code": code, "param": None}}


class CompletionStream:
    """A `chat.completion.chunk` stream being written."""

    def __init__(self, responder: Responder, model: str) -> None:
        self._responder = responder
        self._model = model

    async def start(self) -> None:
        """Send the headers and the chunk that names the role."""
        headers = {"content-type": "text/event-stream", "cache-control": "no-cache"}
        await self._responder.start(200, headers)
        await self.delta({"role": "assistant", "content": ""})

    async def delta(self, delta: dict[str, Any], finish: str | None = None) -> None:
        """Send a piece of the message."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        await self._chunk({"choices": [choice]})

    async def usage(self, usage: Any) -> None:
        """Send the chunk with the usage and no choices."""
        await self._chunk({"choices": [], "usage": usage})

    async def raw(self, line: str) -> None:
        """Send one event with this data, unchecked."""
        await self._responder.send(f"data: {line}\n\n".encode())

    async def finish(self) -> None:
        """Send the end marker and end the response."""
        await self.raw("[DONE]")
        await self._responder.finish()

    async def _chunk(self, fields: dict[str, Any]) -> None:
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": self._model,
            **fields,
        }
        await self.raw(json.dumps(chunk, ensure_ascii=False))
