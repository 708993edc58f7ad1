"""Runs `llm` nodes: makes a request of the configuration, and outputs of the answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runfold.contracts.events import Usage
from runfold.contracts.json_reader import VALUE
from runfold.contracts.json_writer import write_json
from runfold.errors import NodeFailed, Unencodable
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.llm import KIND, LLMConfig
from runfold.graph.kinds.response_format import NOT_SCHEMAS, format_problem, named_format
from runfold.model_endpoints.pricing import add_cost, price_of, usage_of
from runfold.model_endpoints.providers import endpoint_for
from runfold.values.profiles import rules_of
from runfold_executor_llm.answer import Answer, Limits
from runfold_executor_llm.clients import open_clients
from runfold_executor_llm.conversation import conversation
from runfold_executor_llm.dialects import Call
from runfold_executor_llm.file_parts import abilities_of, with_files
from runfold_executor_llm.sources import Sources
from runfold_executor_llm.structured import structured
from runfold_executor_llm.tool_rounds import answer_with_tools, refuse_tools
from runfold_executor_llm.tools import Toolbox

if TYPE_CHECKING:
    from runfold_executor_llm.chat import Emit
    from runfold_executor_llm.reasoning import Piece

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
    asked = (ctx.backup and config.backup_model.strip()) or config.model.strip()
    model = asked or ctx.settings.llm.default_model
    if config.tools and config.tool_protocol == "native":
        refuse_tools(abilities_of(model, ctx.settings.llm), model)
    endpoint = endpoint_for(model, ctx.settings)
    toolbox = Toolbox(config.tools, config.tool_choice) if config.tools else None
    rules = rules_of(ctx.profile)
    sources = Sources(config.context, bare=rules is not None and rules.bare_context)
    messages = conversation(config, toolbox, sources)
    form, schema = response_format(config.response_format)
    parameters = {name: getattr(config, name) for name in _PARAMETERS}
    parameters["response_format"] = form
    call = Call(
        endpoint=endpoint,
        messages=await with_files(ctx, messages, model, config.image_detail),
        parameters=_sendable(parameters, config.extra),
        extra=config.extra,
        stream=config.stream,
    )
    limits = Limits(
        on_length=config.on_length,
        max_tokens=config.max_tokens,
        also_whole=ctx.settings.llm.whole_finish_reasons,
    )
    said = await answer_with_tools(ctx.resource, call, emit, limits, toolbox, config)
    if said.left_out:
        ctx.log("model does not take some parameters", left_out=sorted(said.left_out))
    price = price_of(model, said.model, ctx.settings.llm.prices)
    usage = usage_of(said.usage, price)
    outputs = _outputs(said, usage)
    if toolbox is not None:
        outputs["tool_calls"] = toolbox.calls(said.calls, messages)
    if sources.is_given:
        outputs["citations"] = sources.cited(said.text)
    if form is not None and form["type"] != "text" and not said.calls:
        outputs["structured"] = _structured(said, schema, usage)
    return Outcome(outputs, usage=usage)


NODE = NodeExecutor(KIND, run, open_clients)


def response_format(wanted: str | dict[str, Any]) -> tuple[dict[str, Any] | None, Any]:
    """The `response_format` to send, and the JSON Schema to check the answer by.

    Args:
        wanted: A word, a JSON Schema, or a `response_format` object as OpenAI spells it.

    Raises:
        NodeFailed: `llm.schema_invalid`, when its schema is none.
    """
    if isinstance(wanted, str):
        return ({"type": "json_object"} if wanted == "json" else None), None
    problem = format_problem(wanted)
    if problem:
        message = f"response_format: {problem}"
        raise NodeFailed(message, code="llm.schema_invalid", kind="input")
    if wanted.get("type") in NOT_SCHEMAS:
        return wanted, None
    inner, schema = named_format(wanted)
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


def _structured(answer: Answer, schema: Any, usage: Usage | None) -> Any:
    """The JSON value of an answer. Raises `NodeFailed` as `structured`, with what it has cost."""
    try:
        return structured(answer.text, schema, answer.finish_reason)
    except NodeFailed as error:
        add_cost(error, usage)
        raise


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
