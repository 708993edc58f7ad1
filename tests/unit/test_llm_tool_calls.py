"""Tool calls as servers send them: which piece belongs to which call."""

from __future__ import annotations

from typing import Any

import pytest

from runfold_executor_llm.call_pieces import CallPiece, call_pieces
from runfold_executor_llm.tool_calls import (
    CallAssembler,
    ToolCall,
    arguments_of,
    first_object,
    with_ids,
)

TEA, RICE = '{"word": "tea"}', '{"word": "rice"}'
TOOLS = ("find", "find_all", "now")


def piece(**about: Any) -> dict[str, Any]:
    """An entry of `tool_calls`: `name` and `arguments` go into its function."""
    function = {name: about.pop(name) for name in ("name", "arguments") if name in about}
    return {**about, **({"function": function} if function else {})}


def assembled(*messages: list[dict[str, Any]], is_whole: bool = False) -> list[tuple[str, ...]]:
    """Id, name and arguments of each call that the messages make."""
    assembler = CallAssembler(TOOLS)
    for calls in messages:
        assembler.take(call_pieces({"tool_calls": calls}, is_whole=is_whole))
    return [(call.id, call.name, call.arguments) for call in assembler.calls()]


ONE = [("a", "find", TEA)]
TWO = [("a", "find", TEA), ("b", "find", RICE)]
NO_IDS = [("", "find", TEA), ("", "find", RICE)]


@pytest.mark.parametrize(
    ("messages", "calls"),
    [
        pytest.param(
            [
                [piece(index=0, id="a", type="function", name="find", arguments="")],
                [piece(index=0, arguments='{"word"')],
                [piece(index=0, arguments=': "tea"}')],
            ],
            ONE,
            id="as the API documents it",
        ),
        pytest.param(
            [
                [piece(index=0, id="a", name="find", arguments="")],
                [piece(index=1, id="b", name="find", arguments="")],
                [piece(index=0, arguments='{"word": ')],
                [piece(index=1, arguments='{"word": "r')],
                [piece(index=0, arguments='"tea"}'), piece(index=1, arguments='ice"}')],
            ],
            TWO,
            id="interleaved, the id on the first piece only",
        ),
        pytest.param(
            [
                [piece(id="a", name="find", arguments=TEA)],
                [piece(id="b", name="find", arguments=RICE)],
            ],
            TWO,
            id="no index, each whole (Gemini)",
        ),
        pytest.param(
            [
                [
                    piece(id="a", name="find", arguments=TEA),
                    piece(id="b", name="find", arguments=RICE),
                ]
            ],
            TWO,
            id="no index, both in one message",
        ),
        pytest.param(
            [
                [piece(id="a", name="find", arguments="")],
                [piece(arguments='{"word": ')],
                [piece(arguments='"tea"}')],
                [piece(id="b", name="find", arguments='{"word":')],
                [piece(id=None, arguments=' "rice"}')],
            ],
            TWO,
            id="no index, in pieces",
        ),
        pytest.param(
            [[piece(name="find", arguments=TEA)], [piece(name="find", arguments=RICE)]],
            NO_IDS,
            id="neither index nor id",
        ),
        pytest.param(
            [[piece(name="now", arguments=""), piece(name="now", arguments="")]],
            [("", "now", ""), ("", "now", "")],
            id="one tool twice, without anything else",
        ),
        pytest.param(
            [
                [piece(index=0, id="a", name="find", arguments=TEA)],
                [piece(index=0, id="b", name="find", arguments=RICE)],
            ],
            TWO,
            id="every index is 0, with other ids (Ollama behind LiteLLM)",
        ),
        pytest.param(
            [
                [piece(index=0, id="a", name="find", arguments="")],
                [piece(index=0, id="b", name="find", arguments="")],
                [piece(index=0, id="a", arguments=TEA)],
                [piece(index=0, id="b", arguments=RICE)],
            ],
            TWO,
            id="every index is 0, interleaved by id",
        ),
        pytest.param(
            [
                [piece(index=0, name="find", arguments=TEA)],
                [piece(index=0, name="find", arguments='{"word"')],
                [piece(index=0, arguments=': "rice"}')],
            ],
            NO_IDS,
            id="every index is 0, without ids",
        ),
        pytest.param(
            [[piece(index=0, id="a", name="find", arguments=f"{TEA}{RICE}")]],
            [("a", "find", TEA), ("", "find", RICE)],
            id="several objects in a row (vLLM-like)",
        ),
        pytest.param(
            [
                [piece(index=0, id="a", name="find", arguments='{"word": "}{"')],
                [piece(index=0, arguments=', "x": "\\')],
                [piece(index=0, arguments='"}{"}')],
            ],
            [("a", "find", '{"word": "}{", "x": "\\"}{"}')],
            id="brackets in a text, cut at a backslash",
        ),
        pytest.param(
            [
                [piece(index=0, id="x1", name="find", arguments='{"wor')],
                [piece(index=0, id="x2", arguments='d": "t')],
                [piece(index=0, id="x3", name="find", arguments='ea"}')],
                [piece(index=0, id="x4", arguments="")],
            ],
            [("x1", "find", TEA)],
            id="another id with every piece (OCI)",
        ),
        pytest.param(
            [
                [piece(index=0, id="a", name="find", arguments='{"word"')],
                [piece(index=1, arguments=": ")],
                [piece(index=2, arguments='"tea"}')],
                [piece(index=3, id="b", name="find", arguments=RICE)],
            ],
            TWO,
            id="the index counts the pieces (Nebius, Cerebras)",
        ),
        pytest.param(
            [
                [piece(index=0, id="a", name="find", arguments="")],
                [piece(index=0, id="a", name="find", arguments=TEA)],
                [piece(index=0, id="a", name="find", arguments="")],
            ],
            ONE,
            id="id and name with every piece",
        ),
        pytest.param(
            [
                [piece(index=0, id="a", name="find", arguments="{}")],
                [piece(index=0, arguments='{"word": ')],
                [piece(index=0, arguments='"tea"}')],
            ],
            ONE,
            id="{} first, the arguments after it",
        ),
        pytest.param(
            [
                [piece(index=0, id="a", name="fin")],
                [piece(index=0, name="d", arguments=TEA)],
            ],
            ONE,
            id="a name in pieces",
        ),
        pytest.param(
            [[piece(index=0, id="a", name="find")], [piece(index=0, name="now")]],
            [("a", "find", ""), ("", "now", "")],
            id="two tools of one index, both without arguments",
        ),
        pytest.param(
            [
                [piece(index=0, id="a", name="find", arguments={"word": "tea"})],
                [piece(index=1, id="b", name="now", arguments=None)],
                [piece(index=2, id="", name="now", arguments="")],
            ],
            [("a", "find", '{"word":"tea"}'), ("b", "now", ""), ("", "now", "")],
            id="arguments as an object, null and empty",
        ),
        pytest.param(
            [[{"index": 0}, {"index": 0, "function": {}}, None, "no", {"index": 0, "id": ""}]],
            [],
            id="entries that say nothing",
        ),
        pytest.param(
            [
                [piece(index=0, id="a", name="find", arguments='{"word": "\ud83d')],
                [piece(index=0, arguments='\ude00"}')],
            ],
            [("a", "find", '{"word": "😀"}')],
            id="half a character",
        ),
        pytest.param(
            [[piece(index=0, id="a", name="find", arguments='{"word": "te')]],
            [("a", "find", '{"word": "te')],
            id="arguments that end early",
        ),
        pytest.param(
            [
                [piece(index=0, id="a", name="find", arguments=TEA)],
                [piece(index=0, arguments="}")],
            ],
            [("a", "find", f"{TEA}}}")],
            id="a bracket too many is not another call",
        ),
        pytest.param(
            [[{"index": 0, "id": "a", "name": "find", "arguments": TEA}]],
            ONE,
            id="without the member function",
        ),
    ],
)
def test_pieces(messages: list[Any], calls: list[tuple[str, ...]]) -> None:
    assert assembled(*messages) == calls


def test_a_whole_message_has_a_call_an_entry() -> None:
    same = piece(index=0, id="a", name="now", arguments="")
    assert assembled([same, same, same], is_whole=True) == [("a", "now", "")] * 3


def test_a_function_call_of_the_former_api() -> None:
    assembler = CallAssembler(TOOLS)
    for about in ({"name": "find", "arguments": ""}, {"arguments": '{"word": '}):
        assembler.take(call_pieces({"function_call": about}, is_whole=False))
    assembler.take(call_pieces({"function_call": {"arguments": '"tea"}'}}, is_whole=False))
    assert [(call.name, call.arguments) for call in assembler.calls()] == [("find", TEA)]


def test_what_is_sent_back_with_a_call_is_kept() -> None:
    signed = {"google": {"thought_signature": "AbC"}}
    call = {**piece(index=0, id="a", name="now"), "extra_content": signed, "other": 1}
    assembler = CallAssembler(TOOLS)
    assembler.take(call_pieces({"tool_calls": [call]}, is_whole=False))
    assert assembler.calls()[0].extra == {"extra_content": signed}


def test_a_runaway_is_seen() -> None:
    assembler = CallAssembler(TOOLS)
    assembler.take([CallPiece(name="find", arguments="{}" * 128)])
    assert not assembler.is_too_much
    assembler.take([CallPiece(arguments="{}")])
    assert assembler.is_too_much
    assembler = CallAssembler(TOOLS)
    assembler.take([CallPiece(name="find", arguments="x" * (4 * 1024 * 1024))])
    assert assembler.is_too_much


@pytest.mark.parametrize(
    ("raw", "arguments", "problem"),
    [
        (TEA, {"word": "tea"}, ""),
        ("", {}, ""),
        (" \n", {}, ""),
        ("null", {}, ""),
        ('"{\\"word\\": \\"tea\\"}"', {"word": "tea"}, ""),
        ('{"word": "tea"', None, "not_json"),
        ('{"word": NaN}', None, "not_json"),
        ("word=tea", None, "not_json"),
        ("[" * 3000, None, "not_json"),
        ('["tea"]', None, "not_an_object"),
        ('"tea"', None, "not_json"),
        ("7", None, "not_an_object"),
    ],
)
def test_arguments(raw: str, arguments: Any, problem: str) -> None:
    found, wrong, reason = arguments_of(raw)
    assert (found, wrong) == (arguments, problem)
    assert bool(reason) == bool(problem)


def test_ids_are_unique_in_a_conversation() -> None:
    calls = [
        ToolCall(id=one, name="now", arguments={}, raw="")
        for one in ("", "a", "a", "old", "call_3_5", "")
    ]
    given = [call.id for call in with_ids(calls, {"old", "call_3_1"}, 3)]
    assert given == ["call_3_1_2", "a", "call_3_3", "call_3_4", "call_3_5", "call_3_6"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{TEA} and more", TEA),
        (f" {TEA}\n{RICE}", TEA),
        ('{"a": "}"} }', '{"a": "}"}'),
        ('{"a": ', '{"a": '),
        ("no object", "no object"),
    ],
)
def test_the_first_object(text: str, found: str) -> None:
    assert first_object(text) == found
