"""Asks a model that is handed tools: by the API, or in words where it knows none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from runfold.errors import NodeFailed
from runfold.graph.kinds.llm import LLMConfig
from runfold.settings import ModelAbilities
from runfold_executor_llm import text_protocol
from runfold_executor_llm.answer import Answer, Limits
from runfold_executor_llm.dialects import Call
from runfold_executor_llm.reasoning import Piece
from runfold_executor_llm.tools import Toolbox

if TYPE_CHECKING:
    from runfold_executor_llm.chat import Emit
    from runfold_executor_llm.clients import Clients


def refuse_tools(abilities: ModelAbilities, model: str) -> None:
    """Fail for a model that takes no tools. Raises `NodeFailed`: `llm.tools_unsupported`."""
    if not abilities.tools:
        message = f"model {model!r} calls no tools (RUNFOLD_LLM__MODELS says tools: false)"
        raise NodeFailed(message, code="llm.tools_unsupported", kind="input")


async def answer_with_tools(
    clients: Clients,
    call: Call,
    emit: Emit,
    limits: Limits,
    toolbox: Toolbox | None,
    config: LLMConfig,
) -> Answer:
    """The model's answer; its calls are among it, as they were sent.

    Args:
        clients: The service's.
        call: What to ask, without the tools.
        emit: Takes the pieces of the answer.
        limits: Which answers are whole.
        toolbox: The tools; None for none.
        config: The node's.

    Raises:
        NodeFailed: As `chat.complete`, and `llm.tools_unsupported` when the server takes no tools.
    """
    from runfold_executor_llm import chat  # slow to import: `open_clients` has done it

    if toolbox is None:
        return await chat.complete(clients, call, emit, limits)
    if config.tool_protocol == "text":
        return await _in_words(clients, call, emit, limits, toolbox)
    parameters: dict[str, Any] = {**call.parameters, **toolbox.parameters()}
    call = msgspec.structs.replace(call, parameters=parameters, tools=toolbox)
    answer = await chat.complete(clients, call, emit, limits)
    if not answer.calls and config.repair_calls:
        printed = tuple(toolbox.calls_in_text(answer.text))
        if printed:
            answer = msgspec.structs.replace(answer, text="", calls=printed)
    return answer


async def _in_words(
    clients: Clients, call: Call, emit: Emit, limits: Limits, toolbox: Toolbox
) -> Answer:
    """Ask by the text protocol, and read the reply by it."""
    from runfold_executor_llm import chat

    live = text_protocol.ProtocolReader()

    async def show(piece: Piece) -> None:
        if piece.kind == "reasoning":
            await emit(piece)
            return
        for part in live.feed(piece.text):
            await emit(part)

    call = msgspec.structs.replace(
        call,
        messages=text_protocol.as_text(call.messages, toolbox),
        own_stop=text_protocol.STOP,
    )
    answer = await chat.complete(clients, call, show, limits)
    for part in live.finish():
        await emit(part)
    # What was shown as text may have been a thought after all, so the whole answer is read.
    return text_protocol.read(answer)
