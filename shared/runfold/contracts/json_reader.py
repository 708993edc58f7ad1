"""JSON from outside: one bounded, strict reader, and the guard for what is written.

Every byte that did not come from this process passes through here: requests, events, tasks, HTTP
bodies, model output, command-line values. Nothing else calls `json.loads`.

- Bounded: size, nesting and number of values are checked before a parser sees the bytes.
- Strict: NaN, Infinity and numbers such as 1e400 are refused, never read as null.
- Text is whole: half a surrogate pair becomes U+FFFD, two halves that meet become one character.
"""

from __future__ import annotations

import json
import math
import re
import sys
from itertools import accumulate
from typing import Any, Literal, TypeVar, overload

import msgspec

from runfold.contracts.secrecy import masked
from runfold.contracts.whole_text import whole_text
from runfold.errors import Undecodable

T = TypeVar("T")


class Bounds(msgspec.Struct, frozen=True):
    """How much JSON is still read."""

    depth: int
    """Objects and lists within each other."""
    values: int
    """Values and keys, counted by their separators."""
    size: int
    """Bytes."""


VALUE = Bounds(depth=128, values=1_000_000, size=64 * 1024 * 1024)
"""A value from outside: run inputs, an HTTP body, what a model wrote, a node's output."""
WIRE = Bounds(depth=VALUE.depth + 64, values=2 * VALUE.values, size=2 * VALUE.size)
"""A message of the bus: values with an envelope around them."""

# An unterminated string reaches to the end, so that the search never begins anew inside it.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_STEP = [0] * 256
_STEP[ord("[")], _STEP[ord("]")] = 1, -1

_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_NOT_A_NUMBER = re.compile(r"-?(?:NaN|Infinity)|[-+]?[Ii]nf\b")
_HUGE = re.compile(r"-?\d[\d.]*(?:[eE][-+]?\d+)?")
_AT_BYTE = re.compile(r" \(byte (\d+)\)$")
_MARK = b"\xef\xbb\xbf"
_SHOWN = 40
_READ = 64 * 1024
"""Bytes that are looked at of what is shown."""


@overload
def read_json(source: bytes | str, *, bounds: Bounds = VALUE) -> Any: ...


@overload
def read_json(source: bytes | str, kind: type[T], *, bounds: Bounds = VALUE) -> T: ...


def read_json(source: bytes | str, kind: Any = Any, *, bounds: Bounds = VALUE) -> Any:
    """One JSON value.

    Args:
        source: UTF-8 bytes, which may begin with a byte order mark, or text.
        kind: A type that the value must fit, as msgspec reads it.
        bounds: How much is still read.

    Raises:
        Undecodable: `json.not_utf8`, `json.too_large`, `json.too_deep`, `json.too_many_values`,
            `json.number` for NaN and numbers out of range, `json.invalid`, and
            `json.unexpected_type` when it is JSON that does not fit `kind`. Where a place is
            known, `details` has it as `byte`.
    """
    body = whole_text(source).encode() if isinstance(source, str) else bytes(source)
    body = body.removeprefix(_MARK)
    check_bounds(body, bounds)
    return _decoded(body, kind)


def read_json_piece(body: bytes, *, bounds: Bounds = VALUE) -> Any:
    """One JSON value whose text may begin or end with half a character.

    For pieces of a stream: `TextJoiner` joins a half with the one in the next piece.

    Raises:
        Undecodable: As `read_json`.
    """
    value = read_json(body, bounds=bounds)
    if without_halves(body) == body:
        return value
    # msgspec read it with the halves replaced, so it is bounded and strict; only json keeps them.
    return json.loads(body.removeprefix(_MARK))


def _decoded(body: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (RecursionError, UnicodeDecodeError, msgspec.DecodeError) as error:
        repaired = without_halves(body)
        if repaired != body:
            return _decoded(repaired, kind)
        raise refusal(body, error) from error


def check_bounds(body: bytes, bounds: Bounds) -> None:
    """Refuse JSON that is too much to read, without reading it: linear in its size.

    Raises:
        Undecodable: `json.too_large`, `json.too_deep` or `json.too_many_values`.
    """
    if len(body) > bounds.size:
        message = f"{len(body)} bytes of JSON, the limit is {bounds.size}"
        raise _refused("too_large", message, limit=bounds.size)
    opened = body.count(b"[") + body.count(b"{")
    # A value takes a byte at least, and what separates it from the next another.
    if opened <= bounds.depth and (
        len(body) <= bounds.values or opened + body.count(b",") <= bounds.values
    ):
        return
    # Brackets and commas inside strings count for nothing: look again without the strings.
    bare = _STRING.sub(b'""', body)
    count = bare.count(b"[") + bare.count(b"{") + bare.count(b",")
    if count > bounds.values:
        message = f"more than {bounds.values} values in one JSON document"
        raise _refused("too_many_values", message, limit=bounds.values)
    brackets = bare.translate(_BRACKETS, _NO_BRACKET)
    deepest = max(accumulate(map(_STEP.__getitem__, brackets)), default=0)
    if deepest > bounds.depth:
        message = f"JSON nested {deepest} deep, the limit is {bounds.depth}"
        raise _refused("too_deep", message, limit=bounds.depth)


def without_halves(body: bytes) -> bytes:
    r"""JSON whose escapes name no half character: `\ud83d` alone becomes `\ufffd`."""
    if _HALF.search(body) is None:
        return body
    return _ESCAPE.sub(lambda found: b"\\ufffd" if found["half"] else found[0], body)


def refusal(body: bytes, error: Exception) -> Undecodable:
    """Why msgspec did not read some bytes, in words that name the place."""
    said = str(error)
    # msgspec says it without the place, and since 0.23 as a DecodeError of its own.
    if isinstance(error, UnicodeDecodeError) or said.startswith("Invalid UTF-8"):
        return _not_utf8(body)
    if isinstance(error, RecursionError):
        return _refused("too_deep", "JSON nested too deep")
    if "out of range" in said:
        found = _out_of_range(body.decode(errors="replace"))
        return _refused("number", f"{found} is too large for a JSON number")
    if isinstance(error, msgspec.ValidationError):
        return _refused("unexpected_type", said)
    if not body.strip():
        return _refused("invalid", "not JSON: it is empty")
    place = _AT_BYTE.search(said)
    if place is None:
        return _refused("invalid", "not JSON: it ends too early", byte=len(body))
    at = int(place[1])
    rest = body[at : at + _READ].decode(errors="replace")
    # msgspec names the place behind a minus.
    start = at - 1 if body[at - 1 : at] == b"-" else at
    number = _NOT_A_NUMBER.match(body[start : start + _SHOWN].decode(errors="replace"))
    if number is not None:
        return _refused("number", f"{number[0]} at byte {start} is not a JSON number", byte=start)
    what = said[: place.start()].removeprefix("JSON is malformed: ")
    shown = f", before {masked(rest)[:_SHOWN]!r}" if rest else ""
    return _refused("invalid", f"not JSON: {what} at byte {at}{shown}", byte=at)


def _not_utf8(body: bytes) -> Undecodable:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        message = f"not UTF-8: {error.reason} at byte {error.start}"
        return _refused("not_utf8", message, byte=error.start)
    return _refused("not_utf8", "not UTF-8")


def _out_of_range(text: str) -> str:
    """The first number that a float cannot hold, shortened."""
    for found in _HUGE.finditer(text):
        number = found[0]
        try:
            fits = math.isfinite(float(number)) and len(number) <= sys.get_int_max_str_digits()
        except ValueError:
            continue
        if not fits:
            number = masked(number)
            return number if len(number) <= _SHOWN else f"{number[:_SHOWN]}…"
    return "a number"


def _refused(
    code: Literal[
        "not_utf8",
        "too_large",
        "too_deep",
        "too_many_values",
        "number",
        "invalid",
        "unexpected_type",
    ],
    message: str,
    **details: Any,
) -> Undecodable:
    return Undecodable(message, code=f"json.{code}", details=details)
