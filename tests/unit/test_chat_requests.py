"""What a chat request is taken for: odd types, and the history that a run is given."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from runfold.errors import InvalidRequest
from runfold_gateway.openai_api.requests import _history, _text, chat_request


@pytest.mark.parametrize(
    "change",
    [
        {"messages": [{"role": [], "content": "x"}]},
        {"messages": [{"role": {}, "content": "x"}]},
        {"user": "a\0b"},
        {"user": "a" * 1000},
    ],
)
def test_odd_types_are_refused(change: dict[str, Any]) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], **change}
    with pytest.raises(InvalidRequest):
        chat_request(body)


@pytest.mark.parametrize("kind", [[], {}, 5, None, ["text"]])
def test_a_part_of_an_odd_type_is_refused(kind: Any) -> None:
    with pytest.raises(InvalidRequest, match="not understood"):
        _text([{"type": kind}])


def test_null_is_what_a_client_leaves_out() -> None:
    asked = chat_request(
        {
            "model": "m",
            "messages": [{"role": "user", "content": "x"}],
            "stream_options": {"include_usage": None},
            "user": None,
        }
    )
    assert asked.stream_options is not None
    assert not asked.stream_options.include_usage


def history(*messages: dict[str, Any]) -> list[dict[str, Any]]:
    return asyncio.run(_history(list(messages), None, 1))  # type: ignore[arg-type]


def test_a_long_talk_keeps_what_the_system_says() -> None:
    talk = [{"role": "user", "content": f"{number}"} for number in range(300)]
    told = history({"role": "developer", "content": "Be short."}, *talk)
    assert (told[0], len(told)) == ({"role": "system", "content": "Be short."}, 200)
    assert [told[1]["content"], told[-1]["content"]] == ["101", "299"]
    long = [{"role": "user", "content": "x" * 100_000} for _ in range(5)]
    told = history({"role": "system", "content": "Be short."}, *long)
    assert [one["role"] for one in told] == ["system", "user", "user"]
    rules = [{"role": "system", "content": f"{number}"} for number in range(500)]
    assert [one["content"] for one in history(*rules)][-1] == "499"


def test_a_tools_result_does_not_stand_without_its_call() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    talk = [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "x" * 200_000},
        {"role": "assistant", "content": "y" * 60_000},
    ]
    told = history({"role": "system", "content": "z" * 2_000}, *talk)
    assert [one["role"] for one in told] == ["system", "assistant"]
    assert [one["role"] for one in history(*talk[:2])] == ["assistant", "tool"]
