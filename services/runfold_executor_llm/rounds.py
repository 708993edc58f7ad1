"""Asks a model until its answer can be read: repair rounds, their tokens and cost added up.

For the kinds that read what a model says. What an answer must be is the kind's: it hands in `read`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import msgspec

from runfold.contracts.events import Usage
from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext
from runfold.model_endpoints.pricing import price_of, shown_usage, total_of, usage_of
from runfold.model_endpoints.providers import endpoint_for
from runfold_executor_llm.answer import Answer, Limits
from runfold_executor_llm.clients import Clients
from runfold_executor_llm.dialects import Call
from runfold_executor_llm.file_parts import abilities_of, with_files
from runfold_executor_llm.llm import unseen
from runfold_executor_llm.tool_rounds import refuse_tools
from runfold_executor_llm.tools import Toolbox

if TYPE_CHECKING:
    from runfold_executor_llm.chat import Emit

T = TypeVar("T")

_SHOWN = 20_000
"""Characters of a wrong answer that the model is shown again."""


class HasModels(Protocol):
    """A configuration that names a model, and another for when that cannot answer."""

    @property
    def model(self) -> str:
        """As an author names it."""

    @property
    def backup_model(self) -> str:
        """Empty for none."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is asked."""

    messages: list[dict[str, Any]]
    model: str = ""
    """As an author names it."""
    parameters: dict[str, Any] = {}
    """Of a chat completion by their names in the API; None stands for the server's default."""
    extra: dict[str, Any] = {}
    tools: Toolbox | None = None
    """What the model may, or is to, call."""
    stream: bool = False
    """Whether a long answer may come: in pieces, no proxy between takes the server for silent."""


class Read(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """What was read of an answer."""

    value: T
    answer: Answer
    usage: Usage | None
    """Of all rounds; None when the server reported none."""
    repairs: int
    """Rounds after the first."""


def model_of(ctx: NodeContext, config: HasModels) -> str:
    """The model that this attempt asks."""
    return (ctx.backup and config.backup_model.strip()) or config.model


async def say(
    ctx: NodeContext, clients: Clients, asked: Asked, emit: Emit | None = None
) -> tuple[Answer, Usage | None]:
    """One completion: the whole answer, and what it used.

    Args:
        ctx: Of the attempt.
        clients: The service's.
        asked: The question.
        emit: Takes the pieces of the answer as they come; without it they are not shown.

    Raises:
        NodeFailed: When there is no whole answer.
    """
    from runfold_executor_llm import chat  # slow to import: `open_clients` has done it

    endpoint = endpoint_for(asked.model, ctx.settings)
    parameters = {name: value for name, value in asked.parameters.items() if value is not None}
    if asked.tools is not None:
        model = asked.model.strip() or ctx.settings.llm.default_model
        refuse_tools(abilities_of(model, ctx.settings.llm), model)
        parameters |= asked.tools.parameters()
    call = Call(
        endpoint=endpoint,
        messages=await with_files(ctx, asked.messages, asked.model),
        parameters=parameters,
        extra=asked.extra,
        tools=asked.tools,
        stream=asked.stream or emit is not None,
    )
    limits = Limits(
        max_tokens=parameters.get("max_tokens"),
        also_whole=ctx.settings.llm.whole_finish_reasons,
    )
    answer = await chat.complete(clients, call, emit or unseen, limits)
    if answer.left_out:
        ctx.log("model does not take some parameters", left_out=sorted(answer.left_out))
    price = price_of(asked.model or endpoint.model, answer.model, ctx.settings.llm.prices)
    return answer, usage_of(answer.usage, price)


async def ask_until_read(
    ctx: NodeContext, asked: Asked, read: Callable[[Answer], T], repairs: int
) -> Read[T]:
    """Ask, and ask again with what is wrong, until the answer can be read.

    Args:
        ctx: Of the attempt.
        asked: The first question.
        read: Reads an answer. A `NodeFailed` with a code of `MISREAD` says what is wrong with it;
            any other ends the attempt at once.
        repairs: How often the model may be asked again.

    Raises:
        NodeFailed: What `read` refused the last answer with, or what a round failed with; its
            `details` have the `rounds` there were and the `usage` of those that were answered.
    """
    used: Usage | None = None
    messages = list(asked.messages)
    for done in range(repairs + 1):
        try:
            answer, usage = await say(
                ctx, ctx.resource, msgspec.structs.replace(asked, messages=messages)
            )
        except NodeFailed as error:
            _tell(error, done + 1, used)
            raise
        used = total_of(used, usage)
        try:
            return Read(value=read(answer), answer=answer, usage=used, repairs=done)
        except NodeFailed as error:
            if error.code not in MISREAD or done == repairs:
                _tell(error, done + 1, used)
                raise
            ctx.log("the answer cannot be read: the model is asked again", code=error.code)
            messages += [
                # Some servers refuse a message of the assistant without a word.
                {"role": "assistant", "content": _said(answer)[:_SHOWN] or "{}"},
                {"role": "user", "content": _again(error)},
            ]
    message = "a model is asked at least once"
    raise ValueError(message)


MISREAD = ("llm.invalid_json", "llm.schema_mismatch")
"""Codes of answers that the model may mend."""


def _said(answer: Answer) -> str:
    """An answer as the model is shown it: calls in words, for there are no results of them."""
    return "\n".join(filter(None, (answer.text, *(call.arguments for call in answer.calls))))


def _again(error: NodeFailed) -> str:
    return (
        f"That cannot be used: {error.message}. "
        "Answer again with the whole JSON value, corrected, and nothing else."
    )


def _tell(error: NodeFailed, rounds: int, used: Usage | None) -> None:
    """Add what the attempt has cost."""
    if rounds > 1:
        error.message = f"{error.message} (asked {rounds} times)"
    error.details = {**error.details, "rounds": rounds}
    if used is not None:
        error.details["usage"] = shown_usage(used)
