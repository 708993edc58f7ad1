"""A run as clients of Dify are told it, from its events alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from dify_client import models

from runfold.bus.viewer import TooSlow
from runfold.contracts import events as e
from runfold.engine.history.fold import Plans
from runfold.errors import (
    BusUnavailable,
    Failure,
    InvalidRequest,
    NotFound,
    PayloadTooLarge,
    RunfoldError,
)
from runfold.graph.loader import canonical_bytes, prepare
from runfold_gateway.dify_api.errors import error_body
from runfold_gateway.dify_api.streams import to_the_end
from runfold_gateway.dify_api.telling import RunTold

RUN = {"run_id": "r1", "workflow_id": "w"}
SOURCE = {
    "number": 1,
    "title": "Tea, Brewing",
    "base": "kitchen",
    "document": "d1",
    "document_name": "Tea",
    "chunk": "c1",
    "score": 0.75,
    "excerpt": "Four minutes.",
}


class Log:
    """Events as they come, and the frames they make."""

    def __init__(self, document: dict[str, Any]) -> None:
        workflow, _ = prepare({"id": "w", **document})
        self.told = RunTold("r1", Plans())
        self._definition = msgspec.Raw(canonical_bytes(workflow))
        self._seq = 0

    def begin(self, **started: Any) -> list[dict[str, Any]]:
        return self.add(e.RunStarted(id="s", **RUN, definition=self._definition, **started))

    def add(self, *events: e.AnyEvent) -> list[dict[str, Any]]:
        frames: list[dict[str, Any]] = []
        for event in events:
            self._seq += 1
            for frame in self.told.feed(e.Recorded(self._seq, 100.0 + self._seq, event)):
                assert frame.startswith(b"data: ")
                assert frame.endswith(b"\n\n")
                frames.append(json.loads(frame[6:]))
        return frames


def node(kind: type[Any], node_id: str, **fields: Any) -> Any:
    event_id = f"{node_id}:{kind.__name__}:{fields.get('attempt', 1)}"
    return kind(id=event_id, **RUN, node_id=node_id, **fields)


ONE = {"nodes": [{"id": "a", "type": "llm", "config": {"prompt": "x"}}]}


def test_sources_of_the_newest_attempt_are_told_at_the_end() -> None:
    log = Log(ONE)
    log.begin(conversation_id="c", turn=e.Turn(user_id="ann", query="Tea?"))
    log.add(
        node(e.NodeRunStarted, "a"),
        node(e.RetrieverResource, "a", resources=[{"title": "old"}]),
        node(e.RetrieverResource, "a", attempt=2, resources=[SOURCE]),
    )
    frames = log.add(
        node(e.NodeRunSucceeded, "a", outputs={"output": "Four."}),
        e.RunSucceeded(id="end", **RUN, outputs={"output": "Four."}),
    )
    assert [one["event"] for one in frames] == [
        *("node_finished", "message", "workflow_finished", "message_end"),
    ]
    assert frames[1]["answer"] == "Four."
    [found] = frames[-1]["metadata"]["retriever_resources"]
    models.Metadata.model_validate(frames[-1]["metadata"])
    assert (found["dataset_id"], found["document_id"], found["segment_id"]) == (
        *("kitchen", "d1"),
        "c1",
    )
    assert (found["position"], found["score"], found["content"]) == (1, 0.75, "Four minutes.")


def test_what_comes_twice_or_late_is_told_once() -> None:
    log = Log(ONE)
    log.begin()
    started, ended = node(e.NodeRunStarted, "a"), node(e.NodeRunSucceeded, "a", outputs={})
    frames = log.add(started, started, ended, ended, started)
    assert [one["event"] for one in frames] == ["node_started", "node_finished"]


@pytest.mark.parametrize(
    ("event", "status", "shown", "names"),
    [
        (
            e.RunFailed(id="end", **RUN, error=Failure("llm.down", "it is down"), node_id="a"),
            *("failed", "stopped"),
            ["node_finished", "workflow_finished", "error"],
        ),
        (
            e.RunCancelled(id="end", **RUN, reason="enough"),
            *("stopped", "stopped"),
            ["node_finished", "workflow_finished", "message_end"],
        ),
    ],
)
def test_what_has_not_ended_ends_with_the_run(
    event: e.AnyEvent, status: str, shown: str, names: list[str]
) -> None:
    log = Log(ONE)
    log.begin(conversation_id="c")
    log.add(node(e.NodeRunStarted, "a"))
    frames = log.add(event)
    assert [one["event"] for one in frames] == names
    assert (frames[0]["data"]["status"], frames[1]["data"]["status"]) == (shown, status)
    models.WorkflowFinishedData.model_validate(frames[1]["data"])


def test_outputs_that_are_no_object_are_told_under_a_name() -> None:
    log = Log(ONE)
    log.begin()
    [ended] = log.add(e.RunSucceeded(id="end", **RUN, outputs=[1, 2]))
    assert ended["data"]["outputs"] == {"output": [1, 2]}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFound("x", code="request.refused"), 400, "invalid_param"),
        (NotFound("x"), 404, "not_found"),
        (InvalidRequest("x", code="chat.run_failed"), 400, "completion_request_error"),
        (PayloadTooLarge("x"), 413, "file_too_large"),
        (BusUnavailable("x"), 503, "service_unavailable"),
        (RunfoldError("x"), 500, "internal_server_error"),
    ],
)
def test_errors_have_the_codes_of_dify(error: RunfoldError, status: int, code: str) -> None:
    body = error_body(error)
    assert body == {"status": status, "code": code, "message": "x", "reason": error.code}
    models.ErrorResponse.model_validate(body)


def test_nothing_is_told_of_a_run_before_its_beginning() -> None:
    assert Log(ONE).add(node(e.NodeRunStarted, "a")) == []


async def test_who_waits_for_the_end_goes_on_after_lagging_behind() -> None:
    log = Log({"nodes": [{"id": "a", "type": "template", "config": {"template": "x"}}]})
    stored = [
        e.Recorded(1, 1.0, e.RunStarted(id="s", **RUN, definition=log._definition)),
        e.Recorded(2, 2.0, e.RunSucceeded(id="end", **RUN, outputs={"output": "x"})),
    ]
    asked: list[int] = []

    class Viewer:
        async def follow(
            self, run_id: str, *, after_event: int, after_chunk: int
        ) -> AsyncIterator[e.Recorded]:
            asked.append(after_event)
            yield stored[after_event]
            if not after_event:
                raise TooSlow("lagged")

    backend: Any = SimpleNamespace(viewer=Viewer())
    told = await to_the_end(backend, log.told)
    assert asked == [0, 1]
    assert told.state is not None
    assert told.state.status == "succeeded"


def test_a_long_answer_is_told_in_a_time_that_grows_with_it() -> None:
    answer = {"id": "s", "type": "answer", "config": {"answer": "{{a.output}}"}}
    log = Log({"nodes": [*ONE["nodes"], answer]})
    log.begin(conversation_id="c", turn=e.Turn(user_id="ann", query="Tea?"))
    log.add(node(e.NodeRunStarted, "a"))
    for index in range(500):
        chunk = e.StreamChunk(**RUN, node_id="a", attempt=1, index=index, text="word ")
        assert len(log.told.feed(e.RecordedChunk(index + 1, 1.0, chunk))) == 1
    assert log.told.answer == "word " * 500
    assert log.told._stream is not None
    [text] = log.told._stream._streamed._texts.values()
    assert len(text.pieces["output"]) == 1, "not joined anew for each piece"
