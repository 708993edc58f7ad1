"""Documents in a prompt, the citations of an answer, and the window of a history."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.errors import NodeFailed
from runfold.graph.kinds.llm import LLMConfig
from runfold_executor_llm.conversation import conversation
from runfold_executor_llm.history import tokens_of, window
from runfold_executor_llm.sources import Sources

TEA = {"content": "Tea is hot.", "title": "Of tea", "url": "https://tea.example", "score": 0.9}
DOCUMENTS = [TEA, "Rice is white.", {"page_content": "Salt", "name": "Salt", "metadata": {"p": 1}}]


def sent(context: Any, **config: Any) -> list[dict[str, Any]]:
    return conversation(LLMConfig(**config), None, Sources(context))


def test_documents_are_numbered() -> None:
    text = Sources(DOCUMENTS).text()
    assert "\n\n[1] Of tea https://tea.example\nTea is hot.\n\n[2]\nRice is white.\n\n" in text
    assert text.endswith("[3] Salt\nSalt")
    assert "cite it by its number" in text


@pytest.mark.parametrize(
    ("config", "roles"),
    [
        ({"prompt": "From <context/> only: is it hot?"}, "user"),
        ({"prompt": "Is it hot?", "system_prompt": "Use <context/>."}, "system"),
        ({"prompt": "Is it hot?", "system_prompt": "Be brief."}, "system"),
        ({"prompt": "Is it hot?"}, "system"),
        (
            {"messages": [{"role": "system", "content": ["Be brief."]}], "prompt": "Is it hot?"},
            "system",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "<context/>"}]}]},
            "user",
        ),
    ],
)
def test_where_documents_stand(config: dict[str, Any], roles: str) -> None:
    messages = sent(DOCUMENTS, history=[{"role": "user", "content": "<context/>"}], **config)
    holds = [one["role"] for one in messages if "Tea is hot." in str(one["content"])]
    assert holds == [roles]
    assert [str(one["content"]) for one in messages].count("<context/>") == 1  # the history's
    system = [at for at, one in enumerate(messages) if one["role"] == "system"]
    assert system in ([], [0])


def test_no_documents() -> None:
    assert "No sources were found." in sent([], prompt="Hi")[0]["content"]
    for nothing in (None, ""):
        assert sent(nothing, prompt="Hi <context/>") == [
            {"role": "user", "content": "Hi <context/>"}
        ]


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [
        ("It is hot [1].", [1]),
        ("White [2], hot [1]; white [2].", [2, 1]),
        ("Both [1, 2] and [1-3].", [1, 2, 3]),
        ("热【1】, 白【2†来源】和[1、3]", [1, 2, 3]),
        ("A note [^2] and a link [3](https://x.example)", [2, 3]),
        ("None [0], [4], [99], [x], [1", []),
        ("Too many [2-9999]", [2, 3]),
        ("", []),
    ],
)
def test_citations(answer: str, numbers: list[int]) -> None:
    assert [one["number"] for one in Sources(DOCUMENTS).cited(answer)] == numbers


def test_a_citation_is_the_document() -> None:
    assert Sources(DOCUMENTS).cited("[1] [3]") == [
        {"number": 1, **TEA},
        {"number": 3, "content": "Salt", "title": "Salt", "metadata": {"p": 1}},
    ]


@pytest.mark.parametrize(
    ("context", "named"),
    [
        ([7], "context[0] is neither"),
        ([{"title": "x"}], "context[0] has no content"),
        ({"title": "x"}, "context[0] has no content"),
        (["x"] * 1001, "1001 documents"),
    ],
)
def test_documents_that_are_none(context: Any, named: str) -> None:
    with pytest.raises(NodeFailed) as failed:
        Sources(context)
    assert failed.value.code == "llm.context_invalid"
    assert named in failed.value.message


# History

CALL = {"id": "a", "type": "function", "function": {"name": "now", "arguments": "{}"}}
HISTORY: list[dict[str, Any]] = [
    {"role": "user", "content": "What time is it?"},
    {"role": "assistant", "content": None, "tool_calls": [CALL, {**CALL, "id": "b"}]},
    {"role": "tool", "tool_call_id": "a", "content": "12"},
    {"role": "tool", "tool_call_id": "b", "content": "12"},
    {"role": "assistant", "content": "Noon."},
]


@pytest.mark.parametrize(
    ("most", "kept"), [(None, 5), (9, 5), (5, 5), (4, 4), (3, 1), (2, 1), (1, 1), (0, 0)]
)
def test_a_window_of_messages_keeps_calls_with_their_results(most: int | None, kept: int) -> None:
    assert window(HISTORY, most, None) == HISTORY[len(HISTORY) - kept :]


@pytest.mark.parametrize(
    ("message", "tokens"),
    [
        ({"content": ""}, 4),
        ({"content": None}, 4),
        ({"content": "abcd"}, 5),
        ({"content": "abcde"}, 6),
        ({"content": "茶很热"}, 7),
        ({"content": [{"type": "text", "text": "abcd"}, {"type": "image_url"}]}, 1005),
        (HISTORY[1], 4 + 3),
    ],
)
def test_tokens(message: dict[str, Any], tokens: int) -> None:
    assert tokens_of({"role": "user", **message}) == tokens


def test_a_window_of_tokens() -> None:
    history = [{"role": "user", "content": "abcd" * size} for size in (100, 1, 2, 3)]
    assert window(history, None, 5 + 6 + 7) == history[1:]
    assert window(history, None, 5 + 6 + 6) == history[2:]
    assert window(history, 1, 1000) == history[3:]
    assert window(history, None, 0) == []
    config = LLMConfig(prompt="Hi", history=history, history_tokens=13)
    assert conversation(config) == [*history[2:], {"role": "user", "content": "Hi"}]


def test_what_is_left_of_calls_is_not_sent() -> None:
    def calls(*ids: str, said: str = "") -> dict[str, Any]:
        made = [{"id": one, "name": "find", "arguments": {}} for one in ids]
        return {"role": "assistant", "content": said, "tool_calls": made}

    def result(of: str) -> dict[str, Any]:
        return {"role": "tool", "tool_call_id": of, "content": of}

    user = {"role": "user", "content": "Hi"}
    history = [result("a"), user, calls("b", "c", said="Well"), result("b"), calls("d"), user]
    whole = [calls("e", "f"), result("f"), result("x"), result("e")]
    sent_messages = conversation(LLMConfig(prompt="x", history=[*history, *whole]))
    shown = [one.get("tool_call_id") or one["content"] for one in sent_messages]
    assert shown == ["Hi", "Well", "Hi", None, "f", "e", "x"]
    answered = conversation(LLMConfig(history=[user, calls("a")], messages=[result("a")]))
    assert [one["role"] for one in answered] == ["user", "assistant", "tool"]


@pytest.mark.parametrize(
    ("prompt", "context", "asked"),
    [
        ("use <context/> now", ["c1", {"content": "c2", "title": "t"}], "use c1\nc2 now"),
        ("use <context/> now", None, "use  now"),
        ("no place", ["c1"], "no place"),
    ],
)
def test_bare_documents_are_their_texts_where_there_is_a_place(
    prompt: str, context: Any, asked: str
) -> None:
    messages = [{"role": "system", "content": prompt}, {"role": "user", "content": "q"}]
    filled = Sources(context, bare=True).put_into(messages)
    assert [one["content"] for one in filled] == [asked, "q"]
