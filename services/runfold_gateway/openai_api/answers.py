"""The answer of a run as a chat completion: whole, or piece by piece as it is written."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from typing import Any

import msgspec

from runfold.bus.viewer import RunViewer, TooSlow
from runfold.contracts.events import Recorded, RecordedChunk, RunStarted, Usage
from runfold.contracts.json_writer import write_json
from runfold.conversations.answer_text import answer_text
from runfold.engine.answers.stream import AnswerDelta, AnswerStream
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.views.runs import RunView
from runfold.errors import InvalidRequest, RunfoldError
from runfold.values.json_text import to_json

SUCCEEDED = ("succeeded", "partial_succeeded")
PREFIX = "chatcmpl-"
"""Begins the id of a completion; the run's goes on."""
DONE = b"data: [DONE]\n\n"
STILL_HERE = b": still here\n\n"
"""Keeps a connection open while nothing is said; clients pass over it."""


class Completion:
    """The answer of one run in the words of the API.

    Args:
        run_id: The run.
        model: What the client calls the workflow.
    """

    def __init__(self, run_id: str, model: str) -> None:
        self.run_id = run_id
        self._shared = {"id": PREFIX + run_id, "created": int(time.time()), "model": model}

    def whole(self, run: RunView, spoken: str) -> dict[str, Any]:
        """A run that has ended, and what its answers said.

        Raises:
            InvalidRequest: `chat.run_failed`.
        """
        check_ended(run)
        calls = tool_calls(run.outputs)
        text = spoken or answer_text(run.outputs)
        message: dict[str, Any] = {"role": "assistant", "content": text or None if calls else text}
        if calls:
            message["tool_calls"] = calls
        if thought := reasoning(run.outputs):
            message["reasoning_content"] = thought
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": finish_reason(run.outputs),
        }
        return {
            **self._shared,
            "object": "chat.completion",
            "choices": [choice],
            "usage": usage(run.usage),
        }

    def chunk(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        """A piece of a stream."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self._framed({"choices": [choice]})

    def used(self, run: RunView) -> bytes:
        """The piece of a stream that says what was used up."""
        return self._framed({"choices": [], "usage": usage(run.usage)})

    def _framed(self, body: dict[str, Any]) -> bytes:
        whole = {**self._shared, "object": "chat.completion.chunk", **body}
        return b"data: " + write_json(whole) + b"\n\n"


async def told(
    viewer: RunViewer, plans: Plans, run_id: str
) -> AsyncGenerator[list[AnswerDelta], None]:
    """The pieces of a run's answers as they come; ends with the run."""
    stream: AnswerStream | None = None
    event = chunk = 0
    while True:
        try:
            async for message in viewer.follow(run_id, after_event=event, after_chunk=chunk):
                if isinstance(message, RecordedChunk):
                    chunk = message.seq
                else:
                    event = message.seq
                if stream is not None:
                    yield stream.feed(message)
                elif isinstance(message, Recorded) and isinstance(message.event, RunStarted):
                    folder, _ = Folder.begin(message, plans)
                    stream = AnswerStream(folder)
        except TooSlow:
            continue  # from the last place on
        return


class Spoken:
    """What a client has been sent of an answer, so that what is sent in the end is right."""

    def __init__(self, *, whole: bool = False) -> None:
        self._whole = whole
        """Whether nothing is sent before the end, so that all can be taken back."""
        self._of: dict[tuple[str, str], str] = {}

    @property
    def text(self) -> str:
        """All that was said."""
        return "".join(self._of.values())

    def more(self, delta: AnswerDelta) -> dict[str, Any]:
        """What a piece adds; empty when it adds nothing.

        Raises:
            InvalidRequest: `chat.taken_back`: something that was sent does not hold any more, and a
                stream of this API cannot take it back.
        """
        if delta.kind == "reasoning":
            return {"reasoning_content": delta.text} if delta.text and not delta.replace else {}
        key = (delta.scope, delta.node_id)
        sent = self._of.get(key, "")
        new = delta.text
        if delta.replace:
            if self._whole:
                sent = ""
            elif not delta.text.startswith(sent):
                message = (
                    "the workflow began its answer anew after a failure: ask again, or without "
                    "`stream`"
                )
                raise InvalidRequest(message, code="chat.taken_back")
            new = delta.text[len(sent) :]
        self._of[key] = sent + new
        return {"content": new} if new else {}


def check_ended(run: RunView) -> None:
    """Refuse a run that has no answer.

    Raises:
        InvalidRequest: `chat.run_failed`, with the run's failure.
    """
    if run.status in SUCCEEDED:
        return
    why = f": {run.error.message}" if run.error is not None else ""
    details = {"run_id": run.run_id, "run_status": run.status}
    message = f"run {run.run_id!r} ended as {run.status}{why}"
    raise InvalidRequest(message, code="chat.run_failed", details=details)


def finish_reason(outputs: Any) -> str:
    """Why the answer ends."""
    if tool_calls(outputs):
        return "tool_calls"
    said = outputs.get("finish_reason") if isinstance(outputs, dict) else None
    return said if said in ("length", "content_filter") else "stop"


def tool_calls(outputs: Any) -> list[dict[str, Any]]:
    """The calls that a run asks its caller to make: its output `tool_calls`."""
    asked = outputs.get("tool_calls") if isinstance(outputs, dict) else None
    found = []
    for place, call in enumerate(asked if isinstance(asked, list) else ()):
        if isinstance(call, dict) and isinstance(call.get("name"), str):
            arguments = call.get("arguments")
            written = arguments if isinstance(arguments, str) else to_json(arguments or {})
            function = {"name": call["name"], "arguments": written}
            one_id = str(call.get("id") or f"call_{place}")
            found.append({"id": one_id, "type": "function", "function": function})
    return found


def reasoning(outputs: Any) -> str:
    """What a model thought before its answer, where a run's outputs have it."""
    said = outputs.get("reasoning") if isinstance(outputs, dict) else None
    return said if isinstance(said, str) else ""


def usage(used: Usage) -> dict[str, Any]:
    """What a run used up, all its nodes together."""
    return {
        "prompt_tokens": used.prompt_tokens,
        "completion_tokens": used.completion_tokens,
        "total_tokens": used.total_tokens or used.prompt_tokens + used.completion_tokens,
        "completion_tokens_details": {"reasoning_tokens": used.reasoning_tokens},
    }


def error_body(error: RunfoldError, status: int) -> dict[str, Any]:
    """An error as the API writes it."""
    kind = "invalid_request_error" if status < 500 else "server_error"  # noqa: PLR2004
    details = {name: error.details[name] for name in ("run_id",) if name in error.details}
    return {
        "error": {
            "message": error.message,
            "type": kind,
            "param": None,
            "code": _CODES.get(error.code, error.code),
            **details,
        }
    }


_CODES = {"model.not_found": "model_not_found"}
"""Codes that clients of the API know by another name."""


def error_frame(error: RunfoldError) -> bytes:
    """The same in a stream, after which nothing comes."""
    return b"data: " + msgspec.json.encode(error_body(error, 424)) + b"\n\n"
