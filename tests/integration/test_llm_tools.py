"""Rounds with tools against a server that answers as real ones do, over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from openai.types import chat
from pydantic import TypeAdapter

from runfold.errors import NodeFailed
from runfold.executor.conformance import run_node
from runfold.graph.kinds.llm import LLMConfig
from runfold.settings import Settings
from runfold_executor_llm import llm
from tests.support.model_bodies import DONE, chunk, event, whole
from tests.support.node_contexts import RecordingContext, attempted
from tests.support.openai_server import OpenAIServer

MESSAGE: TypeAdapter[Any] = TypeAdapter(chat.ChatCompletionMessageParam)
TOOL: TypeAdapter[Any] = TypeAdapter(list[chat.ChatCompletionToolParam])
CHOICE: TypeAdapter[Any] = TypeAdapter(chat.ChatCompletionToolChoiceOptionParam)
FIND = {
    "name": "find",
    "description": "Finds a word",
    "parameters": {"type": "object", "properties": {"word": {"type": "string"}}},
}
TOOLS = [FIND, {"name": "now"}]
TEA, RICE = '{"word": "tea"}', '{"word": "rice"}'
STOP = chunk(finish="stop")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as scripted:
        yield scripted


def settings(server: OpenAIServer) -> Settings:
    return Settings(openai_base_url=server.base_url)


async def answered(server: OpenAIServer, *pieces: bytes, **config: Any) -> dict[str, Any]:
    """The outputs for a body that the server sends."""
    if pieces:
        server.reply(raw=pieces)
    ctx = RecordingContext(settings(server))
    config = {"prompt": "Hi", "tools": TOOLS, **config}
    return (await attempted(llm.NODE, ctx, LLMConfig(**config))).outputs


async def failed(server: OpenAIServer, *pieces: bytes, **config: Any) -> NodeFailed:
    with pytest.raises(NodeFailed) as caught:
        await answered(server, *pieces, **config)
    return caught.value


def call(name: str | None = "find", arguments: Any = TEA, **about: Any) -> dict[str, Any]:
    """An entry of `tool_calls`."""
    function = {"arguments": arguments} | ({} if name is None else {"name": name})
    return {"type": "function", "function": function, **about}


def calls(*entries: dict[str, Any], finish: Any = None) -> bytes:
    """A chunk with pieces of calls."""
    return chunk({"content": None, "tool_calls": list(entries)}, finish)


def asked(outputs: dict[str, Any]) -> list[tuple[str, Any]]:
    """Name and arguments of each call."""
    return [(one["name"], one["arguments"]) for one in outputs["tool_calls"]]


BOTH = [("find", {"word": "tea"}), ("find", {"word": "rice"})]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(
            [
                calls(call("find", "", index=0, id="a")),
                calls(call(None, TEA[:6], index=0)),
                calls(call("find", "", index=1, id="b")),
                calls(call(None, RICE[:9], index=1), call(None, TEA[6:], index=0)),
                calls(call(None, RICE[9:], index=1)),
                chunk(finish="tool_calls"),
            ],
            id="interleaved",
        ),
        pytest.param(
            [calls(call(id="a")), calls(call(arguments=RICE, id="b")), STOP], id="no index"
        ),
        pytest.param([calls(call(), call(arguments=RICE)), STOP], id="neither index nor id"),
        pytest.param(
            [calls(call(index=0, id="a")), calls(call(arguments=RICE, index=0, id="b")), STOP],
            id="all index 0",
        ),
        pytest.param([calls(call(arguments=TEA + RICE, index=0, id="a")), STOP], id="in a row"),
        pytest.param(
            [calls(call(index=0, id=""), call(arguments=RICE, index=1, id="")), STOP],
            id="empty ids",
        ),
        pytest.param(
            [calls(call(index=0, id="a"), call(arguments=RICE, index=1, id="a")), STOP],
            id="one id twice",
        ),
        pytest.param(
            [
                calls(call(arguments=json.loads(TEA), index=0), call(arguments=RICE, index=1)),
                STOP,
            ],
            id="an object as arguments",
        ),
        pytest.param(
            [calls(call("functions.find", index=0), call("find:1", RICE, index=1)), STOP],
            id="altered names",
        ),
        pytest.param([calls(call(), call(arguments=RICE)), DONE], id="no finish reason"),
        pytest.param([calls(call(), call(arguments=RICE), finish="end_turn"), DONE], id="end_turn"),
    ],
)
async def test_two_calls(server: OpenAIServer, pieces: list[bytes]) -> None:
    outputs = await answered(server, *pieces)
    assert asked(outputs) == BOTH
    assert len({one["id"] for one in outputs["tool_calls"]}) == 2
    assert all(one["id"] and not one["problem"] for one in outputs["tool_calls"])
    assert outputs["output"] == ""


@pytest.mark.parametrize("finish", ["stop", "tool_calls", "end_turn", None])
@pytest.mark.parametrize("content", [None, "", "Let me look."])
async def test_whole_answers(server: OpenAIServer, content: Any, finish: Any) -> None:
    message = {"role": "assistant", "content": content, "tool_calls": [call(id="a"), call("now")]}
    outputs = await answered(server, whole(message, finish), stream=False)
    assert asked(outputs) == [("find", {"word": "tea"}), ("now", {"word": "tea"})]
    assert outputs["output"] == (content or "")


async def test_what_is_sent(server: OpenAIServer) -> None:
    await answered(server, calls(call()), STOP, tool_choice="required")
    await answered(server, tool_choice="find")
    await answered(server)
    first, second, third = server.requests
    assert first["tools"][0] == {"type": "function", "function": FIND}
    assert first["tool_choice"] == "required"
    assert second["tool_choice"] == {"type": "function", "function": {"name": "find"}}
    assert "tool_choice" not in third


async def test_text_beside_a_call_reasoning_and_usage(server: OpenAIServer) -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 4}
    ctx = RecordingContext(settings(server))
    server.reply(
        raw=[
            chunk({"reasoning_content": "I look."}),
            chunk("Let me see."),
            calls(call("now", "", index=0, id="a"), finish="stop"),
            event({"choices": [], "usage": usage}),
            DONE,
        ]
    )
    outcome = await attempted(llm.NODE, ctx, LLMConfig(prompt="Hi", tools=TOOLS))
    outputs = outcome.outputs
    assert (outputs["output"], outputs["reasoning"]) == ("Let me see.", "I look.")
    assert outputs["usage"]["total_tokens"] == 7
    assert outputs["tool_calls"] == [
        {"id": "a", "name": "now", "arguments": {}, "raw": "", "problem": ""}
    ]
    assert [kind for kind, _, _ in ctx.streamed] == ["reasoning", "text"]


async def test_an_answer_without_calls(server: OpenAIServer) -> None:
    outputs = await answered(server, chunk("Tea."), STOP, DONE)
    assert (outputs["output"], outputs["tool_calls"]) == ("Tea.", [])


@pytest.mark.parametrize(
    ("arguments", "problem"), [('{"word": "te', "not_json"), ('["tea"]', "not_an_object")]
)
async def test_arguments_that_cannot_be_read(
    server: OpenAIServer, arguments: str, problem: str
) -> None:
    outputs = await answered(server, calls(call(arguments=arguments, id="a")), STOP)
    found = outputs["tool_calls"][0]
    assert (found["arguments"], found["raw"], found["problem"]) == (None, arguments, problem)
    assert found["reason"]


async def test_a_tool_that_there_is_not(server: OpenAIServer) -> None:
    outputs = await answered(server, calls(call("lose", "{}", id="a"), call("", id="b")), STOP)
    assert [one["problem"] for one in outputs["tool_calls"]] == ["unknown_tool"] * 2
    assert "'find'" in outputs["tool_calls"][0]["reason"]


async def test_calls_that_were_cut_off(server: OpenAIServer) -> None:
    cut = calls(call(arguments=TEA[:8], id="a"))
    failure = await failed(server, cut, chunk(finish="length"), DONE)
    assert (failure.code, failure.retryable) == ("llm.truncated", False)
    kept = await answered(server, on_length="keep")
    assert kept["tool_calls"][0]["problem"] == "not_json"
    server.rules.clear()
    assert (await failed(server, cut)).code == "llm.stream_cut"


async def test_calls_without_end(server: OpenAIServer) -> None:
    rule = server.reply(raw=[], endless=calls(call(id="")))
    failure = await failed(server)
    assert (failure.code, failure.kind) == ("llm.answer_too_long", "limit")
    await rule.gone.wait()


async def test_a_call_that_nobody_asked_for_is_no_success(server: OpenAIServer) -> None:
    failure = await failed(server, calls(call(id="a"), finish="tool_calls"), DONE, tools=[])
    assert (failure.code, failure.retryable) == ("llm.empty_answer", False)


async def test_a_call_printed_as_text(server: OpenAIServer) -> None:
    printed = chunk('{"name": "find", "parameters": {"word": "tea"}}')
    outputs = await answered(server, printed, STOP, DONE, repair_calls=True)
    assert (asked(outputs), outputs["output"]) == (BOTH[:1], "")
    outputs = await answered(server)
    assert outputs["tool_calls"] == []
    assert outputs["output"].startswith('{"name"')


async def test_a_schema_and_a_call(server: OpenAIServer) -> None:
    form = {"type": "object", "required": ["mark"]}
    outputs = await answered(server, calls(call()), STOP, DONE, response_format=form)
    assert "structured" not in outputs
    assert asked(outputs) == BOTH[:1]


# The next round

ROUND = [
    {"role": "user", "content": "Hi"},
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"id": "call_1_1", "name": "find", "arguments": None, "raw": "{"}],
    },
    {"role": "tool", "tool_call_id": "call_1_1", "content": "not JSON"},
]


async def test_the_next_round(server: OpenAIServer) -> None:
    outputs = await answered(server, calls(call(id="call_1_1")), STOP, messages=ROUND, prompt="")
    sent = server.requests[0]["messages"]
    assert sent[1]["tool_calls"][0]["function"] == {"name": "find", "arguments": "{}"}
    assert (sent[1]["content"], sent[2]["tool_call_id"]) == (None, "call_1_1")
    assert outputs["tool_calls"][0]["id"] == "call_2_1"


def refuse(server: OpenAIServer, message: str, **rule: Any) -> None:
    """Have the server refuse a form once, and then answer."""
    server.fail(400, message, times=1, **rule)
    server.reply("Tea.")


@pytest.mark.parametrize(
    "said",
    [
        "Missing `reasoning_content` field in the assistant message at message index 1",
        "thinking is enabled but reasoning_content is missing in assistant tool call message",
        "The reasoning_content in the thinking mode must be passed back to the API.",
    ],
)
async def test_reasoning_that_a_server_wants_back(server: OpenAIServer, said: str) -> None:
    refuse(server, said)
    await answered(server, messages=ROUND, prompt="")
    first, second = (request["messages"][1] for request in server.requests)
    assert "reasoning_content" not in first
    assert second["reasoning_content"] == ""


@pytest.mark.parametrize(
    "said",
    [
        "'messages.1' : property 'reasoning_content' is unsupported",
        '{"loc": ["body", "messages", 1, "reasoning_content"], "type": "extra_forbidden"}',
    ],
)
async def test_reasoning_that_a_server_refuses(server: OpenAIServer, said: str) -> None:
    refuse(server, said)
    thought = [ROUND[0], {**ROUND[1], "reasoning_content": "I look."}, ROUND[2]]
    await answered(server, messages=thought, prompt="")
    first, second = (request["messages"][1] for request in server.requests)
    assert first["reasoning_content"] == "I look."
    assert "reasoning_content" not in second


async def test_ids_that_a_server_refuses(server: OpenAIServer) -> None:
    refuse(server, "Tool call id was call_1_1 but must be a-z, A-Z, 0-9, with a length of 9.")
    await answered(server, messages=ROUND, prompt="")
    _, assistant, tool = server.requests[1]["messages"]
    assert tool["tool_call_id"] == assistant["tool_calls"][0]["id"]
    assert len(tool["tool_call_id"]) == 9
    assert tool["tool_call_id"].isalnum()


async def test_null_that_a_server_refuses(server: OpenAIServer) -> None:
    refuse(server, "messages.1.content: Input should be a valid string, got null")
    await answered(server, messages=ROUND, prompt="")
    assert [one["messages"][1]["content"] for one in server.requests] == [None, ""]


@pytest.mark.parametrize(
    "said",
    [
        "'messages.2' : for 'role:tool' the following must hold[property 'name' is unsupported]",
        '[{"type": "extra_forbidden", "loc": ["body", "messages", 2, "tool", "name"]}]',
    ],
)
async def test_names_of_results_that_a_server_refuses(server: OpenAIServer, said: str) -> None:
    refuse(server, said)
    named = [*ROUND[:2], {**ROUND[2], "name": "find"}]
    await answered(server, messages=named, prompt="")
    assert ["name" in one["messages"][2] for one in server.requests] == [True, False]


async def test_a_choice_that_a_model_does_not_have(server: OpenAIServer) -> None:
    refuse(server, "deepseek-reasoner does not support this tool_choice")
    await answered(server, tool_choice="required")
    assert ["tool_choice" in request for request in server.requests] == [True, False]


async def test_no_tool_may_be_called_and_the_server_does_not_know_how_to_say_so(
    server: OpenAIServer,
) -> None:
    refuse(server, "Unsupported parameter: tool_choice")
    outputs = await answered(server, tool_choice="none")
    assert ["tools" in request for request in server.requests] == [True, False]
    assert (outputs["output"], outputs["tool_calls"]) == ("Tea.", [])


async def test_requests_have_the_shapes_of_the_official_client(server: OpenAIServer) -> None:
    server.reply("Tea.")
    thought = {**ROUND[1], "content": "Let me see", "reasoning_content": "hm"}
    for messages in (ROUND, [ROUND[0], thought, {**ROUND[2], "name": "find"}]):
        await answered(server, messages=messages, tool_choice="find")
    for request in server.requests:
        for message in request["messages"]:
            read = MESSAGE.validate_python(message, strict=True)
            # What is to be iterated is checked when it is.
            assert list(read.get("tool_calls", ())) == message.get("tool_calls", [])
        TOOL.validate_python(request["tools"], strict=True)
        CHOICE.validate_python(request["tool_choice"], strict=True)


# Models without tools


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "registry.ollama.ai/library/gemma3:4b does not support tools"),
        (404, "No endpoints found that support tool use."),
        (400, '"auto" tool choice requires --enable-auto-tool-choice'),
        (500, "tools param requires --jinja flag"),
    ],
)
async def test_a_model_without_tools(server: OpenAIServer, status: int, said: str) -> None:
    server.fail(status, said)
    failure = await failed(server)
    assert (failure.code, failure.retryable) == ("llm.tools_unsupported", False)
    assert said[:20] in failure.message


async def test_a_model_without_tools_that_says_so_in_a_200(server: OpenAIServer) -> None:
    said = event({"error": {"message": "this model does not support tools", "code": 400}})
    assert (await failed(server, said)).code == "llm.tools_unsupported"
    plain = await failed(server, tools=[])
    assert plain.code != "llm.tools_unsupported"


async def test_tools_in_words(server: OpenAIServer) -> None:
    text = 'Thought: I look.\nAction: {"tool": "find", "arguments": {"word": "tea"}}'
    server.reply(text, times=1)
    server.reply("Thought: I know.\nAnswer: Hot.")
    result = await run_node(
        llm.NODE,
        {"prompt": "Hi", "tools": TOOLS, "tool_protocol": "text", "stop": "END"},
        settings=settings(server),
    )
    assert result.outputs is not None
    assert asked(result.outputs) == BOTH[:1]
    assert (result.outputs["output"], result.outputs["reasoning"]) == ("", "I look.")
    request = server.requests[0]
    assert "tools" not in request
    assert request["stop"] == ["END", "\nObservation:"]
    assert "- find: Finds a word" in request["messages"][0]["content"]
    outputs = await answered(server, messages=ROUND, prompt="", tool_protocol="text")
    assert (outputs["output"], outputs["tool_calls"]) == ("Hot.", [])
    assert server.prompts[-1] == "Observation: not JSON"
    assert server.requests[1]["messages"][2]["content"].startswith("Action: {")


async def test_a_server_that_refuses_to_stop_there(server: OpenAIServer) -> None:
    refuse(server, "Unsupported parameter: 'stop' is not supported with this model.")
    await answered(server, tool_protocol="text")
    assert ["stop" in request for request in server.requests] == [True, False]
    server.rules.clear()
    refuse(server, "Unsupported parameter: 'stop' is not supported with this model.")
    failure = await failed(server, tool_protocol="text", stop=["END"])
    assert failure.code == "llm.refused"
