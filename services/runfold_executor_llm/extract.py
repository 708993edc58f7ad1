"""Runs `extract` nodes: a model finds fields in a text; required ones may be missing."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.extract import KIND, ExtractConfig, Field
from runfold.graph.kinds.llm import LLMConfig
from runfold.values.json_text import text_of
from runfold_executor_llm.clients import open_clients
from runfold_executor_llm.llm import ask

_INSTRUCTIONS = (
    "Take the fields of the JSON Schema out of what the user says. Use only what is said there: "
    "a field that is not said is null. Answer with one JSON object and nothing else."
)


async def run(ctx: NodeContext, config: ExtractConfig, _inputs: dict[str, Any]) -> Outcome:
    """Ask the model for the fields that are not known yet."""
    wanted = {
        name: field for name, field in config.fields.items() if config.known.get(name) is None
    }
    fields = {name: value for name, value in config.known.items() if value is not None}
    text = text_of(config.text)
    usage = None
    if wanted and text.strip():
        asked = LLMConfig(
            prompt=text,
            model=config.model,
            system_prompt=_system_prompt(config),
            temperature=0.0,
            response_format=_schema(wanted),
            stream=False,
        )
        answer = await ask(ctx, asked)
        found = answer.outputs["structured"]
        fields |= {name: found[name] for name in wanted if found.get(name) is not None}
        usage = answer.usage
    missing = [
        name for name, field in config.fields.items() if field.required and name not in fields
    ]
    everything = {name: fields.get(name) for name in config.fields}
    outputs = {**everything, "fields": fields, "missing": missing, "output": fields}
    return Outcome(outputs, usage=usage)


NODE = NodeExecutor(KIND, run, open_clients)


def _system_prompt(config: ExtractConfig) -> str:
    question = text_of(config.question)
    parts = (
        _INSTRUCTIONS,
        f"The user was asked: {question}" if question else "",
        text_of(config.instructions),
    )
    return "\n\n".join(part for part in parts if part)


def _schema(wanted: dict[str, Field]) -> dict[str, Any]:
    return {
        "title": "fields",
        "type": "object",
        "properties": {name: _nullable(field) for name, field in wanted.items()},
        "required": list(wanted),
        "additionalProperties": False,
    }


def _nullable(field: Field) -> dict[str, Any]:
    """A field's own schema, in which null says that the text does not have it."""
    schema: dict[str, Any] = {}
    if field.type != "any":
        schema["type"] = [field.type, "null"]
    if field.enum:
        schema["enum"] = [*msgspec.to_builtins(field.enum), None]
    if field.description:
        schema["description"] = field.description
    return schema
