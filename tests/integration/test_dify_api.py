"""Workflows as apps of Dify: two published client libraries talk to the gateway, unchanged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from dify_client import Client, errors, models
from dify_oapi.api.chat.v1.model.delete_conversation_request import DeleteConversationRequest
from dify_oapi.api.chat.v1.model.delete_conversation_request_body import (
    DeleteConversationRequestBody,
)
from dify_oapi.api.chat.v1.model.get_conversation_list_request import GetConversationsListRequest
from dify_oapi.api.chat.v1.model.message_history_request import GetMessageHistoryRequest
from dify_oapi.api.chat.v1.model.rename_conversation_request import RenameConversationRequest
from dify_oapi.api.chat.v1.model.rename_conversation_request_body import (
    RenameConversationRequestBody,
)
from dify_oapi.api.workflow.v1.model.get_workflow_run_detail_request import (
    GetWorkflowRunDetailRequest,
)
from dify_oapi.client import Client as OtherClient
from dify_oapi.core.model.request_option import RequestOption

from tests.support.openai_server import OpenAIServer
from tests.support.stack import Stack, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERVICES = ("scheduler", "executor-text", "executor-llm", "projection", "gateway")
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "dify-clients.md"
KEY = "app-0123456789abcdef"
HEADERS = {"Authorization": f"Bearer {KEY}"}
OPTION = RequestOption.builder().api_key(KEY).build()
STREAMING, BLOCKING = models.ResponseMode.STREAMING, models.ResponseMode.BLOCKING
CHAT = {
    "id": "chat",
    "name": "Small talk",
    "nodes": [
        {
            "id": "reply",
            "type": "llm",
            "config": {"history": "{{sys.history}}", "prompt": "{{sys.query}}"},
        },
        {"id": "say", "type": "answer", "config": {"answer": "{{reply.output}}"}},
    ],
}
GREET = {
    "id": "grüße",
    "inputs": {"name": {"type": "string", "required": True}},
    "nodes": [
        {"id": "hello", "type": "template", "config": {"template": "Hello {{name}}"}},
        {
            "id": "each",
            "type": "iteration",
            "config": {
                "items": [1, 2],
                "nodes": [
                    {"id": "one", "type": "template", "config": {"template": "{{item}}"}},
                ],
                "output": "{{one.output}}",
            },
        },
        {
            "id": "end",
            "type": "end",
            "config": {
                "outputs": {
                    "greeting": "{{hello.output}}",
                    "user": "{{sys.user_id}}",
                }
            },
        },
    ],
    "edges": [{"from": "hello", "to": "each"}, {"from": "each", "to": "end"}],
}

FILES = {
    "id": "files",
    "inputs": {"doc": {"type": "file", "required": True}, "note": "string"},
    "nodes": [
        {
            "id": "end",
            "type": "end",
            "config": {"outputs": {"doc": "{{doc}}", "files": "{{sys.files}}"}},
        }
    ],
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as made:
        yield made


@pytest.fixture
def model(server: OpenAIServer) -> OpenAIServer:
    """The server, with nothing to say yet."""
    server.rules.clear()
    server.requests.clear()
    return server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(server: OpenAIServer) -> AsyncIterator[Stack]:
    settings = {"api_key": KEY, "sse_heartbeat": 0.2}
    async with running(SERVICES, model_url=server.base_url, **settings) as made:
        async with httpx.AsyncClient(base_url=f"{made.gateway}/api", headers=HEADERS) as api:
            for document in (CHAT, GREET, FILES):
                answer = await api.post("/workflows", json=document)
                assert answer.status_code == 201, answer.text
        yield made


def client_of(stack: Stack, workflow: str, key: str = KEY) -> Client:
    return Client(api_key=key, api_base=f"{stack.gateway}/dify/{workflow}/v1")


def asked(query: str, conversation_id: str = "", **more: Any) -> models.ChatRequest:
    said = {"response_mode": BLOCKING, "user": "ann", **more}
    return models.ChatRequest(query=query, conversation_id=conversation_id, **said)


def finished(frame: Any) -> models.WorkflowFinishedData:
    """The data of an event `workflow_finished`, held against the type that the library has."""
    assert frame.event == models.StreamEvent.WORKFLOW_FINISHED
    return models.WorkflowFinishedData.model_validate(_plain(frame))


def node_finished(frame: Any) -> models.NodeFinishedData:
    assert frame.event == models.StreamEvent.NODE_FINISHED
    return models.NodeFinishedData.model_validate(_plain(frame))


def _plain(frame: Any) -> dict[str, Any]:
    data = frame.data
    plain: dict[str, Any] = data if isinstance(data, dict) else data.model_dump()
    return plain


def shown_in(frames: list[Any]) -> list[tuple[str, str]]:
    """The events of a workflow's stream, and the nodes they are about."""
    return [(str(one.event), _plain(one).get("node_id", "")) for one in frames]


async def test_a_workflow_runs_to_its_end_or_is_streamed(stack: Stack) -> None:
    client = client_of(stack, "grüße")
    request = models.WorkflowsRunRequest(inputs={"name": "Ann"}, response_mode=BLOCKING, user="ann")
    ended = await asyncio.to_thread(client.run_workflows, request)
    assert ended.data.status == models.WorkflowStatus.SUCCEEDED
    assert (ended.data.outputs["greeting"], ended.data.outputs["user"]) == ("Hello Ann", "ann")
    assert ended.data.finished_at >= ended.data.created_at

    request = request.model_copy(update={"response_mode": STREAMING})
    frames = await asyncio.to_thread(lambda: list(client.run_workflows(request)))
    shown = shown_in(frames)
    inside = ("node_started", "one"), ("node_finished", "one")
    assert [one for one in shown if one not in inside] == [
        ("workflow_started", ""),
        ("node_started", "hello"),
        ("node_finished", "hello"),
        ("iteration_started", "each"),
        ("iteration_next", "each"),
        ("iteration_next", "each"),
        ("iteration_completed", "each"),
        ("node_started", "end"),
        ("node_finished", "end"),
        ("workflow_finished", ""),
    ]
    assert [one for one in shown if one in inside] == [*inside, *inside]
    around = {
        _plain(one).get("iteration_id") for one in frames if _plain(one).get("node_id") == "one"
    }
    assert around == {"each"}
    models.WorkflowStartedData.model_validate(_plain(frames[0]))
    ending = finished(frames[-1])
    assert ending.outputs is not None
    assert (ending.outputs["greeting"], ending.total_steps) == ("Hello Ann", 5)

    run_id = frames[0].task_id
    other = OtherClient.builder().domain(f"{stack.gateway}/dify/grüße").build()
    wanted = GetWorkflowRunDetailRequest.builder().workflow_run_id(run_id).build()
    found = await asyncio.to_thread(other.workflow.v1.workflow.detail, wanted, OPTION)
    assert (found.id, found.status, found.inputs) == (run_id, "succeeded", {"name": "Ann"})
    assert found.outputs["greeting"] == "Hello Ann"


async def test_three_turns_of_a_chat_blocking_and_streamed(
    stack: Stack, model: OpenAIServer
) -> None:
    client = client_of(stack, "chat")
    conversation_id = ""
    for number in range(2):
        model.reply([f"Answer {number}", "."], when=f"Question {number}", times=1)
        answer = await asyncio.to_thread(
            client.chat_messages, asked(f"Question {number}", conversation_id, user="amy")
        )
        assert (answer.answer, answer.mode) == (f"Answer {number}.", "advanced-chat")
        assert answer.metadata.usage.total_tokens > 0
        # The library's type of an answer leaves the conversation out.
        conversation_id = await _only_conversation(stack, "amy")
    words = [f"word{number} " for number in range(40)]
    model.reply(words, reasoning=["Let me ", "see."])
    request = asked("Question 2", conversation_id, response_mode=STREAMING, user="amy")
    frames = await asyncio.to_thread(lambda: list(client.chat_messages(request)))
    assert [one["content"] for one in model.requests[-1]["messages"]] == [
        *("Question 0", "Answer 0.", "Question 1", "Answer 1.", "Question 2"),
    ]
    pieces = [one for one in frames if one.event == models.StreamEvent.MESSAGE]
    run_id = frames[0].task_id
    chunks = await stack.bus.chunks.read(run_id)
    sent = [one.chunk.text for one in chunks if one.chunk.kind == "text" and one.chunk.text]
    assert "".join(one.answer for one in pieces) == "".join(sent) == "".join(words)
    assert {one.conversation_id for one in pieces} == {conversation_id}
    assert [str(one.event) for one in frames[-2:]] == ["workflow_finished", "message_end"]
    assert frames[-1].metadata.usage.total_tokens > 0


async def _only_conversation(stack: Stack, user: str) -> str:
    async with httpx.AsyncClient(base_url=stack.gateway, headers=HEADERS) as http:
        listed = (await http.get(f"/dify/chat/v1/conversations?user={user}")).json()
    [one] = listed["data"]
    return str(one["id"])


async def test_stop_ends_the_run(stack: Stack, model: OpenAIServer) -> None:
    client = client_of(stack, "chat")
    gate = asyncio.Event()
    model.reply(["One ", "two ", "three"], gate=gate, gate_after=1)

    def stopped_on_the_way() -> list[Any]:
        frames = []
        for frame in client.chat_messages(asked("Count", response_mode=STREAMING)):
            frames.append(frame)
            if frame.event == models.StreamEvent.MESSAGE:
                request = models.StopRequest(user="bob")
                with pytest.raises(errors.DifyResourceNotFound):
                    client.stop_chat_messages(frame.task_id, request)
                with pytest.raises(errors.DifyResourceNotFound):
                    client_of(stack, "grüße").stop_workflows(
                        frame.task_id, models.StopRequest(user="ann")
                    )
                done = client.stop_chat_messages(frame.task_id, models.StopRequest(user="ann"))
                assert done.result == "success"
        return frames

    frames = await asyncio.to_thread(stopped_on_the_way)
    gate.set()
    told = {str(one.event): one for one in frames}
    assert finished(told["workflow_finished"]).status == models.WorkflowStatus.STOPPED
    assert node_finished(told["node_finished"]).status == models.WorkflowStatus.STOPPED
    assert "message_end" in told
    view = await stack.runs.get(frames[0].task_id)
    assert view is not None
    assert view.status == "cancelled"
    again = models.StopRequest(user="ann")
    assert (
        await asyncio.to_thread(client.stop_chat_messages, frames[0].task_id, again)
    ).result == "success"


async def test_conversations_and_messages_are_listed_by_pages(
    stack: Stack, model: OpenAIServer
) -> None:
    model.reply("Yes.")
    client = client_of(stack, "chat")
    other = OtherClient.builder().domain(f"{stack.gateway}/dify/chat").build()
    talks = other.chat.v1.conversation
    await asyncio.to_thread(client.chat_messages, asked("First of all, is this kept?", user="bea"))
    first = await _only_conversation(stack, "bea")
    for number in range(2, 4):
        await asyncio.to_thread(
            client.chat_messages, asked(f"Question {number}", first, user="bea")
        )
    await asyncio.to_thread(client.chat_messages, asked("Another", user="bea"))

    listing = GetConversationsListRequest.builder().user("bea").limit(1).build()  # the newest
    page = await asyncio.to_thread(talks.list, listing, OPTION)
    assert ([one.name for one in page.data], page.has_more) == (["Another"], True)
    older = GetConversationsListRequest.builder().user("bea").last_id(page.data[0].id).build()
    page = await asyncio.to_thread(talks.list, older, OPTION)
    assert [(one.id, one.name) for one in page.data] == [(first, "First of all, is this kept?")]
    assert page.has_more is False

    history = GetMessageHistoryRequest.builder().user("bea").conversation_id(first)
    newest = await asyncio.to_thread(talks.history, history.limit(2).build(), OPTION)
    assert [(one.query, one.answer) for one in newest.data] == [
        ("Question 2", "Yes."),
        ("Question 3", "Yes."),
    ]
    assert newest.has_more is True
    before = history.first_id(newest.data[0].id).build()
    oldest = await asyncio.to_thread(talks.history, before, OPTION)
    assert [one.query for one in oldest.data] == ["First of all, is this kept?"]
    assert oldest.has_more is False

    renaming = RenameConversationRequestBody.builder().name("Kept").user("bea").build()
    request = RenameConversationRequest.builder().conversation_id(first).request_body(renaming)
    assert (await asyncio.to_thread(talks.rename, request.build(), OPTION)).success
    page = await asyncio.to_thread(talks.list, listing, OPTION)
    assert "Kept" in [one.name for one in page.data]
    goodbye = DeleteConversationRequestBody.builder().user("bea").build()
    removal = DeleteConversationRequest.builder().conversation_id(first).request_body(goodbye)
    await asyncio.to_thread(talks.delete, removal.build(), OPTION)
    gone = await asyncio.to_thread(talks.history, history.build(), OPTION)
    assert (gone.code, gone.success) == ("not_found", False)


async def test_files_go_along(stack: Stack) -> None:
    client = client_of(stack, "files")
    sent = ("Bericht.csv", b"a,b\n1,2\n", "text/csv")
    uploaded = await asyncio.to_thread(
        client.upload_files, sent, models.UploadFileRequest(user="ann")
    )
    assert (uploaded.name, uploaded.size, uploaded.extension) == ("Bericht.csv", 8, "csv")
    assert (uploaded.mime_type, uploaded.created_by) == ("text/csv", "ann")
    await asyncio.to_thread(
        client.upload_files, ("other.txt", sent[1], "text/plain"), models.UploadFileRequest()
    )
    file = models.File(type="document", transfer_method="local_file", upload_file_id=uploaded.id)
    request = models.WorkflowsRunRequest(
        inputs={"doc": file.model_dump(exclude_none=True)},
        response_mode=BLOCKING,
        user="ann",
        files=[file],
    )
    ended = await asyncio.to_thread(client.run_workflows, request)
    assert ended.data.outputs["doc"]["name"] == "Bericht.csv"
    assert [one["name"] for one in ended.data.outputs["files"]] == ["Bericht.csv"]
    assert [one["filename"] for one in ended.data.files] == ["Bericht.csv", "Bericht.csv"]
    async with httpx.AsyncClient(base_url=stack.gateway, headers=HEADERS) as http:
        bytes_of_it = await http.get(ended.data.files[0]["url"])
        assert (bytes_of_it.content, bytes_of_it.status_code) == (sent[1], 200)


async def test_a_failed_run_is_told(stack: Stack, model: OpenAIServer) -> None:
    model.reply(status=400, error={"message": "no such thing", "code": "bad"})
    client = client_of(stack, "chat")
    with pytest.raises(errors.DifyCompletionRequestError, match="no such thing"):
        await asyncio.to_thread(client.chat_messages, asked("Hi"))
    request = asked("Hi", response_mode=STREAMING)
    frames = await asyncio.to_thread(lambda: list(client.chat_messages(request)))
    told = {str(one.event): one for one in frames}
    assert node_finished(told["node_finished"]).status == models.WorkflowStatus.FAILED
    assert finished(told["workflow_finished"]).status == models.WorkflowStatus.FAILED
    assert "no such thing" in (finished(told["workflow_finished"]).error or "")
    assert (frames[-1].event, frames[-1].code) == ("error", "completion_request_error")


async def test_an_answer_that_begins_anew_is_replaced(stack: Stack, model: OpenAIServer) -> None:
    model.reply(["Half ", "an "], fault="cut", times=1)
    model.reply(["A whole ", "answer"])
    nodes = [
        {
            "id": "rounds",
            "type": "loop",
            "config": {
                "count": 2,
                "nodes": [{"id": "round", "type": "template", "config": {"template": "r"}}],
            },
        },
        {
            "id": "reply",
            "type": "llm",
            "config": {"prompt": "{{sys.query}}"},
            "retry": {"max_attempts": 2, "delay": 0.01},
        },
        {"id": "say", "type": "answer", "config": {"answer": "{{reply.output}}!"}},
    ]
    async with httpx.AsyncClient(base_url=stack.gateway, headers=HEADERS) as http:
        stored = await http.post("/api/workflows", json={"id": "again", "nodes": nodes})
        assert stored.status_code == 201, stored.text
    client = client_of(stack, "again")
    request = asked("Well?", response_mode=STREAMING, user="dan")
    frames = await asyncio.to_thread(lambda: list(client.chat_messages(request)))
    told = shown_in([one for one in frames if hasattr(one, "data")])
    assert [one for one in told if one[1] in ("rounds", "round")] == [
        ("loop_started", "rounds"),
        *(("loop_next", "rounds"), ("node_started", "round"), ("node_finished", "round")),
        *(("loop_next", "rounds"), ("node_started", "round"), ("node_finished", "round")),
        ("loop_completed", "rounds"),
    ]
    assert [name for name, node in told if node == "reply"] == [
        "node_started",
        "node_retry",
        "node_finished",
    ]
    shown = ""
    for one in frames:
        if one.event == models.StreamEvent.MESSAGE:
            shown += one.answer
        elif one.event == models.StreamEvent.MESSAGE_REPLACE:
            assert shown.startswith("Half")
            shown = one.answer
    assert shown == "A whole answer!"
    assert models.StreamEvent.MESSAGE_REPLACE in {one.event for one in frames}


async def test_the_program_of_the_guide(
    stack: Stack, model: OpenAIServer, capsys: pytest.CaptureFixture[str]
) -> None:
    model.reply(["Hello ", "yourself"])
    program = GUIDE.read_text().partition("```python\n")[2].partition("```")[0]
    program = program.replace("http://localhost:8321/dify/talk", f"{stack.gateway}/dify/chat")
    await asyncio.to_thread(exec, program.replace('"KEY"', repr(KEY)), {})
    assert capsys.readouterr().out.endswith("Hello yourself")


async def test_pings_come_while_a_person_is_waited_for(stack: Stack) -> None:
    nodes = [
        {"id": "ask", "type": "human", "config": {"message": "May I?"}},
        {"id": "end", "type": "end", "config": {"answer": "You may."}},
    ]
    async with httpx.AsyncClient(base_url=stack.gateway, headers=HEADERS, timeout=30) as http:
        await http.post("/api/workflows", json={"id": "asks", "nodes": nodes})
        body = {"inputs": {}, "user": "ann", "response_mode": "streaming"}
        lines, token = [], ""
        async with http.stream("POST", "/dify/asks/v1/workflows/run", json=body) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for line in answer.aiter_lines():
                lines.append(line)
                if "human_input_required" in line:
                    token = json.loads(line.removeprefix("data: "))["data"]["form_id"]
                if line == "event: ping" and token:
                    said = {"action": "approved"}
                    answered = await http.post(f"/api/reviews/{token}/answer", json=said)
                    assert answered.status_code < 300, answered.text
                    token = ""
        frames = [json.loads(one[6:]) for one in lines if one.startswith("data: ")]
        assert frames[-1]["data"]["outputs"]["answer"] == "You may."
        again = await http.get(
            f"/dify/asks/v1/workflow/{frames[0]['task_id']}/events", params={"user": "ann"}
        )
        repeated = [json.loads(one[6:]) for one in again.text.split("\n") if one[:6] == "data: "]
        assert repeated == frames


async def test_nobody_is_kept_waiting_for_a_client_that_hung_up(stack: Stack) -> None:
    nodes = [{"id": "ask", "type": "human", "config": {"message": "May I?"}}]
    async with httpx.AsyncClient(base_url=stack.gateway, headers=HEADERS) as http:
        await http.post("/api/workflows", json={"id": "unanswered", "nodes": nodes})
        body = {"user": "eve", "response_mode": "blocking"}
        for path in ("/dify/unanswered/v1/workflows/run", "/api/workflows/unanswered/run?wait=99"):
            with pytest.raises(httpx.ReadTimeout):
                await http.post(path, json=body if "dify" in path else {}, timeout=0.3)
    async with asyncio.timeout(5):
        while any("Backend" in repr(one) for one in asyncio.all_tasks()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_gateway_that_stops_says_so_in_the_stream(server: OpenAIServer) -> None:
    nodes = [
        {"id": "ask", "type": "human", "config": {"message": "May I?"}},
        {"id": "end", "type": "end", "config": {"answer": "You may."}},
    ]
    services = ("scheduler", "gateway")
    async with (
        running(services, model_url=server.base_url, sse_heartbeat=30) as stack,
        httpx.AsyncClient(base_url=stack.gateway, timeout=30) as http,
    ):
        await http.post("/api/workflows", json={"id": "asks", "nodes": nodes})
        body = {"inputs": {}, "user": "ann", "response_mode": "streaming"}
        frames = []
        async with http.stream("POST", "/dify/asks/v1/workflows/run", json=body) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    frames.append(json.loads(line[6:]))
                    if frames[-1]["event"] == "human_input_required":
                        stopping = asyncio.create_task(stack.services["gateway"].drain())
        await stopping
    assert (frames[-1]["event"], frames[-1]["status"]) == ("error", 503)
    assert frames[-1]["reason"] == "gateway.stopping"


async def test_what_cannot_be_asked(stack: Stack, model: OpenAIServer) -> None:
    model.reply("Yes.")
    with pytest.raises(errors.DifyAPIError) as refused:
        await asyncio.to_thread(
            client_of(stack, "chat", "app-wrong-wrong-wrong").chat_messages, asked("Hi", user="cid")
        )
    assert (refused.value.status, refused.value.code) == (401, "unauthorized")
    await asyncio.to_thread(client_of(stack, "chat").chat_messages, asked("Hi", user="cid"))
    ours = await _only_conversation(stack, "cid")
    chat, run, user = "/dify/chat/v1/chat-messages", "/dify/grüße/v1/workflows/run", {"user": "cid"}
    listed = "/dify/chat/v1/messages?user=cid&conversation_id=" + ours
    remote = {"type": "image", "transfer_method": "remote_url", "url": "http://10.0.0.1/"}
    local = {"type": "image", "transfer_method": "local_file"}
    wrong: list[tuple[str, str, Any, int, str]] = [
        ("POST", "/dify/nobody/v1/chat-messages", {**user, "query": "Hi"}, 404, "not_found"),
        ("POST", "/dify/%20/v1/workflows/run", {**user}, 404, "not_found"),
        ("POST", chat, {**user, "query": "Hi", "conversation_id": "none"}, 404, "not_found"),
        ("POST", chat, {"user": "bob", "query": "Hi", "conversation_id": ours}, 404, "not_found"),
        (
            *("POST", "/dify/grüße/v1/chat-messages"),
            {**user, "query": "Hi", "conversation_id": ours, "inputs": {"name": "Ann"}},
            *(404, "not_found"),
        ),
        ("POST", chat, {**user, "query": ""}, 400, "invalid_param"),
        ("POST", chat, {**user, "query": 5}, 400, "invalid_param"),
        ("POST", chat, {"query": "Hi"}, 400, "invalid_param"),
        ("POST", chat, {"query": "Hi", "user": ""}, 400, "invalid_param"),
        ("POST", chat, {"query": "Hi", "user": "x" * 600}, 400, "invalid_param"),
        ("POST", chat, {**user, "query": "Hi", "response_mode": "loud"}, 400, "invalid_param"),
        ("POST", chat, {**user, "query": "Hi", "files": [remote]}, 400, "invalid_param"),
        ("POST", chat, {**user, "query": "Hi", "files": [local]}, 400, "invalid_param"),
        ("POST", chat, {**user, "query": "Hi", "files": ["x"]}, 400, "invalid_param"),
        ("POST", chat, {**user, "query": "Hi", "files": [{}]}, 400, "invalid_param"),
        ("POST", run, {**user, "inputs": {}}, 400, "invalid_param"),
        ("POST", run, {**user, "inputs": {"name": 5}}, 400, "invalid_param"),
        ("POST", run, {**user, "inputs": []}, 400, "invalid_param"),
        ("POST", run, [], 400, "invalid_param"),
        ("POST", run, None, 400, "invalid_param"),
        ("POST", "/dify/chat/v1/workflows/9/run", user, 404, "not_found"),
        ("POST", "/dify/chat/v1/workflows/x/run", user, 404, "not_found"),
        ("POST", "/dify/chat/v1/workflows/tasks/none/stop", user, 404, "not_found"),
        ("POST", "/dify/chat/v1/workflows/tasks/%20/stop", user, 404, "not_found"),
        ("POST", "/dify/chat/v1/completion-messages", user, 404, "not_found"),
        ("GET", "/dify/chat/v1/workflows/run/none", None, 404, "not_found"),
        ("GET", "/dify/chat/v1/chat-messages", None, 405, "method_not_allowed"),
        ("GET", "/dify/chat/v1/messages?user=cid", None, 400, "invalid_param"),
        ("GET", listed + "&limit=0", None, 400, "invalid_param"),
        ("GET", listed + "&limit=%C2%B2", None, 400, "invalid_param"),
        ("GET", listed + "&first_id=none", None, 404, "not_found"),
        ("GET", listed.replace("cid", "bob"), None, 404, "not_found"),
        ("GET", "/dify/chat/v1/conversations?user=cid&last_id=none", None, 404, "not_found"),
        ("GET", "/dify/chat/v1/conversations?sort_by=name", None, 400, "invalid_param"),
        ("GET", "/dify/chat/v1/files/none/preview", None, 404, "not_found"),
        ("GET", f"/dify/chat/v1/files/{'0' * 64}.x/preview", None, 404, "not_found"),
        ("POST", "/dify/chat/v1/files/upload", user, 400, "no_file_uploaded"),
        ("POST", "/dify/nobody/v1/files/upload", None, 404, "not_found"),
        ("POST", f"/dify/chat/v1/conversations/{ours}/name", user, 400, "invalid_param"),
        ("DELETE", f"/dify/chat/v1/conversations/{ours}", {"user": "bob"}, 404, "not_found"),
    ]
    async with httpx.AsyncClient(base_url=stack.gateway, headers=HEADERS, timeout=30) as http:
        for method, path, body, status, code in wrong:
            answer = await http.request(method, path, json=body)
            said = answer.json()
            assert (answer.status_code, said.get("code")) == (status, code), (path, body, said)
            assert (said["status"], bool(said["message"])) == (status, True)
        for raw in (b"", b"{", b"\xff"):
            answer = await http.post(run, content=raw)
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid_param")
        form = (await http.get("/dify/files/v1/parameters?user=cid")).json()
        assert [next(iter(one)) for one in form["user_input_form"]] == ["file", "paragraph"]
        assert (await http.get("/dify/chat/v1/info")).json()["name"] == "Small talk"
        kept = (await http.get(listed)).json()["data"]
        assert [(one["query"], one["answer"]) for one in kept] == [("Hi", "Yes.")]
