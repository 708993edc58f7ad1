"""What servers refuse of a request, in their own words, and what is sent instead."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runfold.model_endpoints.providers import Endpoint
from runfold.model_endpoints.refusals import Refusals
from runfold_executor_llm.dialects import Call, arguments, refusal

ENDPOINT = Endpoint(name="", base_url="http://127.0.0.1:1/v1", api_key="none", model="m")
SCHEMA = {"type": "object", "required": ["mark"]}
JSON_SCHEMA = {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}
NONE: frozenset[str] = frozenset()


def call(**parameters: Any) -> Call:
    messages = [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "Mark it"},
    ]
    return Call(endpoint=ENDPOINT, messages=messages, parameters=parameters)


def detail(*place: str, message: str = "Extra inputs are not permitted") -> str:
    one = {"type": "extra_forbidden", "loc": ["body", *place], "msg": message}
    return json.dumps({"object": "error", "message": {"detail": [one]}})


@pytest.mark.parametrize(
    ("status", "said", "parameters", "refused"),
    [
        (400, "Unrecognized request argument supplied: stream_options", {}, {"stream_options"}),
        (422, detail("stream_options", "include_usage"), {}, {"stream_options"}),
        (
            400,
            (
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead."
            ),
            {"max_tokens": 9, "temperature": 1.0},
            {"max_tokens"},
        ),
        (
            400,
            (
                "Unsupported value: 'temperature' does not support 0 with this model. "
                "Only the default (1) value is supported."
            ),
            {"temperature": 0.0, "top_p": 0.9},
            {"temperature"},
        ),
        (422, detail("frequency_penalty"), {"frequency_penalty": 0.1}, {"frequency_penalty"}),
        (422, detail("seed"), {"seed": 1, "temperature": 0.0}, {"seed"}),
        (400, "System role not supported", {}, {"system"}),
        (400, "Developer instruction is not enabled for models/gemma-3", {}, {"system"}),
        (
            400,
            "'response_format.type' must be 'json_schema' or 'text'",
            {"response_format": {"type": "json_object"}},
            {"json_object"},
        ),
        (
            400,
            "This response_format type is unavailable now",
            {"response_format": JSON_SCHEMA},
            {"json_schema"},
        ),
        (
            500,
            "response_format.type: should be 'text'",
            {"response_format": JSON_SCHEMA},
            {"json_schema"},
        ),
        (
            400,
            "tool_choice 'required' is incompatible with thinking enabled",
            {"tool_choice": "required"},
            {"tool_choice"},
        ),
        (
            400,
            "'response_format.type' must be 'json_schema'",
            {"response_format": {"type": "text"}},
            {"text"},
        ),
    ],
)
def test_refusals(status: int, said: str, parameters: dict[str, Any], refused: set[str]) -> None:
    found = refusal(status, said, call(**parameters), NONE)
    assert found is not None
    assert found == (refused, True)
    assert (
        refusal(status, said, call(**parameters), found.names) is None or "response_format" in said
    )


@pytest.mark.parametrize(
    ("status", "said", "parameters"),
    [
        (400, "temperature must be at most 2", {"temperature": 3.0}),
        (400, "'stop' is not supported with this model", {"stop": "x"}),
        (400, "Unsupported value: 'temperature'", {}),
        (401, "stream_options unknown", {}),
        (503, "Unsupported: 'temperature'", {"temperature": 0.0}),
        (400, "This model's maximum context length is 4096 tokens", {"max_tokens": 9}),
    ],
)
def test_what_is_for_the_author_to_mend(status: int, said: str, parameters: dict[str, Any]) -> None:
    assert refusal(status, said, call(**parameters), NONE) is None


def test_a_schema_that_is_not_taken_says_nothing_about_the_next() -> None:
    said = "Invalid schema for response_format 'answer': 'additionalProperties' is required"
    found = refusal(400, said, call(response_format=JSON_SCHEMA), NONE)
    assert found == ({"json_schema"}, False)


def test_formats_become_plainer_step_by_step() -> None:
    asked = call(response_format=JSON_SCHEMA)
    sent = [
        arguments(asked, frozenset(refused))
        for refused in ((), ("json_schema",), ("json_schema", "json_object"))
    ]
    forms = [one.get("response_format") for one in sent]
    assert forms == [JSON_SCHEMA, {"type": "json_object", "schema": SCHEMA}, None]
    for plainer in sent[1:]:
        roles = [message["role"] for message in plainer["messages"]]
        assert roles == ["system", "user"], "some servers take one system message only"
        assert '"required": ["mark"]' in plainer["messages"][0]["content"]
        assert plainer["messages"][0]["content"].endswith("Be brief")


def test_json_as_a_server_takes_it_that_knows_schemas_alone() -> None:
    asked = call(response_format={"type": "json_object"})
    instead = arguments(asked, frozenset(("json_object",)))["response_format"]
    assert instead["json_schema"]["schema"] == {"type": "object"}
    assert "response_format" not in arguments(asked, frozenset(("json_object", "json_schema")))


def test_parameters_are_left_out_or_renamed() -> None:
    asked = call(temperature=0.0, max_tokens=9, stop="END")
    sent = arguments(asked, frozenset(("temperature", "max_tokens", "stream_options")))
    assert "temperature" not in sent
    assert "stream_options" not in sent
    assert (sent["max_completion_tokens"], sent["stop"]) == (9, "END")
    assert "max_tokens" not in sent


def test_a_model_without_a_system_prompt() -> None:
    refused = frozenset(("system",))
    assert arguments(call(), refused)["messages"] == [
        {"role": "user", "content": "Be brief\n\nMark it"}
    ]
    parts = [{"type": "image_url", "image_url": {"url": "data:,"}}]
    messages = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": parts}]
    asked = Call(endpoint=ENDPOINT, messages=messages)
    content = arguments(asked, refused)["messages"][0]["content"]
    assert content == [{"type": "text", "text": "Be brief"}, *parts]
    alone = Call(endpoint=ENDPOINT, messages=messages[:1])
    assert arguments(alone, refused)["messages"] == [{"role": "user", "content": "Be brief"}]


def test_a_system_prompt_in_parts_is_kept() -> None:
    parts = [{"type": "text", "text": "Be brief"}, {"type": "text", "text": "Be kind"}]
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": parts},
        {"role": "user", "content": "Mark it"},
    ]
    form = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}
    asked = Call(endpoint=ENDPOINT, messages=messages, parameters={"response_format": form})
    refused = frozenset(("json_schema", "json_object"))
    first, second = arguments(asked, refused)["messages"]
    assert (first["role"], first["content"][1:], second["role"]) == ("system", parts, "user")
    only = arguments(asked, refused | {"system"})["messages"]
    assert [one["role"] for one in only] == ["user"]
    assert only[0]["content"].endswith("Be brief\n\nBe kind\n\nMark it")


def test_what_was_refused_is_known_for_the_endpoint_and_model() -> None:
    refusals = Refusals()
    refusals.learn(call().endpoint, frozenset(("seed",)))
    refusals.learn(call().endpoint, frozenset(("top_p",)))
    other = Call(endpoint=Endpoint(name="", base_url="x", api_key="", model="m"), messages=[])
    assert refusals.of(call().endpoint) == {"seed", "top_p"}
    assert refusals.of(other.endpoint) == frozenset()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "Conversation roles must alternate user/assistant/user/assistant/..."),
        (500, "After the optional system message, conversation roles must alternate at row 12"),
        (400, "System message must be at the beginning."),
    ],
)
def test_a_template_that_wants_roles_to_alternate(status: int, said: str) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:,"}}
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "Look"},
        {"role": "user", "content": [picture]},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "a"}]},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": "2"},
        {"role": "developer", "content": [{"type": "text", "text": "Be kind"}]},
        {"role": "user", "content": "Mark it"},
    ]
    asked = Call(endpoint=ENDPOINT, messages=messages)
    found = refusal(status, said, asked, frozenset())
    assert found is not None
    sent = arguments(asked, found.names)["messages"]
    roles = ["system", "user", "assistant", "tool", "tool", "user"]
    assert [one["role"] for one in sent] == roles
    assert [part["text"] for part in sent[0]["content"]] == ["Be brief", "Be kind"]
    assert sent[1]["content"] == [{"type": "text", "text": "Look"}, picture]
    assert refusal(status, said, Call(endpoint=ENDPOINT, messages=sent), frozenset()) is None
