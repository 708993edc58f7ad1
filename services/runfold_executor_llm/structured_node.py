"""Runs `structured` nodes: a model gives a value that fits a schema, or the attempt fails."""

from __future__ import annotations

from typing import Any

from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.llm import LLMConfig
from runfold.graph.kinds.structured import KIND, StructuredConfig
from runfold.model_endpoints.pricing import shown_usage
from runfold.values.json_schema import schema_problem
from runfold.values.json_text import text_of
from runfold_executor_llm.answer import Answer
from runfold_executor_llm.clients import open_clients
from runfold_executor_llm.conversation import conversation
from runfold_executor_llm.json_in_prose import value_in
from runfold_executor_llm.rounds import Asked, ask_until_read, model_of
from runfold_executor_llm.structured import check_fit
from runfold_executor_llm.wanted import wanted


async def run(ctx: NodeContext, config: StructuredConfig, _inputs: dict[str, Any]) -> Outcome:
    """Ask for the value, and show the model what is wrong with it as often as may be."""
    problem = schema_problem(config.schema)
    if problem:
        message = f"schema: {problem}"
        raise NodeFailed(message, code="llm.schema_invalid", kind="input")
    asking = wanted(config.schema)

    def read(answer: Answer) -> Any:
        value = asking.unwrapped(value_in(answer.text, answer.finish_reason))
        check_fit(value, config.schema, "schema")
        return value

    system = "\n\n".join(
        part for part in (text_of(config.system_prompt), asking.instruction) if part
    )
    said = LLMConfig(prompt=config.prompt, messages=config.messages, system_prompt=system)
    asked = Asked(
        messages=conversation(said),
        model=model_of(ctx, config),
        parameters={
            "temperature": config.temperature,
            "max_tokens": config.max_tokens,
            "response_format": asking.form,
        },
        extra=config.extra,
        stream=True,
    )
    found = await ask_until_read(ctx, asked, read, config.max_repairs)
    outputs = {
        "output": found.value,
        "text": found.answer.text,
        "reasoning": found.answer.reasoning,
        "repairs": found.repairs,
        "model": found.answer.model,
        "usage": shown_usage(found.usage),
    }
    return Outcome(outputs, usage=found.usage)


NODE = NodeExecutor(KIND, run, open_clients)
