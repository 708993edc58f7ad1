"""JSON from outside is bounded and strict, and what is written can be read back."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.contracts import events as e
from runfold.contracts.codec import decode_event, decode_request, decode_task, encode
from runfold.contracts.json_reader import VALUE, WIRE, Bounds, check_bounds, read_json
from runfold.contracts.json_writer import write_json
from runfold.contracts.whole_text import TextJoiner, whole_text
from runfold.errors import Undecodable, Unencodable

GRIN = "\U0001f600"


def deep(depth: int, inner: str = "") -> bytes:
    return ("[" * depth + inner + "]" * depth).encode()


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b'{"a": NaN}', "json.number", "NaN at byte 6"),
        (b"[-Infinity]", "json.number", "-Infinity at byte 1"),
        (b"[1, 2.5e-3, -1e999]", "json.number", "-1e999 is too large"),
        (b"1" * 5000, "json.number", "too large"),
        (b'"\xff"', "json.not_utf8", "at byte 1"),
        (b"", "json.invalid", "empty"),
        (b'{"a": 1', "json.invalid", "ends too early"),
        (b"{'a': 1}", "json.invalid", "at byte 1"),
        (b"[1]x", "json.invalid", "trailing characters at byte 4"),
        (deep(129), "json.too_deep", "nested 129 deep, the limit is 128"),
        (b'{"a":' * 200_000, "json.too_deep", "limit is 128"),
        (b"[" + b"0," * 1_000_001 + b"0]", "json.too_many_values", "1000000"),
    ],
)
def test_what_is_refused(body: bytes, code: str, said: str) -> None:
    with pytest.raises(Undecodable) as caught:
        read_json(body)
    assert caught.value.code == code
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (deep(128), json.loads(deep(128))),
        (b"\xef\xbb\xbf{}", {}),
        (b'["' + b"[" * 5000 + b'"]', ["[" * 5000]),
        (b'["' + b"," * 1_100_000 + b'"]', ["," * 1_100_000]),
        (b'"\\"[\\\\"', '"[\\'),
        (b'"\\ud83d"', "\ufffd"),
        (b'"\\ud83d\\ude00 \\ude00x"', f"{GRIN} \ufffdx"),
        (b'"\\\\ud83d"', "\\ud83d"),
        ('"\ud83d\ude00\ud83d"', f"{GRIN}\ufffd"),
    ],
)
def test_what_is_read(body: bytes | str, value: Any) -> None:
    assert read_json(body) == value


def test_a_kind_that_does_not_fit() -> None:
    with pytest.raises(Undecodable) as caught:
        read_json(b"[]", dict[str, Any])
    assert caught.value.code == "json.unexpected_type"


def test_size_is_bounded() -> None:
    with pytest.raises(Undecodable, match="5 bytes"):
        check_bounds(b'"abc"', Bounds(depth=1, values=1, size=4))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_refused(body: bytes) -> None:
    try:
        value = read_json(body)
    except Undecodable:
        return
    assert read_json(write_json(value)) == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert read_json(write_json(value)) == value


@given(JSON)
def test_it_reads_what_the_standard_library_reads(value: Any) -> None:
    assert read_json(json.dumps(value)) == value


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (float("nan"), "json.number"),
        ({"a": [None, {"b": float("inf")}]}, "json.number"),
        (e.Usage(cost=float("nan")), "json.number"),
        ("\ud83d", "json.half_character"),
        (object(), "json.not_a_value"),
        pytest.param(10**5000, "json.not_a_value", id="too many digits"),
        (nested(WIRE.depth + 1), "json.too_deep"),
        (nested(5000), "json.too_deep"),
    ],
)
def test_what_nothing_could_read_is_not_written(value: Any, code: str) -> None:
    with pytest.raises(Unencodable) as caught:
        write_json(value)
    assert caught.value.code == code


def test_a_null_is_not_taken_for_nan() -> None:
    assert write_json({"a": None, "b": 1.5}) == b'{"a":null,"b":1.5}'


def test_a_value_has_room_for_an_envelope() -> None:
    body = write_json(nested(VALUE.depth), VALUE)
    assert read_json(body) == nested(VALUE.depth)
    with pytest.raises(Unencodable):
        write_json(nested(VALUE.depth + 1), VALUE)


def succeeded(value: Any) -> e.NodeRunSucceeded:
    return e.NodeRunSucceeded(
        id="r:n:1:succeeded", run_id="r", workflow_id="w", node_id="n", outputs={"output": value}
    )


def test_an_event_holds_the_deepest_value() -> None:
    event = succeeded(nested(VALUE.depth))
    assert decode_event(encode(event)) == event


@pytest.mark.parametrize(
    "body", [b'{"inputs":' + b"[" * 10_000, deep(1100), b"\xff", b"", b"7", deep(100, "NaN")]
)
def test_no_decoder_of_the_wire_raises_anything_else(body: bytes) -> None:
    for decode in (decode_event, decode_task, lambda body: decode_request("run", body)):
        with pytest.raises(Undecodable) as caught:
            decode(body)
        assert caught.value.code == "message.undecodable"


def test_half_a_character_on_the_wire_is_mended() -> None:
    body = encode(succeeded("X")).replace(b'"X"', b'"\\ud83d"')
    assert decode_event(body) == succeeded("\ufffd")


def test_raw_parts_are_bounded_too() -> None:
    class Around(msgspec.Struct):
        inner: msgspec.Raw

    with pytest.raises(Unencodable):
        write_json(Around(msgspec.Raw(deep(WIRE.depth))))


# --- whole text ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("plain", "plain"),
        ("über", "über"),
        ("\ud83d\ude00", GRIN),
        ("a\ud83d", "a\ufffd"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
    ],
)
def test_whole_text(text: str, whole: str) -> None:
    assert whole_text(text) == whole


@given(st.text(alphabet=st.characters(categories=["L", "Cs", "So"])), st.data())
def test_pieces_make_the_same_text_wherever_they_are_cut(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    joiner = TextJoiner()
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert "".join(map(joiner.feed, pieces)) + joiner.end() == whole_text(text)
