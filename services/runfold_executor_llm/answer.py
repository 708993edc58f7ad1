"""Puts an answer together from its parts, and checks that it is whole. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from io import StringIO
from typing import Any, Literal

import msgspec

from runfold.contracts.whole_text import TextJoiner
from runfold.model_endpoints import failures
from runfold.model_endpoints.providers import Endpoint
from runfold_executor_llm.deltas import Channel, Delta
from runfold_executor_llm.finish import STOP, Ending, ending_of
from runfold_executor_llm.reasoning import Piece, ReasoningSplitter, without_unopened
from runfold_executor_llm.tool_calls import LONGEST, CallAssembler, RawCall
from runfold_executor_llm.tool_calls import MOST as MOST_CALLS
from runfold_executor_llm.tools import Toolbox

MOST = 16 * 1024 * 1024
"""Characters of an answer with its reasoning: some millions of tokens."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the model said."""

    text: str
    reasoning: str
    finish_reason: str
    model: str
    usage: dict[str, Any] | None
    """As the server reported it."""
    calls: tuple[RawCall, ...] = ()
    """Of tools, when tools were handed over."""
    left_out: frozenset[str] = frozenset()
    """Parameters that the model does not take."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Decides which answers count as whole."""

    on_length: Literal["fail", "keep"] = "fail"
    """Whether an answer that reached its limit of tokens fails or is kept."""
    max_tokens: int | None = None
    """The limit that was asked for."""
    also_whole: Collection[str] = ()
    """Further finish reasons after which an answer is whole."""


class Gathered:
    """The answer so far."""

    def __init__(self, endpoint: Endpoint, tools: Toolbox | None = None) -> None:
        self._endpoint = endpoint
        self._takes_calls = tools is not None
        self._calls = CallAssembler(tools.names if tools else ())
        self._splitter = ReasoningSplitter()
        self._joiners: dict[Channel, TextJoiner] = {
            "text": TextJoiner(),
            "reasoning": TextJoiner(),
            "refusal": TextJoiner(),
        }
        self._texts = {"text": StringIO(), "reasoning": StringIO(), "refusal": StringIO()}
        self._finish = ""
        self._model = ""
        self._usage: dict[str, Any] | None = None
        self._size = 0

    @property
    def size(self) -> int:
        """Characters received."""
        return self._size + self._calls.size

    def take(self, delta: Delta) -> Iterator[Piece]:
        """Add a part, and return what can be shown now.

        Raises:
            NodeFailed: `llm.answer_too_long`.
        """
        # A proxy may add `stop` to a reason that says that the answer is not whole.
        if delta.finish_reason and ending_of(self._finish) in ("whole", "unknown"):
            self._finish = delta.finish_reason
        self._model = delta.model or self._model
        self._usage = _better(delta.usage, self._usage)
        self._calls.take(delta.calls)
        for channel, text in delta.spans:
            yield from self._add(channel, self._joiners[channel].feed(text))
        if self.size > MOST:
            raise failures.too_long(self._endpoint, f"an answer of over {MOST} characters")
        if self._calls.is_too_much:
            most = f"{MOST_CALLS} tool calls, or {LONGEST} characters of them"
            raise failures.too_long(self._endpoint, f"more than {most}")

    def finish(self) -> Iterator[Piece]:
        """Return what was held back, once no more will come."""
        for channel, joiner in self._joiners.items():
            yield from self._add(channel, joiner.end())
        yield from self._kept(self._splitter.finish())

    def checked(self, limits: Limits, *, is_done: bool) -> Answer:
        """Return the whole answer.

        Args:
            limits: Which answers are whole.
            is_done: Whether the server said that nothing more comes.

        Raises:
            NodeFailed: When it is not whole, or empty.
        """
        endpoint = self._endpoint
        thought, text = without_unopened(self._texts["text"].getvalue())
        reasoning = f"{self._texts['reasoning'].getvalue()}{thought}".strip()
        refusal = self._texts["refusal"].getvalue()
        finish = self._finish or (STOP if is_done else "")
        if not finish:
            raise failures.cut_off(endpoint, self.size)
        ending = ending_of(finish, limits.also_whole)
        if refusal.strip() or ending == "declined":
            raise failures.declined(endpoint, refusal or text)
        calls = self._calls.calls()
        taken = tuple(calls) if self._takes_calls else ()
        # A call too may have been cut off, or one after it.
        received = len(text.strip()) + sum(len(call.arguments) for call in taken)
        self._refuse(ending, finish, received, limits)
        if not text.strip() and not taken:
            tools = tuple(dict.fromkeys(call.name for call in calls if call.name))
            raise failures.empty_answer(endpoint, finish, reasoned=bool(reasoning), tools=tools)
        return Answer(
            text=text,
            reasoning=reasoning,
            finish_reason=finish,
            model=self._model or endpoint.model,
            usage=self._usage,
            calls=taken,
        )

    def _refuse(self, ending: Ending, finish: str, received: int, limits: Limits) -> None:
        """Fail for an answer that is not whole."""
        endpoint = self._endpoint
        match ending:
            case "filtered":
                raise failures.filtered(endpoint, finish)
            case "broken":
                raise failures.broken_off(endpoint, finish, self.size)
            case "unknown":
                raise failures.unknown_ending(endpoint, finish)
            case "length" if received and limits.on_length == "fail":
                raise failures.truncated(endpoint, finish, received, limits.max_tokens)
            case _:
                return

    def _add(self, channel: Channel, text: str) -> Iterator[Piece]:
        self._size += len(text)
        if not text:
            return
        if channel == "refusal":
            self._texts["refusal"].write(text)
        elif channel == "reasoning":
            yield from self._kept([Piece("reasoning", text)])
        else:
            yield from self._kept(self._splitter.feed(text))

    def _kept(self, pieces: Iterator[Piece] | list[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            self._texts[piece.kind].write(piece.text)
            yield piece


def _better(new: dict[str, Any] | None, old: dict[str, Any] | None) -> dict[str, Any] | None:
    """The usage that counts: the last that has any, for some servers send an empty one after it."""
    return new if new and (old is None or any(new.values())) else old
