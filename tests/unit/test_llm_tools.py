"""Tools as they are sent, the names that models make of them, and calls in a conversation."""

from __future__ import annotations

import re
from typing import Any

import pytest

from runfold.errors import NodeFailed
from runfold.graph.kinds.llm import LLMConfig
from runfold.model_endpoints.refused_features import refuses_tools
from runfold_executor_llm.conversation import conversation
from runfold_executor_llm.tool_calls import RawCall
from runfold_executor_llm.tools import Toolbox

SCHEMA = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}
FIND = {"name": "find", "description": "Finds a word", "parameters": SCHEMA}
USER = {"role": "user", "content": "Hi"}


def test_how_tools_are_sent() -> None:
    sent = Toolbox([FIND, {"name": "now"}]).parameters()
    assert sent == {
        "tools": [
            {"type": "function", "function": FIND},
            {
                "type": "function",
                "function": {"name": "now", "parameters": {"type": "object", "properties": {}}},
            },
        ]
    }
    assert Toolbox([{"type": "function", "function": FIND}]).parameters()["tools"] == [
        sent["tools"][0]
    ]


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", None),
        ("none", "none"),
        ("required", "required"),
        ("find", {"type": "function", "function": {"name": "find"}}),
    ],
)
def test_the_choice(choice: str, sent: Any) -> None:
    assert Toolbox([FIND], choice).parameters().get("tool_choice") == sent


@pytest.mark.parametrize(
    ("tools", "choice", "named"),
    [
        ([{"description": "x"}], "auto", "tools[0] has no name"),
        ([FIND, FIND], "auto", "two tools 'find'"),
        ([{"name": "x", "parameters": "no schema"}], "auto", "tools[0] ('x')"),
        ([{"name": "x", "parameters": {"type": "string"}}], "auto", "an object"),
        ([7], "auto", "tools[0] has no name"),
        ([FIND], "other", "tool_choice names 'other'"),
    ],
)
def test_tools_that_are_none(tools: list[Any], choice: str, named: str) -> None:
    with pytest.raises(NodeFailed) as failed:
        Toolbox(tools, choice)
    assert (failed.value.code, failed.value.retryable) == ("llm.tools_invalid", False)
    assert named in failed.value.message


def test_names_that_the_api_does_not_take() -> None:
    names = ["shop.find", "shop_find", "查询订单", "退款", "x" * 80, "x" * 81]
    box = Toolbox([{"name": name, "description": "Says"} for name in names])
    sent = [tool["function"] for tool in box.parameters()["tools"]]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", one["name"]) for one in sent)
    assert len({one["name"] for one in sent}) == len(names)
    assert [box.named(one["name"]) for one in sent] == names
    assert sent[2]["description"] == "查询订单: Says"
    assert sent[1]["description"] == "Says"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("find", "find"),
        ("functions.find", "find"),
        ("functions.find:0", "find"),
        ("default_api.find", "find"),
        ("multi_tool.functions.find", "find"),
        ("functions::find", "find"),
        ("tools/find", "find"),
        (" `find` ", "find"),
        ("a.b", "a.b"),
        ("a_b", "a.b"),
        ("functions.a.b", "a.b"),
        ("Find", None),
        ("findings", None),
        ("", None),
    ],
)
def test_altered_names(written: str, name: str | None) -> None:
    assert Toolbox([FIND, {"name": "a.b"}]).named(written) == name


def test_calls_as_outputs() -> None:
    box = Toolbox([FIND])
    raw = [
        RawCall("x", "functions.find", '{"word": "tea"}', {"extra_content": {"a": 1}}),
        RawCall("", "find", "{", {}),
        RawCall("", "lose", "{}", {}),
    ]
    assert box.calls(raw, [USER]) == [
        {
            "id": "x",
            "name": "find",
            "arguments": {"word": "tea"},
            "raw": '{"word": "tea"}',
            "problem": "",
            "extra": {"extra_content": {"a": 1}},
        },
        {
            "id": "call_1_2",
            "name": "find",
            "arguments": None,
            "raw": "{",
            "problem": "not_json",
            "reason": "it ends too early",
        },
        {
            "id": "call_1_3",
            "name": "lose",
            "arguments": {},
            "raw": "{}",
            "problem": "unknown_tool",
            "reason": "there is no tool 'lose'; known: 'find'",
        },
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"name": "find", "arguments": {"word": "tea"}}', '{"word":"tea"}'),
        ('```json\n{"name": "find", "parameters": {"word": "tea"}}\n```', '{"word":"tea"}'),
        ('{"type": "function", "function": {"name": "find", "arguments": {}}}', "{}"),
        ('<tool_call>\n{"name": "find", "arguments": {}}\n</tool_call>', "{}"),
        ('<tool_call>{"name": "functions.find"}', "{}"),
        ('I use {"name": "find", "arguments": {}}', None),
        ('{"name": "lose", "arguments": {}}', None),
        ('{"name": "find", "arguments": "tea"}', None),
        ('{"find": {}}', None),
        ("find", None),
        ('Well <tool_call>{"name": "find"}</tool_call>', None),
    ],
)
def test_calls_printed_as_text(text: str, found: str | None) -> None:
    calls = Toolbox([FIND]).calls_in_text(text)
    assert [call.arguments for call in calls] == ([] if found is None else [found])


# A conversation with calls


def test_calls_and_results_are_sent_on() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    messages = [
        USER,
        {"role": "assistant", "content": None, "tool_calls": [call], "reasoning_content": ""},
        {"role": "tool", "tool_call_id": "a", "content": {"found": 1}},
        {"role": "assistant", "content": "", "tool_calls": []},
    ]
    assert conversation(LLMConfig(messages=messages)) == [
        USER,
        {"role": "assistant", "content": None, "tool_calls": [call], "reasoning_content": ""},
        {"role": "tool", "tool_call_id": "a", "content": '{"found":1}'},
        {"role": "assistant", "content": ""},
    ]


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        ('{"word":"tea"}', '{"word":"tea"}'),
        ({"word": "tea"}, '{"word":"tea"}'),
        ('{"word": "te', "{}"),
        ("not JSON", "{}"),
        ('["tea"]', "{}"),
        ("", "{}"),
        (None, "{}"),
        (7, "{}"),
    ],
)
def test_arguments_are_sent_back_as_an_object(arguments: Any, sent: str) -> None:
    output = {"id": "a", "name": "a.b", "arguments": arguments, "raw": "{", "problem": "not_json"}
    for call in (output, {"id": "a", "function": {"name": "a.b", "arguments": arguments}}):
        config = LLMConfig(messages=[USER, {"role": "assistant", "tool_calls": [call]}])
        message = conversation(config, Toolbox([{"name": "a.b"}]))[1]
        function = {"name": "a_b", "arguments": sent}
        assert message["tool_calls"] == [{"id": "a", "type": "function", "function": function}]
        assert message["content"] is None


def test_a_signed_thought_is_sent_back() -> None:
    signed = {"extra_content": {"google": {"thought_signature": "AbC"}}}
    given = {"id": "a", "name": "find", "arguments": {}, "extra": signed}
    for call in (given, {**given, "extra": {}, **signed}):
        config = LLMConfig(messages=[USER, {"role": "assistant", "tool_calls": [call]}])
        assert conversation(config)[1]["tool_calls"][0]["extra_content"] == signed["extra_content"]


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ({"role": "user", "tool_calls": [{}]}, "messages[0]: tool_calls"),
        ({"role": "assistant", "tool_calls": {"id": 1}}, "messages[0]: tool_calls"),
        ({"role": "assistant", "tool_calls": ["x"]}, "messages[0].tool_calls[0] is not a call"),
        ({"role": "assistant", "tool_calls": [{"name": "x"}]}, "messages[0].tool_calls[0] has no"),
        ({"role": "tool", "content": "x"}, "needs tool_call_id"),
    ],
)
def test_calls_that_are_none(message: dict[str, Any], named: str) -> None:
    with pytest.raises(NodeFailed) as failed:
        conversation(LLMConfig(messages=[message]))
    assert failed.value.code == "llm.messages_invalid"
    assert named in failed.value.message


# Servers without tools


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "registry.ollama.ai/library/gemma3:4b does not support tools"),
        (404, "No endpoints found that support tool use. To learn more, visit the docs"),
        (
            400,
            '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser',
        ),
        (500, "tools param requires --jinja flag"),
        (400, "`tool calling` is not supported with this model"),
        (400, "Function calling is not enabled for models/gemma-3-27b-it"),
        (400, "This model doesn't support tool use."),
        (400, "mistralai/x is not supported for function calling"),
        (400, "deepseek-reasoner does not support Function Calling"),
        (400, "Unrecognized request argument supplied: tools"),
        (
            422,
            '{"detail":[{"type":"extra_forbidden","loc":["body","tools"],"msg":"Extra inputs"}]}',
        ),
        (None, "This model does not support function calling"),
    ],
)
def test_a_server_that_refuses_tools(status: int | None, said: str) -> None:
    assert refuses_tools(status, said)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "Invalid schema for function 'find': 'word' is not of type 'object'"),
        (400, "Unknown parameter: 'tools[0].function.strict'."),
        (422, '{"detail":[{"type":"extra_forbidden","loc":["body","tools",0,"x"],"msg":"Extra"}]}'),
        (400, "deepseek-reasoner does not support this tool_choice"),
        (400, "Missing `reasoning_content` field in the assistant message at message index 2"),
        (401, "does not support tools"),
        (429, "does not support tools"),
        (400, "This model does not support images"),
        (500, "the tools server crashed"),
    ],
)
def test_other_refusals(status: int, said: str) -> None:
    assert not refuses_tools(status, said)
