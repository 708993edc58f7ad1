"""However a server streams calls that can be told apart, they are put together as they were."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runfold_executor_llm.call_pieces import call_pieces
from runfold_executor_llm.tool_calls import CallAssembler, first_object

NAMES = ("find", "find_all", "now", "go")
_VALUES = st.sampled_from(
    [None, True, 7, "", "tea", "😀", '}{"\\', "{}", [1, {"a": "}"}], {}, {"a": {"b": '"'}}, "\\"]
)
_OBJECTS = st.dictionaries(st.sampled_from(["a", "b}", '"']), _VALUES, min_size=1, max_size=2)
_CALLS = st.lists(st.tuples(st.sampled_from(NAMES), _OBJECTS), min_size=1, max_size=3)
_FORMS = st.sampled_from(
    ["api", "api, ids again", "no index", "no index, no id", "index 0", "new ids"]
)


def cut(text: str, data: st.DataObject) -> list[str]:
    """A text in pieces."""
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=3)))
    borders = [0, *places, len(text)]
    return [text[a:b] for a, b in pairwise(borders)]


def streamed(calls: list[tuple[str, Any]], form: str, data: st.DataObject) -> list[dict[str, Any]]:
    """The pieces of one call after the other."""
    pieces = []
    for at, (name, arguments) in enumerate(calls):
        text = json.dumps(arguments, ensure_ascii=data.draw(st.booleans()))
        for number, part in enumerate(cut(text, data)):
            first = number == 0
            about: dict[str, Any] = {"function": {"arguments": part}}
            if first:
                about["function"]["name"] = name
            if form.startswith("api"):
                about["index"] = at
            elif form in ("index 0", "new ids"):
                about["index"] = 0
            if form == "new ids":
                about["id"] = f"c{at}.{number}"
            elif form != "no index, no id" and (first or form == "api, ids again"):
                about["id"] = f"c{at}"
            pieces.append(about)
    return pieces


@given(_CALLS, _FORMS, st.data())
def test_calls_one_after_the_other(
    calls: list[tuple[str, Any]], form: str, data: st.DataObject
) -> None:
    assembler = CallAssembler(NAMES)
    for about in streamed(calls, form, data):
        assembler.take(call_pieces({"tool_calls": [about]}, is_whole=False))
    found = [(call.name, json.loads(call.arguments)) for call in assembler.calls()]
    assert found == calls


@given(_CALLS, st.data())
def test_calls_in_any_order_of_pieces(calls: list[tuple[str, Any]], data: st.DataObject) -> None:
    left = [streamed([call], "api", data) for call in calls]
    assembler = CallAssembler(NAMES)
    for at, pieces in enumerate(left):
        for about in pieces:
            about |= {"index": at}
            about.pop("id", None)
    begun = [pieces.pop(0) for pieces in left]
    assembler.take(call_pieces({"tool_calls": begun}, is_whole=False))
    while any(left):
        at = data.draw(st.sampled_from([at for at, pieces in enumerate(left) if pieces]))
        assembler.take(call_pieces({"tool_calls": [left[at].pop(0)]}, is_whole=False))
    assert [(one.name, json.loads(one.arguments)) for one in assembler.calls()] == calls


@given(st.lists(_OBJECTS, min_size=1, max_size=4), st.data())
def test_objects_in_a_row_are_as_many_calls(objects: list[Any], data: st.DataObject) -> None:
    assembler = CallAssembler(NAMES)
    pieces = cut("".join(map(json.dumps, objects)), data)
    for number, part in enumerate(pieces):
        about = {"index": 0, "function": {"arguments": part} | ({} if number else {"name": "go"})}
        assembler.take(call_pieces({"tool_calls": [about]}, is_whole=False))
    assert [json.loads(one.arguments) for one in assembler.calls()] == objects


@given(_OBJECTS, st.text(max_size=20))
def test_the_first_object_of_a_text(value: Any, rest: str) -> None:
    assert json.loads(first_object(json.dumps(value) + rest)) == value


@given(st.lists(st.dictionaries(st.sampled_from(["index", "id", "function"]), _VALUES), max_size=6))
def test_nothing_breaks_it(entries: list[dict[str, Any]]) -> None:
    assembler = CallAssembler(NAMES)
    for whole in (False, True):
        assembler.take(call_pieces({"tool_calls": entries}, is_whole=whole))
        assembler.take(call_pieces({"tool_calls": entries[:1]}, is_whole=whole))
    assert all(call.name or call.arguments.strip() for call in assembler.calls())
