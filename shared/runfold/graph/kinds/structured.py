"""`structured`: a value that fits a JSON Schema, asked for again where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.llm import message_problems
from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.graph.kinds.response_format import is_fixed
from runfold.values.json_schema import schema_problem


class StructuredConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `structured` node. `prompt`, `messages` or both are needed."""

    schema: dict[str, Any]
    """JSON Schema of the value that is wanted."""
    prompt: Any = ""
    """What the user says; anything but text is sent as JSON."""
    model: str = ""
    """`name`, or `provider/name`; empty: the settings' default model."""
    backup_model: str = ""
    """Asked once more when attempts with `model` are used up."""
    system_prompt: Any = ""
    """What the model is told before everything else."""
    messages: list[Any] = []
    """Messages `{role, content}` before the prompt."""
    max_repairs: Annotated[int, msgspec.Meta(ge=0, le=5)] = 1
    """How often the model is shown what is wrong with its answer, and asked again."""
    temperature: float | None = None
    """How freely words are chosen; absent: the server's default."""
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Most tokens of an answer."""
    extra: dict[str, Any] = {}
    """Further members of the request's body, for what a server alone understands."""
    FORM: ClassVar[Forms] = {
        "schema": Form(
            "schema",
            (
                {
                    "type": "object",
                    "properties": {"title": {"type": "string"}, "pages": {"type": "integer"}},
                    "required": ["title"],
                },
            ),
        ),
        "prompt": Form("template", ("Describe the book: {{text}}",)),
        "model": Form("model", ("gpt-4o-mini", "local/llama")),
        "backup_model": Form("model", ("local/llama",), group="errors"),
        "system_prompt": Form("template", ("You know books.",)),
        "messages": Form(
            "objects", ([{"role": "user", "content": "{{message}}"}],), group="conversation"
        ),
        "max_repairs": Form("number", (2,), group="errors"),
        "temperature": Form("number", (0.2,), group="sampling"),
        "max_tokens": Form("number", (500,), group="limits"),
        "extra": Form("key_values", ({"top_k": 20},), group="more"),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from message_problems(config.get("messages"))
    schema = config.get("schema")
    if isinstance(schema, dict) and is_fixed(schema) and (problem := schema_problem(schema)):
        yield Problem("schema", problem)
    prompt = config.get("prompt")
    is_blank = isinstance(prompt, str) and not prompt.strip()
    if (not prompt or is_blank) and not config.get("messages"):
        yield Problem("prompt", "structured needs 'prompt' or 'messages'", "config.missing")


KIND = register(
    Kind(
        type="structured",
        group="llm",
        backup="backup_model",
        config=StructuredConfig,
        summary="Ask a model for a value that fits a JSON Schema",
        outputs=("output", "text", "reasoning", "repairs", "model", "usage"),
        rules=_rules,
        hints=Hints(
            category="models",
            output_types={
                "output": "any",
                "text": "string",
                "reasoning": "string",
                "repairs": "integer",
                "model": "string",
                "usage": "object",
            },
        ),
    )
)
