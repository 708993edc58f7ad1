"""A run as Dify tells it as it goes: the frames of a stream."""

from __future__ import annotations

from typing import Any

from runfold.contracts.events import (
    TERMINAL_RUN_EVENTS,
    Recorded,
    RecordedChunk,
    RetrieverResource,
    RunPaused,
    RunStarted,
)
from runfold.contracts.json_writer import write_json
from runfold.conversations.answer_text import answer_text
from runfold.engine.answers.stream import AnswerDelta, AnswerStream
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.state.runs import RunState
from runfold.errors import RunfoldError
from runfold_gateway.dify_api.endings import (
    STOPPED,
    SUCCEEDED,
    run_data,
    run_failed,
    sources,
    usage,
)
from runfold_gateway.dify_api.errors import error_body
from runfold_gateway.dify_api.files import files_of
from runfold_gateway.dify_api.nodes import NodesTold, Told

PING = b"event: ping\n\n"
"""Sent when nothing else is."""


class RunTold:
    """One run in the words of Dify; fed with its messages, from the first on.

    A run in a conversation is a chat: its text is `message`, and ends with `message_end`. Any other
    is a workflow's: its text is `text_chunk`.

    Args:
        run_id: The run.
        plans: Compiled plans.
    """

    def __init__(self, run_id: str, plans: Plans) -> None:
        self.run_id = run_id
        self._plans = plans
        self._folder: Folder | None = None
        self._stream: AnswerStream | None = None
        self._nodes: NodesTold | None = None
        self._said: dict[tuple[str, str], list[str]] = {}
        """The pieces that were sent of each answer."""
        self._found: dict[tuple[str, str], RetrieverResource] = {}
        """What nodes found to answer by; of each, its newest attempt."""

    @property
    def state(self) -> RunState | None:
        """The run as far as it was told; None before it has begun."""
        return self._folder.state if self._folder else None

    @property
    def answer(self) -> str:
        """The answer as far as it was told; at the end all of it."""
        said = self._whole
        state = self.state
        if said or state is None or state.status not in SUCCEEDED:
            return said
        return answer_text(state.outputs)

    def feed(self, message: Recorded | RecordedChunk) -> list[bytes]:
        """The frames of a message."""
        if self._stream is None or self._nodes is None:
            return self._begin(message)
        if isinstance(message, RecordedChunk):
            return self._text(self._stream.feed(message))
        deltas = self._stream.feed(message)
        frames = [self._framed(*one) for one in self._nodes.begun(message)]
        frames += self._text(deltas)
        frames += [self._framed(*one) for one in self._nodes.over(message)]
        if isinstance(message.event, RetrieverResource):
            self._found[message.event.scope, message.event.node_id] = message.event
        if isinstance(message.event, RunPaused):
            frames.append(self._framed(*self._pause(message.event, message.time)))
        if isinstance(message.event, TERMINAL_RUN_EVENTS):
            frames += [self._framed(*one) for one in self._nodes.rest(message.time)]
            frames += self._end()
        return frames

    def _begin(self, message: Recorded | RecordedChunk) -> list[bytes]:
        if not isinstance(message, Recorded) or not isinstance(message.event, RunStarted):
            return []
        self._folder, _ = Folder.begin(message, self._plans)
        self._stream = AnswerStream(self._folder)
        self._nodes = NodesTold(self._folder)
        state = self._folder.state
        data = {
            "id": self.run_id,
            "workflow_id": state.workflow_id,
            "inputs": state.inputs,
            "created_at": int(state.started_at),
            "reason": "initial",
        }
        return [self._framed("workflow_started", data)]

    def _text(self, deltas: list[AnswerDelta]) -> list[bytes]:
        """The frames of pieces of answers. What a model thought is not told."""
        frames = []
        for delta in deltas:
            if delta.kind == "reasoning":
                continue
            key = (delta.scope, delta.node_id)
            source = [delta.node_id, "answer"]
            if delta.replace:
                self._said[key] = [delta.text]
                frames.append(self._replaced(source))
            elif delta.text:
                self._said.setdefault(key, []).append(delta.text)
                frames.append(self._more(delta.text, source))
        return frames

    def _more(self, text: str, source: list[str]) -> bytes:
        if self._chat:
            return self._message("message", answer=text, from_variable_selector=source)
        return self._framed("text_chunk", {"text": text, "from_variable_selector": source})

    def _replaced(self, source: list[str]) -> bytes:
        """What clients show is replaced as a whole, so all is sent again."""
        whole = self._whole
        if self._chat:
            return self._message("message_replace", answer=whole, reason="retry")
        return self._framed("text_replace", {"text": whole, "from_variable_selector": source})

    def _pause(self, event: RunPaused, time: float) -> Told:
        data = {
            "workflow_run_id": self.run_id,
            "paused_nodes": [],
            "reasons": [{"type": "paused", "message": event.reason}],
            "outputs": {},
            "status": "paused",
            "created_at": int(time),
        }
        return "workflow_paused", data

    def _end(self) -> list[bytes]:
        state = self._known()
        frames = []
        if self._chat and not self._said and self.answer:
            frames.append(self._message("message", answer=self.answer, from_variable_selector=None))
        frames.append(self._framed("workflow_finished", run_data(state)))
        if not self._chat:
            return frames
        if state.status in (*SUCCEEDED, STOPPED):
            frames.append(self._message("message_end", **self.closing()))
        else:
            frames.append(self.error(run_failed(state)))
        return frames

    def closing(self) -> dict[str, Any]:
        """What a chat says at its end beside the answer."""
        state = self._known()
        found = sources(self._found.values())
        return {
            "metadata": {"usage": usage(state), "retriever_resources": found},
            "files": files_of(state.outputs, state.workflow_id),
        }

    def error(self, error: RunfoldError) -> bytes:
        """The frame of an error, after which nothing comes."""
        return sse({"event": "error", **self._ids, **error_body(error)})

    @property
    def message(self) -> dict[str, Any]:
        """What every event of a chat says of its message."""
        state = self._known()
        return {
            **self._ids,
            "id": self.run_id,
            "created_at": int(state.started_at),
        }

    def _message(self, event: str, **more: Any) -> bytes:
        return sse({"event": event, **self.message, **more})

    def _framed(self, event: str, data: dict[str, Any]) -> bytes:
        return sse({"event": event, **self._ids, "workflow_run_id": self.run_id, "data": data})

    @property
    def _whole(self) -> str:
        """All that was sent, answer by answer."""
        return "".join(piece for pieces in self._said.values() for piece in pieces)

    @property
    def _ids(self) -> dict[str, Any]:
        if not self._chat:
            return {"task_id": self.run_id}
        state = self._known()
        return {
            "task_id": self.run_id,
            "message_id": self.run_id,
            "conversation_id": state.conversation_id,
        }

    @property
    def _chat(self) -> bool:
        return self._folder is not None and bool(self._folder.state.conversation_id)

    @property
    def _folded(self) -> Folder:
        if self._folder is None:
            message = "a run that has not begun has no state"
            raise RuntimeError(message)
        return self._folder

    def _known(self) -> RunState:
        return self._folded.state


def sse(body: dict[str, Any]) -> bytes:
    """One event of a stream."""
    return b"data: " + write_json(body) + b"\n\n"
