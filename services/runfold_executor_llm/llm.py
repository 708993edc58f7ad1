"""Runs `llm` nodes: makes a request of the configuration, and outputs of the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runfold.contracts.events import Usage
from runfold.contracts.json_reader import VALUE
from runfold.contracts.json_writer import write_json
from runfold.errors import NodeFailed, Unencodable
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.llm import KIND, LLMConfig
from runfold.values.json_text import text_of
from runfold_executor_llm.answer import Answer, Limits
from runfold_executor_llm.clients import open_clients
from runfold_executor_llm.dialects import Call
from runfold_executor_llm.pricing import price_of, usage_of
from runfold_executor_llm.providers import endpoint_for
from runfold_executor_llm.structured import structured

if TYPE_CHECKING:
    from runfold_executor_llm.chat import Emit
    from runfold_executor_llm.reasoning import Piece

_ROLES = frozenset(("system", "developer", "user", "assistant", "tool"))
_PARAMETERS = (
    "temperature",
    "top_p",
    "max_tokens",
    "presence_penalty",
    "frequency_penalty",
    "seed",
    "stop",
    "reasoning_effort",
)
"""Fields of the configuration that are parameters of the API by the same name."""
_FORM_HINTS = {
    "markdown": "Answer in Markdown.",
    "json": "Answer with one JSON value and nothing else.",
}
"""Added to the system prompt; OpenAI's JSON mode refuses conversations that never say JSON."""
_NOT_NAME = re.compile(r"[^A-Za-z0-9_-]+")


async def run(ctx: NodeContext, config: LLMConfig, _inputs: dict[str, Any]) -> Outcome:
    """Ask the model, and stream its answer."""

    async def emit(piece: Piece) -> None:
        if piece.kind == "reasoning":
            await ctx.stream(piece.text, kind="reasoning", name="reasoning")
        else:
            await ctx.stream(piece.text)

    return await ask(ctx, config, emit)


async def unseen(_piece: Piece) -> None:
    """Show nothing: the caller reads the answer before anybody sees it."""


async def ask(ctx: NodeContext, config: LLMConfig, emit: Emit = unseen) -> Outcome:
    """Ask the model as an `llm` node does, and pass on each piece of its answer."""
    endpoint = endpoint_for(config.model, ctx.settings)
    messages = conversation(config)
    form, schema = response_format(config.response_format)
    parameters = {name: getattr(config, name) for name in _PARAMETERS}
    parameters["response_format"] = form
    from runfold_executor_llm import chat  # slow to import: `open_clients` has done it

    limits = Limits(
        on_length=config.on_length,
        max_tokens=config.max_tokens,
        also_whole=ctx.settings.llm.whole_finish_reasons,
    )
    call = Call(
        endpoint=endpoint,
        messages=messages,
        parameters=_sendable(parameters, config.extra),
        extra=config.extra,
        stream=config.stream,
    )
    answer = await chat.complete(ctx.resource, call, emit, limits)
    if answer.left_out:
        ctx.log("model does not take some parameters", left_out=sorted(answer.left_out))
    price = price_of(config.model or endpoint.model, answer.model, ctx.settings.llm.prices)
    usage = usage_of(answer.usage, price)
    outputs = _outputs(answer, usage)
    if form is not None and form["type"] != "text":
        outputs["structured"] = structured(answer.text, schema, answer.finish_reason)
    return Outcome(outputs, usage=usage)


NODE = NodeExecutor(KIND, run, open_clients)


def conversation(config: LLMConfig) -> list[dict[str, Any]]:
    """The messages to send.

    Raises:
        NodeFailed: `llm.messages_invalid`, for what is not a message, or when there is no question.
    """
    hint = (
        _FORM_HINTS.get(config.response_format) if isinstance(config.response_format, str) else ""
    )
    system = "\n\n".join(part for part in (text_of(config.system_prompt), hint) if part)
    history = _messages(config.history, "history")
    if config.history_window is not None:
        history = history[len(history) - config.history_window :] if config.history_window else []
    asked = _messages(config.messages, "messages")
    prompt = text_of(config.prompt)
    if prompt:
        asked.append({"role": "user", "content": prompt})
    if not asked:
        message = "nothing to ask: prompt and messages are empty"
        raise NodeFailed(message, code="llm.messages_invalid", kind="input")
    return [*([{"role": "system", "content": system}] if system else []), *history, *asked]


def response_format(wanted: str | dict[str, Any]) -> tuple[dict[str, Any] | None, Any]:
    """The `response_format` to send, and the JSON Schema to check the answer by.

    Args:
        wanted: A word, a JSON Schema, or a `response_format` object as OpenAI spells it.
    """
    if isinstance(wanted, str):
        return ({"type": "json_object"} if wanted == "json" else None), None
    match wanted.get("type"):
        case "text" | "json_object":
            return wanted, None
        case "json_schema":
            inner = wanted.get("json_schema", {k: v for k, v in wanted.items() if k != "type"})
            schema = inner.get("schema", {})
        case _:
            inner, schema = {}, wanted
    title = schema.get("title") if isinstance(schema.get("title"), str) else ""
    name = _NOT_NAME.sub("_", inner.get("name") or title or "answer")[:64]
    return {"type": "json_schema", "json_schema": {**inner, "name": name, "schema": schema}}, schema


def _sendable(parameters: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    """The parameters that are set, when JSON has them.

    Raises:
        NodeFailed: `llm.parameters_invalid`, for NaN and the like.
    """
    found = {name: value for name, value in parameters.items() if value is not None}
    try:
        write_json({**found, "extra": extra}, VALUE)
    except Unencodable as error:
        message = f"a parameter cannot be sent: {error.message}"
        raise NodeFailed(message, code="llm.parameters_invalid", kind="input") from error
    return found


def _messages(value: Any, where: str) -> list[dict[str, Any]]:
    if value in (None, ""):
        return []
    if not isinstance(value, list | tuple):
        message = f"{where} is to be a list of messages, not {type(value).__name__}"
        raise NodeFailed(message, code="llm.messages_invalid", kind="input")
    for at, item in enumerate(value):
        if not isinstance(item, Mapping) or item.get("role") not in _ROLES:
            message = (
                f"{where}[{at}] is not a message: it needs a role ({', '.join(sorted(_ROLES))})"
            )
            raise NodeFailed(message, code="llm.messages_invalid", kind="input")
    return [{**item, "content": _content(item.get("content"))} for item in value]


def _content(content: Any) -> Any:
    """Text, or parts (text, images) as they are."""
    return content if isinstance(content, list) else text_of(content)


def _outputs(answer: Answer, usage: Usage | None) -> dict[str, Any]:
    return {
        "output": answer.text,
        "reasoning": answer.reasoning,
        "finish_reason": answer.finish_reason,
        "model": answer.model,
        "usage": None
        if usage is None
        else {name: getattr(usage, name) for name in Usage.__struct_fields__},
    }
