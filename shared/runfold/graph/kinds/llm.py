"""`llm`: a chat completion on any OpenAI-compatible endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.agent_tools import TOOLS_EXAMPLE
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.graph.kinds.response_format import format_problem, is_fixed
from runfold.values.references import is_computed

ROLES = ("assistant", "developer", "system", "tool", "user")
"""Who a message may be from."""


class LLMConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of an `llm` node. `prompt`, `messages` or both are needed.

    The conversation sent is: `system_prompt`, the last of `history`, `messages`, `prompt`.
    """

    prompt: Any = ""
    """What the user says; a lone reference to something else than text is sent as JSON."""
    model: str = ""
    """`name`, or `provider/name`; empty: the settings' default model."""
    backup_model: str = ""
    """The model of one more attempt, when all attempts with `model` have failed."""
    system_prompt: Any = ""
    """What the model is told before everything else."""
    messages: list[Any] = []
    """Messages `{role, content}`; content is text or a list of parts."""
    history: Any = []
    """Earlier messages, usually a reference to a list of them."""
    history_window: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """How many of the last messages of the history are sent; absent: all."""
    history_tokens: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """Most tokens of the history that is sent, estimated as a quarter of its UTF-8 bytes."""
    context: Any = None
    """Documents that the answer is to rest on: texts, or objects with `content` and perhaps
    `title`, `url`, `metadata` and `score`. They stand where a prompt has `<context/>`, else at the
    end of the system prompt."""
    files: Any = None
    """Images, audio and documents that go with the prompt: a file, or a list of them."""
    image_detail: Literal["auto", "low", "high"] = "auto"
    """How closely images are looked at, where a server knows that."""
    temperature: float | None = None
    """How freely words are chosen. Sent only when set, as all that follows: else the server's
    default counts."""
    top_p: float | None = None
    """Share of the probable words that are considered."""
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Most tokens of an answer."""
    on_length: Literal["fail", "keep"] = "fail"
    """Whether an answer that was cut off at its limit of tokens fails, or is taken as it is."""
    presence_penalty: float | None = None
    """Against words that were there already."""
    frequency_penalty: float | None = None
    """Against words that were there often."""
    seed: int | None = None
    """For servers that repeat an answer for the same seed."""
    stop: str | list[str] | None = None
    """Text at which an answer ends."""
    reasoning_effort: str | None = None
    """How much a reasoning model thinks: `low`, `medium`, `high`, as the model knows them."""
    response_format: Literal["text", "markdown", "json"] | dict[str, Any] = "text"
    """`json`, or a JSON Schema: the answer is parsed, checked and given as `structured`."""
    tools: list[Any] = []
    """What the model may call. With entries as of an `agent`, the node is one; beside `transcript`
    they are `{name, description, parameters}`, and what becomes of `tool_calls` is the author's."""
    tool_choice: str = "auto"
    """Whether it is to call one: `auto`, `none`, `required`, or the name of the one to call."""
    tool_protocol: Literal["native", "text"] = "native"
    """`text`: tools are told in words and calls read from the text, for models without tools."""
    repair_calls: bool = False
    """Whether an answer that is nothing but the JSON of a known tool's call counts as the call."""
    extra: dict[str, Any] = {}
    """Further members of the request's body, for what a server alone understands."""
    stream: bool = True
    """Whether the answer is asked for piece by piece."""
    transcript: list[Any] | None = None
    """What followed the prompt: messages of the model and of its tools. With it, even an empty one,
    a node with `tools` is one round, and not an agent."""
    FORM: ClassVar[Forms] = {
        "prompt": Form("template", ("Write one sentence about {{topic}}.",)),
        "model": Form("model", ("gpt-4o-mini", "local/llama")),
        "backup_model": Form("model", ("local/llama",), group="errors"),
        "system_prompt": Form("template", ("You are brief.",)),
        "messages": Form(
            "objects", ([{"role": "user", "content": "{{message}}"}],), group="conversation"
        ),
        "history": Form("reference", ("{{sys.history}}",), group="conversation"),
        "history_window": Form("number", (10,), group="conversation"),
        "history_tokens": Form("number", (2000,), group="conversation"),
        "context": Form("reference", ("{{retrieve.output}}",), group="context"),
        "files": Form("reference", ("{{photo}}", ["{{photo}}", "{{report}}"]), group="context"),
        "image_detail": Form("choice", group="context"),
        "temperature": Form("number", (0.2,), group="sampling"),
        "top_p": Form("number", (0.9,), group="sampling"),
        "max_tokens": Form("number", (500,), group="limits"),
        "on_length": Form("choice", group="errors"),
        "presence_penalty": Form("number", (0.5,), group="sampling"),
        "frequency_penalty": Form("number", (0.5,), group="sampling"),
        "seed": Form("number", (7,), group="sampling"),
        "stop": Form("list", ("END", ["END", "STOP"]), group="limits"),
        "reasoning_effort": Form("text", ("low",), group="sampling"),
        "response_format": Form(
            "schema",
            ("json", {"type": "object", "properties": {"title": {"type": "string"}}}),
            group="response",
        ),
        "tools": Form("objects", (TOOLS_EXAMPLE,), group="tools"),
        "tool_choice": Form("text", ("auto", "required", "add"), group="tools"),
        "tool_protocol": Form("choice", group="tools"),
        "repair_calls": Form("boolean", group="tools"),
        "transcript": Form("reference", ("{{talk.messages}}",), group="tools"),
        "extra": Form("key_values", ({"logprobs": True},), group="more"),
        "stream": Form("boolean", group="response"),
    }


def message_problems(messages: Any) -> Iterator[Problem]:
    """Messages that are none, as far as that is known before they are rendered."""
    for at, message in enumerate(messages if isinstance(messages, list) else ()):
        if is_computed(message):
            continue
        role = message.get("role") if isinstance(message, dict) else None
        if not isinstance(role, str) or (role not in ROLES and not is_computed(role)):
            what = f"messages[{at}] is not a message: it needs a role ({', '.join(ROLES)})"
            yield Problem(f"messages[{at}]", what)


def _tool_problems(config: dict[str, Any]) -> Iterator[Problem]:
    """Tools of one round that a request cannot have."""
    tools, choice = config.get("tools"), config.get("tool_choice", "auto")
    if not isinstance(tools, list) or not is_fixed(tools):
        return
    names: list[str] = []
    for at, tool in enumerate(tools):
        inner = tool.get("function") if isinstance(tool, dict) else None
        about = inner if isinstance(inner, dict) else tool
        name = about.get("name") if isinstance(about, dict) else None
        if not isinstance(name, str) or not name.strip():
            yield Problem(f"tools[{at}]", f"tools[{at}] has no name")
            continue
        if name in names:
            yield Problem(f"tools[{at}]", f"there are two tools {name!r}")
        names.append(name)
    is_known = not isinstance(choice, str) or is_computed(choice)
    if not is_known and choice not in ("auto", "none", "required", *names):
        yield Problem("tool_choice", f"there is no tool {choice!r}; tools: {', '.join(names)}")


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    if config.get("transcript") is not None:
        yield from _tool_problems(config)
    yield from message_problems(config.get("messages"))
    prompt = config.get("prompt")
    is_blank = isinstance(prompt, str) and not prompt.strip()
    if (not prompt or is_blank) and not (config.get("messages") or config.get("files")):
        yield Problem("prompt", "llm needs 'prompt', 'messages' or 'files'", "config.missing")
    form = config.get("response_format")
    if isinstance(form, dict) and is_fixed(form) and (problem := format_problem(form)):
        yield Problem("response_format", problem)


def _becomes(config: dict[str, Any]) -> str:
    """With tools of its own, and unless it is one round, an `llm` is an agent."""
    return "agent" if config.get("tools") and config.get("transcript") is None else ""


def _asks(config: dict[str, Any]) -> Iterator[tuple[str | int, ...]]:
    """The system prompt, and the contents of messages that are text."""
    if isinstance(config.get("system_prompt"), str):
        yield ("system_prompt",)
    messages = config.get("messages")
    for at, message in enumerate(messages if isinstance(messages, list) else ()):
        if isinstance(message, dict) and isinstance(message.get("content"), str):
            yield "messages", at, "content"


KIND = register(
    Kind(
        type="llm",
        group="llm",
        config=LLMConfig,
        summary="Ask a language model",
        outputs=(
            "output",
            "reasoning",
            "structured",
            "tool_calls",
            "citations",
            "finish_reason",
            "model",
            "usage",
        ),
        streams=True,
        backup="backup_model",
        asks=_asks,
        rules=_rules,
        becomes=_becomes,
        hints=Hints(
            category="models",
            output_types={
                "output": "string",
                "reasoning": "string",
                "structured": "any",
                "tool_calls": "array",
                "citations": "array",
                "finish_reason": "string",
                "model": "string",
                "usage": "object",
            },
        ),
    )
)
