"""Bodies of model servers, byte by byte, for what a well-behaved server would not send."""

from __future__ import annotations

import json
from typing import Any

DONE = b"data: [DONE]\n\n"


def event(value: Any, name: str = "") -> bytes:
    """A server-sent event. Half characters go as escapes."""
    named = f"event: {name}\n" if name else ""
    return f"{named}data: {json.dumps(value)}\n\n".encode()


def chunk(delta: Any = None, finish: Any = None, **more: Any) -> bytes:
    """A chunk of a streamed answer; text stands for a delta with this content."""
    if isinstance(delta, str | list):
        delta = {"content": delta}
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return event({"id": "c", "object": "chat.completion.chunk", "choices": [choice], **more})


def whole(message: Any, finish: Any = "stop", **more: Any) -> bytes:
    """A whole completion."""
    if isinstance(message, str | list):
        message = {"role": "assistant", "content": message}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return json.dumps({"object": "chat.completion", "choices": [choice], **more}).encode()
