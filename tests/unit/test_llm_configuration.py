"""What a configuration asks for: conversation, response format, endpoint, price."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.contracts.events import Usage
from runfold.errors import NodeFailed
from runfold.graph.kinds import structured as structured_kind
from runfold.graph.kinds.llm import KIND, LLMConfig
from runfold.model_endpoints.pricing import price_of, usage_of
from runfold.model_endpoints.providers import endpoint_for
from runfold.settings import LLMSettings, ModelPrice, Provider, Settings
from runfold_executor_llm.conversation import conversation
from runfold_executor_llm.llm import response_format
from runfold_executor_llm.structured import structured


def settings(key: str = "", url: str = "", **providers: Provider) -> Settings:
    return Settings(
        openai_api_key=key,  # type: ignore[arg-type]
        openai_base_url=url,
        llm=LLMSettings(default_model="small", providers=providers),
    )


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_the_order_of_a_conversation() -> None:
    history = [{"role": "user", "content": "1"}, {"role": "assistant", "content": "2"}]
    config = LLMConfig(
        prompt={"a": 1},
        system_prompt="Be brief",
        history=history,
        history_window=1,
        messages=[{"role": "assistant", "content": "So far"}],
    )
    assert conversation(config) == [
        {"role": "system", "content": "Be brief"},
        {"role": "assistant", "content": "2"},
        {"role": "assistant", "content": "So far"},
        {"role": "user", "content": '{"a":1}'},
    ]


@pytest.mark.parametrize(("window", "kept"), [(None, 2), (0, 0), (1, 1), (9, 2)])
def test_the_window_of_the_history(window: int | None, kept: int) -> None:
    history = [{"role": "user", "content": "1"}, {"role": "assistant", "content": "2"}]
    config = LLMConfig(prompt="x", history=history, history_window=window)
    assert len(conversation(config)) == kept + 1


def test_parts_with_images_go_as_they_are() -> None:
    parts = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]
    config = LLMConfig(messages=[{"role": "user", "content": parts}])
    assert conversation(config) == [{"role": "user", "content": parts}]


def test_a_system_message_stands_before_the_history() -> None:
    messages = [{"role": role, "content": role} for role in ("developer", "user", "system")]
    config = LLMConfig(messages=messages, history=[{"role": "assistant", "content": "old"}])
    roles = [one["role"] for one in conversation(config)]
    assert roles == ["developer", "assistant", "user", "system"]


@pytest.mark.parametrize(
    ("config", "named"),
    [
        (LLMConfig(), "nothing to ask"),
        (LLMConfig(prompt="x", history="no list"), "history is to be a list"),
        (LLMConfig(messages=[{"role": "user"}, {"role": "robot"}]), "messages[1]"),
        (LLMConfig(prompt="x", history=[{"role": ["user"]}]), "history[0]"),
        (LLMConfig(prompt="x", history=[{"role": {}}]), "history[0]"),
    ],
)
def test_messages_that_are_none(config: LLMConfig, named: str) -> None:
    with pytest.raises(NodeFailed) as failed:
        conversation(config)
    assert failed.value.code == "llm.messages_invalid"
    assert named in failed.value.message


def test_response_formats() -> None:
    schema = {"type": "object", "title": "The mark!", "properties": {"mark": {"type": "integer"}}}
    asked = {"type": "json_schema", "json_schema": {"name": "The_mark_", "schema": schema}}
    assert response_format("text") == (None, None)
    assert response_format("markdown") == (None, None)
    assert response_format("json") == ({"type": "json_object"}, None)
    assert response_format(schema) == (asked, schema)
    assert response_format({"type": "json_schema", "schema": schema}) == (asked, schema)
    whole = {"type": "json_schema", "json_schema": {"name": "m", "strict": True, "schema": schema}}
    assert response_format(whole) == (whole, schema)
    assert response_format({"type": "text"}) == ({"type": "text"}, None)


@pytest.mark.parametrize(
    "wanted",
    [
        {"type": "json_schema", "json_schema": "x"},
        {"type": "json_schema", "json_schema": {"schema": True}},
        {"type": "json_schema", "json_schema": {"name": 5, "schema": {}}},
        {"type": "json_schema", "schema": None},
        {"type": ["object"], "properties": {"a": {"type": "strin"}}},
        {"type": "objekt"},
        {"type": []},
    ],
)
def test_a_response_format_that_is_none(wanted: dict[str, Any]) -> None:
    with pytest.raises(NodeFailed) as failed:
        response_format(wanted)
    assert (failed.value.code, failed.value.retryable) == ("llm.schema_invalid", False)
    assert [one.field for one in KIND.rules({"prompt": "x", "response_format": wanted})] == [
        "response_format"
    ]


def test_messages_that_are_none_are_told_before_they_are_sent() -> None:
    user = {"role": "user", "content": "x"}
    wrong: list[Any] = [{"role": "robot"}, {"content": "x"}, "text", {"role": ["user"]}]
    given = [user, "{{one}}", {"role": "{{who}}"}, *wrong]
    for kind in (KIND, structured_kind.KIND):
        found = kind.rules({"messages": given, "schema": {}})
        assert [one.field for one in found] == [f"messages[{at}]" for at in (3, 4, 5, 6)]


@pytest.mark.parametrize(
    ("tools", "choice", "fields"),
    [
        ([{"name": "f"}, {"type": "function", "function": {"name": "g"}}], "g", []),
        ([{"name": "f"}, {"name": "f"}, {}, "f"], "h", [1, 2, 3, "tool_choice"]),
        ([{"name": "f"}], "{{x}}", []),
        ("{{tools}}", "f", []),
    ],
)
def test_tools_of_one_round(tools: Any, choice: str, fields: list[Any]) -> None:
    config = {"prompt": "x", "tools": tools, "tool_choice": choice, "transcript": []}
    expected = [f"tools[{one}]" if isinstance(one, int) else one for one in fields]
    assert [one.field for one in KIND.rules(config)] == expected


def test_parts_that_are_neither_text_nor_objects() -> None:
    content = conversation(LLMConfig(messages=[{"role": "user", "content": [5, None, "x"]}]))[0]
    assert [part["text"] for part in content["content"]] == ["5", "x"]


def test_json_is_asked_for_in_words_too() -> None:
    first = conversation(LLMConfig(prompt="x", system_prompt="Be brief", response_format="json"))[0]
    assert first["content"].startswith("Be brief\n\n")
    assert "JSON" in first["content"]


def test_endpoints() -> None:
    near = Provider(base_url="http://127.0.0.1:8000/v1")
    configured = settings(" key ", "", near=near)
    assert endpoint_for("", configured).model == "small"
    assert endpoint_for("gpt-4o", configured).base_url == "https://api.openai.com/v1"
    assert endpoint_for("gpt-4o", configured).api_key == "key"
    assert endpoint_for("org/model", configured).model == "org/model"
    assert endpoint_for("near/a/b", configured).model == "a/b"
    assert endpoint_for("near/a", configured).base_url == near.base_url
    assert endpoint_for("x", settings("", "http://h/v1")).base_url == "http://h/v1"
    assert "key" not in repr(endpoint_for("gpt-4o", configured)).lower()


def test_no_endpoint_says_what_to_set() -> None:
    near = Provider(base_url="http://127.0.0.1:8000/v1")
    with pytest.raises(NodeFailed) as failed:
        endpoint_for("gpt-4o", settings(near=near))
    assert (failed.value.code, failed.value.kind) == ("llm.not_configured", "auth")
    assert not failed.value.retryable
    for part in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "--demo-model", "--local-model", "near/"):
        assert part in failed.value.message


def test_usage_and_cost() -> None:
    prices = {"gpt-4o": ModelPrice(prompt=2.5, completion=10.0, currency="EUR")}
    reported = {
        "prompt_tokens": 1000,
        "completion_tokens": 200,
        "completion_tokens_details": {"reasoning_tokens": 50},
    }
    price = price_of("openai/gpt-4o", "gpt-4o-2024-08-06", prices)
    assert usage_of(reported, price) == Usage(1000, 200, 1200, 50, 0.0045, "EUR")
    assert usage_of(reported, None) == Usage(1000, 200, 1200, 50)
    assert usage_of(None, price) is None
    odd = {"prompt_tokens": None, "completion_tokens": "many"}
    assert usage_of(odd, None) == Usage()
    assert price_of("x", "y", prices) is None


@pytest.mark.parametrize("url", ["http://[::1", "http://user:hidden@h:port/v1"])
def test_a_base_url_that_is_none(url: str) -> None:
    with pytest.raises(NodeFailed, match="OPENAI_BASE_URL is not a URL") as failed:
        endpoint_for("m", settings("", url))
    assert failed.value.code == "llm.not_configured"
    assert "hidden" not in failed.value.message


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"mark": {"type": "integer"}, "why": {"type": "string"}},
    "required": ["mark"],
}


@pytest.mark.parametrize(
    "text",
    [
        '{"mark": 8}',
        ' {"mark":8}\n',
        '```json\n{"mark": 8}\n```',
        '```\n{"mark":8}```',
        '```{"mark":8}```',
        '```json\r\n{"mark": 8, "why": "```"}\r\n```',
        'Sure! Here it is:\n\n```json\n{"mark": 8}\n```\n\nLet me know.',
        '```json\n{"mark": 8}',
        'Well <think>{"mark": 0}</think>\n{"mark": 8}',
        'Well <think>```{"mark": 0}```</think>\n```\n{"mark": 8}\n```',
    ],
)
def test_structured(text: str) -> None:
    assert structured(text, SCHEMA, "stop")["mark"] == 8


def test_structured_failures() -> None:
    with pytest.raises(NodeFailed, match="not JSON") as broken:
        structured("The mark is 8", SCHEMA, "stop")
    assert (broken.value.code, broken.value.kind) == ("llm.invalid_json", "output")
    assert broken.value.retryable
    with pytest.raises(NodeFailed, match="raise max_tokens"):
        structured('{"mark": ', SCHEMA, "length")
    with pytest.raises(NodeFailed):
        structured('{"mark": NaN}', None, "stop")
    with pytest.raises(NodeFailed) as unfit:
        structured('{"mark": "8", "why": 1}', SCHEMA, "stop")
    assert unfit.value.code == "llm.schema_mismatch"
    assert unfit.value.retryable
    assert [error["path"] for error in unfit.value.details["errors"]] == ["$.mark", "$.why"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"mark": 8,}', "at byte 11"),
        ('{"mark": 1e400}', "1e400"),
        ('{"mark": Infinity}', "Infinity"),
        ("```\n{}\n```\nor\n```\n{}\n```", "not JSON"),
        ('```json\n{"mark": 8,}\n```', "at byte 11"),
        ("[" * 200 + "]" * 200, "nested 200 deep"),
        ("", "empty"),
    ],
)
def test_nothing_is_repaired(text: str, named: str) -> None:
    with pytest.raises(NodeFailed, match="not JSON") as failed:
        structured(text, None, "stop")
    assert failed.value.code == "llm.invalid_json"
    assert named in failed.value.message


def test_half_characters_in_an_answer_of_json() -> None:
    assert structured('{"a": "\\ud83d", "b": "\\ud83d\\ude00"}', None, "stop") == {
        "a": "\ufffd",
        "b": "😀",
    }


@pytest.mark.parametrize("price", ["NaN", "Infinity", "-1"])
def test_prices_that_are_none(price: str) -> None:
    with pytest.raises(ValueError, match="prompt"):
        ModelPrice(prompt=float(price))


@pytest.mark.parametrize("schema", [{"type": "numbr"}, {"$ref": "http://127.0.0.1:9/schema"}])
def test_a_schema_that_is_none_is_the_authors_to_mend(schema: dict[str, Any]) -> None:
    with pytest.raises(NodeFailed) as failed:
        structured("1", schema, "stop")
    assert (failed.value.code, failed.value.kind) == ("llm.schema_invalid", "input")
    assert not failed.value.retryable


def test_the_environment_of_the_guide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLD_LLM__PROVIDERS__NEAR__BASE_URL", "http://127.0.0.1:8000/v1")
    monkeypatch.setenv("RUNFOLD_LLM__PROVIDERS__NEAR__API_KEY", "any")
    monkeypatch.setenv("RUNFOLD_LLM__PRICES", '{"gpt-4o": {"prompt": 2.5, "completion": 10.0}}')
    monkeypatch.setenv("RUNFOLD_HTTP__ALLOW_HOSTS", '["search.internal", "10.1.0.0/16"]')
    configured = Settings()
    endpoint = endpoint_for("near/m", configured)
    assert (endpoint.base_url, endpoint.api_key) == ("http://127.0.0.1:8000/v1", "any")
    assert configured.llm.prices["gpt-4o"].completion == 10.0
    assert configured.http.allow_hosts == ["search.internal", "10.1.0.0/16"]
