"""Puts the tool calls of an answer together from what servers send of them. Pure.

The API numbers the calls of an answer by `index`, names each by `id`, and streams its arguments as
pieces of JSON text. Servers leave the index out, give every call the same one, send no id, the same
id twice or another with every piece, send arguments as an object, and run several calls together.
A piece belongs to the call that everything known about it speaks for; nothing is guessed of what a
call says: its arguments are JSON, or are told to be none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from io import StringIO
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import msgspec

from runfold.contracts.json_reader import read_json
from runfold.contracts.whole_text import whole_text
from runfold.errors import Undecodable
from runfold_executor_llm.call_pieces import CallPiece

MOST = 128
"""Calls of one answer; what a server sends beyond is a runaway."""
LONGEST = 4 * 1024 * 1024
"""Characters of them all."""
_PLACEHOLDER = 8
"""Characters that `{}` with space around it has at most."""
_OPEN, _QUOTE = "{", '"'
_MARKS = re.compile(r"\\.|[\"{}\\]", re.DOTALL)

Problem = Literal["", "not_json", "not_an_object", "unknown_tool"]


class RawCall(NamedTuple):
    """A call as it was sent."""

    id: str
    name: str
    arguments: str
    extra: dict[str, Any]


class ToolCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call that a model asks for: an entry of the output `tool_calls`."""

    id: str
    name: str
    """As the tool is called, or as the model wrote it when there is no such tool."""
    arguments: dict[str, Any] | None
    """None when they cannot be read."""
    raw: str
    """The arguments as they were sent."""
    problem: Problem = ""
    reason: str | msgspec.UnsetType = msgspec.UNSET
    """What is wrong, in words for the model."""
    extra: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    """Members that are to be sent back with the call."""


class _Open:
    """A call being put together."""

    def __init__(self, piece: CallPiece) -> None:
        self.index = piece.index
        self.id = piece.id
        self.name = piece.name
        self.extra = dict(piece.extra)
        self._text = StringIO()
        self._depth = self._size = 0
        self._in_text = self._escaped = False
        self._ends: list[int] = []
        """Where objects of its arguments end."""
        self._first = ""
        self.is_complete = False
        """Whether its arguments are whole JSON objects, as far as they have come."""
        self.add(piece.arguments)

    def add(self, text: str) -> None:
        """Add a piece of its arguments."""
        self._text.write(text)
        self._first = self._first or text.lstrip()[:1]
        start = 1 if self._escaped and text else 0
        self._escaped = self._escaped and not text
        for found in _MARKS.finditer(text, start):
            mark = found[0]
            if mark.startswith("\\"):
                self._escaped = len(mark) == 1  # what follows it comes with the next piece
            elif mark == _QUOTE:
                self._in_text = not self._in_text
            elif not self._in_text:
                self._depth += 1 if mark == _OPEN else -1
                self.is_complete = self._depth == 0 and self._first == _OPEN
                if self.is_complete:
                    self._ends.append(self._size + found.end())
        self._size += len(text)

    @property
    def begun(self) -> bool:
        """Whether its arguments have begun."""
        return bool(self._first)

    @property
    def is_placeholder(self) -> bool:
        """Whether they are `{}`, which some servers send before the arguments themselves."""
        return self._size < _PLACEHOLDER and _is_empty(self._text.getvalue())

    @property
    def count(self) -> int:
        """How many calls it may be."""
        return max(len(self._ends), 1)

    def arguments(self) -> list[str]:
        """Its arguments; several where they are several objects in a row."""
        text = self._text.getvalue()
        cuts = [0, *self._ends]
        parts = [text[start:end] for start, end in pairwise([*cuts, len(text)])]
        parts = [whole_text(part) for part in parts if part.strip()]
        if not all(part.lstrip().startswith(_OPEN) for part in parts):
            return [whole_text(text)]
        return [part for part in parts if not _is_empty(part)] or parts or [text]

    def first_object(self) -> str:
        """The first whole object of its arguments, or all there is."""
        text = self._text.getvalue()
        return text[: self._ends[0]].strip() if self._ends else text


class CallAssembler:
    """The calls of one answer so far."""

    def __init__(self, names: Collection[str] = ()) -> None:
        """Start without a call.

        Args:
            names: Of the tools, as the model knows them.
        """
        self._names = frozenset(names)
        self._open: list[_Open] = []
        self.size = 0
        """Characters received."""

    def take(self, pieces: Iterable[CallPiece]) -> None:
        """Add what one message says."""
        touched: list[_Open] = []
        for piece in pieces:
            if len(self._open) > MOST:
                return  # `is_too_much` says so; one message may have any number of pieces
            self.size += len(piece.arguments) + len(piece.name) + len(piece.id)
            call = None if piece.is_whole else self._candidate(piece)
            if call is None or self._opens(call, piece, is_second=call in touched):
                before, call = call, _Open(piece)
                # As of objects in a row: they are calls of one tool.
                call.name = call.name or (before.name if before else "")
                self._open.append(call)
            else:
                self._extend(call, piece)
            touched.append(call)

    def calls(self) -> list[RawCall]:
        """The calls in the order in which they began."""
        return [
            RawCall(call.id, call.name, raw, call.extra)
            if at == 0
            else RawCall("", call.name, raw, {})
            for call in self._open
            for at, raw in enumerate(call.arguments())
            if call.name or raw.strip()
        ]

    @property
    def is_too_much(self) -> bool:
        """Whether this is more than the calls of an answer can be."""
        return self.size > LONGEST or sum(call.count for call in self._open) > MOST

    def _candidate(self, piece: CallPiece) -> _Open | None:
        """The call that a piece looks as if it went on with."""
        for call in reversed(self._open):
            if piece.id and call.id == piece.id and piece.index in (None, call.index):
                return call
        last = self._open[-1] if self._open else None
        if piece.index is None:
            return last
        for call in reversed(self._open):
            if call.index == piece.index:
                return call
        # Some servers count the pieces, not the calls.
        is_more = not piece.id and not piece.name and last is not None and not last.is_complete
        return last if is_more else None

    def _opens(self, call: _Open, piece: CallPiece, *, is_second: bool) -> bool:
        """Whether a piece opens a call, although it looks as if it went on with `call`."""
        is_other = bool(piece.id) and piece.id != call.id
        if call.is_complete:
            more = piece.arguments.strip()
            if not piece.id and not piece.name:
                return more.startswith(_OPEN) and not call.is_placeholder
            return bool(more or piece.name) and (
                more.startswith(_OPEN) or is_other or piece.name not in ("", call.name)
            )
        if not piece.name:
            return False  # with any id: some servers make a new one for every piece
        if is_second:
            return True
        if not call.name or piece.id == call.id != "":
            return False
        if piece.name != call.name:
            return call.begun or not self._is_name(call.name, piece.name)
        return is_other and bool(call.id) and not call.begun

    def _extend(self, call: _Open, piece: CallPiece) -> None:
        if not call.name or piece.name.startswith(call.name):
            call.name = piece.name or call.name
        elif piece.name and not call.begun and self._is_name(call.name, piece.name):
            call.name += piece.name
        call.id = call.id or piece.id
        call.extra |= piece.extra
        call.add(piece.arguments)

    def _is_name(self, begun: str, more: str) -> bool:
        """Whether a name goes on, for those that come in pieces or grow from piece to piece."""
        whole = more if more.startswith(begun) else begun + more
        return begun not in self._names and any(name.startswith(whole) for name in self._names)


def first_object(text: str) -> str:
    """The JSON object that a text begins with; all of a text that begins with none."""
    return _Open(CallPiece(arguments=text)).first_object()


def _is_empty(text: str) -> bool:
    return "".join(text.split()) == "{}"


def arguments_of(raw: str) -> tuple[dict[str, Any] | None, Problem, str]:
    """Read a call's arguments: the object, what is wrong, and why in words.

    Nothing is an empty object: models call tools without parameters so. An object that was written
    as JSON twice is read twice.
    """
    if not raw.strip():
        return {}, "", ""
    try:
        value = read_json(raw)
        if isinstance(value, str):
            value = read_json(value)
    except Undecodable as error:
        return None, "not_json", error.message.removeprefix("not JSON: ")
    if value is None:
        return {}, "", ""
    if not isinstance(value, dict):
        return None, "not_an_object", f"a JSON {_KINDS.get(type(value), 'number')}, not an object"
    return value, "", ""


_KINDS = {list: "list", str: "text", bool: "boolean"}


def with_ids(calls: Iterable[ToolCall], used: Collection[str], turn: int) -> list[ToolCall]:
    """The calls, each with an id that no other call of the conversation has.

    Args:
        calls: Of one answer.
        used: Ids of the calls before.
        turn: Which answer with calls this is, from 1.
    """
    taken = set(used)
    given = []
    for at, call in enumerate(calls, start=1):
        own = call.id
        if not own or own in taken:
            own = next(one for one in _own_ids(turn, at) if one not in taken)
        taken.add(own)
        given.append(msgspec.structs.replace(call, id=own))
    return given


def call_ids(messages: list[dict[str, Any]]) -> tuple[set[str], int]:
    """The ids of the calls in a conversation, and how many of its answers have calls."""
    answers = [one["tool_calls"] for one in messages if one.get("tool_calls")]
    return {call["id"] for calls in answers for call in calls}, len(answers)


def _own_ids(turn: int, at: int) -> Iterator[str]:
    yield f"call_{turn}_{at}"
    more = 1
    while True:
        more += 1
        yield f"call_{turn}_{at}_{more}"
