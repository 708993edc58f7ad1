"""Tools in words: what a model is told, and what its reply is read as."""

from __future__ import annotations

from typing import Any

import pytest

from runfold_executor_llm.answer import Answer
from runfold_executor_llm.text_protocol import ProtocolReader, as_text, instructions, read
from runfold_executor_llm.tools import Toolbox

BOX = Toolbox([{"name": "find", "description": "Finds a word"}, {"name": "now"}])
ACT = '{"tool": "find", "arguments": {"word": "tea"}}'
TEA = '{"word":"tea"}'


def said(text: str) -> Answer:
    return read(Answer(text=text, reasoning="", finish_reason="stop", model="m", usage=None))


@pytest.mark.parametrize(
    ("reply", "text", "thought", "calls"),
    [
        ("Just tea.", "Just tea.", "", []),
        ("Answer: Tea.\nAction: is not one", "Tea.\nAction: is not one", "", []),
        ("Thought: I know.\nFinal Answer: Tea.", "Tea.", "I know.", []),
        ("Thought: It is tea.", "It is tea.", "", []),
        (f"Action: {ACT}", "", "", [("find", TEA)]),
        (f"Thought: Look.\n\nAction: {ACT}", "", "Look.", [("find", TEA)]),
        (f"I look.\n**Action:** {ACT}\n", "I look.", "", [("find", TEA)]),
        (f"Action:\n```json\n{ACT}\n```", "", "", [("find", TEA)]),
        (f"Action: {ACT}\nObservation: tea is hot\nAnswer: Hot.", "", "", [("find", TEA)]),
        (f"Action: {ACT}\nI wait for it.", "", "", [("find", TEA)]),
        (f"Action: {ACT}\nAction: {ACT}", "", "", [("find", TEA)]),
        ('Action: find\nAction Input: {"word": "tea"}', "", "", [("find", '{"word": "tea"}')]),
        ("Action: find\nAction Input: tea", "", "", [("find", "tea")]),
        ('Action: {"name": "find"}', "", "", [("find", "{}")]),
        ('Action: {"tool": ', "", "", [("", '{"tool":')]),
        ("action: call the customer", "call the customer", "", []),
        ("Reaction: none", "Reaction: none", "", []),
    ],
)
def test_replies(reply: str, text: str, thought: str, calls: list[tuple[str, str]]) -> None:
    answer = said(reply)
    assert (answer.text, answer.reasoning) == (text, thought)
    assert [(call.name, call.arguments) for call in answer.calls] == calls


def test_an_answer_is_shown_as_it_comes() -> None:
    reader, shown = ProtocolReader(), []
    for piece in ("Thou", "ght: I know it, and it is ", "tea.\nAns", "wer: Tea", ", of course"):
        shown += list(reader.feed(piece))
    shown += list(reader.finish())
    texts = [piece.text for piece in shown if piece.kind == "text"]
    assert texts[0].startswith("Tea")
    assert len(texts) > 1
    assert "".join(texts) == "Tea, of course"
    assert reader.reasoning == "I know it, and it is tea."


def test_a_call_that_cannot_be_read_is_told_as_such() -> None:
    broken, unnamed = said('Action: {"tool": '), said('Action: {"arguments": {}}')
    call, other = BOX.calls(broken.calls, [])[0], BOX.calls(unnamed.calls, [])[0]
    assert (call["problem"], call["arguments"]) == ("not_json", None)
    assert other["problem"] == "unknown_tool"


def test_what_a_model_is_told() -> None:
    told = instructions(BOX)
    assert "- find: Finds a word" in told
    assert 'Action: {"tool"' in told
    assert "find" not in instructions(Toolbox([{"name": "find"}], "none"))
    assert "You have to use a tool now" in instructions(Toolbox([{"name": "find"}], "required"))
    assert "use the tool find now" in instructions(Toolbox([{"name": "find"}], "find"))


def test_a_conversation_in_words() -> None:
    calls = [
        {"id": one, "type": "function", "function": {"name": "find", "arguments": TEA}}
        for one in ("a", "b")
    ]
    parts = [{"type": "text", "text": "Look"}]
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": parts},
        {"role": "assistant", "content": None, "tool_calls": calls, "reasoning_content": "hm"},
        {"role": "tool", "tool_call_id": "a", "content": "hot"},
        {"role": "tool", "tool_call_id": "b", "content": "cold"},
    ]
    action = 'Action: {"tool":"find","arguments":{"word":"tea"}}'
    assert as_text(messages, BOX) == [
        {"role": "system", "content": f"Be brief\n\n{instructions(BOX)}"},
        {"role": "user", "content": parts},
        {"role": "assistant", "content": f"{action}\n{action}"},
        {"role": "user", "content": "Observation: hot\n\nObservation: cold"},
    ]
    assert as_text(messages[1:2], BOX)[0] == {"role": "system", "content": instructions(BOX)}
