"""Finds what a server refused of a request, and writes the request in a form that it takes.

Authors do not have to know how servers differ: the same workflow runs against any of them. A
refusal has cost nothing, so asking again in a plainer form is not a retry. The service remembers
for each endpoint and model what was refused.

Nothing here changes what an answer means. A parameter that shapes how a model samples may be left
out; one that ends the answer (`stop`) may not. The response format may become plainer, since the
answer is checked in any case, and the format is in the prompt too.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import msgspec

from runfold.model_endpoints.providers import Endpoint
from runfold.model_endpoints.refusals import Refused
from runfold.model_endpoints.refused_features import Feature
from runfold_executor_llm.message_forms import asked_for, formed
from runfold_executor_llm.tools import Toolbox

STREAM_OPTIONS, MAX_TOKENS, STOP = "stream_options", "max_tokens", "stop"
_HINTS = (
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "seed",
    "reasoning_effort",
    "tool_choice",
)
"""Parameters that are left out where a model does not have them, as OpenAI's reasoning models. An
answer shows whether a tool was called, so `tool_choice` may go too."""
_NOT_SUPPORTED = re.compile(
    r"unsupported|not support|n't support|extra[_ ](?:inputs|forbidden|fields)|unrecognized"
    r"|unknown|unexpected|not permitted|deprecated|not available|not compatible|incompatible",
    re.IGNORECASE,
)
_AUTHORS_SCHEMA = re.compile(r"invalid schema", re.IGNORECASE)
_REFUSALS = (400, 422)
"""How servers say that they do not know a parameter."""
_FAILED = 500
"""What llama.cpp answers when a chat template refuses the messages."""
_FORMS = {
    "text": ("text", ""),
    "json_object": ("json_object", "json_schema", ""),
    "json_schema": ("json_schema", "json_object", ""),
}
"""Response formats, and what is tried instead of each. LM Studio knows only schemas, DeepSeek only
JSON, and others neither."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask for."""

    endpoint: Endpoint
    messages: list[dict[str, Any]]
    parameters: dict[str, Any] = {}
    """Parameters of a chat completion by their names in the API."""
    extra: dict[str, Any] = {}
    """Further members of the request's body."""
    tools: Toolbox | None = None
    """The tools that `parameters` hand over."""
    own_stop: tuple[str, ...] = ()
    """Further text at which an answer ends. An answer that goes on is cut there by its reader, so
    that a server may refuse it."""
    stream: bool = True

    @property
    def offered(self) -> tuple[Feature, ...]:
        """What it has that a model may not take."""
        contents = [one for each in self.messages if isinstance(one := each.get("content"), list)]
        parts = [part for content in contents for part in content if isinstance(part, dict)]
        has_images = any(part.get("type") in ("image_url", "video_url") for part in parts)
        found: list[Feature] = ["tools"] if self.tools else []
        return (*found, "vision") if has_images else tuple(found)


class Refusal(NamedTuple):
    """What a server does not take of a request."""

    names: Refused
    is_lasting: bool
    """Whether it holds for the endpoint and model, and not for this request alone."""


def arguments(call: Call, refused: Refused) -> dict[str, Any]:
    """The arguments of a request, without what is refused."""
    found: dict[str, Any] = {
        **{name: value for name, value in call.parameters.items() if _is_taken(name, refused)},
        "model": call.endpoint.model,
        "messages": call.messages,
        "stream": call.stream,
        "extra_body": call.extra or None,
    }
    if call.stream and STREAM_OPTIONS not in refused:
        found["stream_options"] = {"include_usage": True}
    if MAX_TOKENS in refused and MAX_TOKENS in found:
        found["max_completion_tokens"] = found.pop(MAX_TOKENS)
    if "tool_choice" in refused and call.parameters.get("tool_choice") == "none":
        found.pop("tools", None)  # what is not there is not called
    if call.own_stop and STOP not in refused:
        found[STOP] = [*_listed(found.get(STOP)), *call.own_stop]
    wanted = found.pop("response_format", None)
    if wanted is not None:
        form, instruction = _response_format(wanted, refused)
        if form is not None:
            found["response_format"] = form
        if instruction:
            found["messages"] = _with_instruction(call.messages, instruction)
    found["messages"] = formed(found["messages"], refused)
    return found


def refusal(status: int, body: str, call: Call, refused: Refused) -> Refusal | None:
    """What a server refused, by its answer to a request without `refused`; None for anything else.

    Args:
        status: Of the response.
        body: Its body.
        call: What was asked.
        refused: What had been left out already.
    """
    names = set()
    is_lasting = True
    if status in _REFUSALS:
        if call.stream and (STREAM_OPTIONS in body or "include_usage" in body):
            names.add(STREAM_OPTIONS)
        if "max_completion_tokens" in body and MAX_TOKENS in call.parameters:
            names.add(MAX_TOKENS)
        if _NOT_SUPPORTED.search(body):
            names |= {name for name in _HINTS if name in call.parameters and _names(body, name)}
            if call.own_stop and STOP not in call.parameters and _names(body, STOP):
                names.add(STOP)
    if status in (*_REFUSALS, _FAILED):
        names |= set(asked_for(status, body, call.messages))
    # llama-cpp-python answers 500 to what it cannot validate.
    if "response_format" in body and (wanted := call.parameters.get("response_format")):
        names.add(_form(wanted, refused))
        is_lasting = _AUTHORS_SCHEMA.search(body) is None
    fresh = frozenset(names) - refused - {""}
    return Refusal(fresh, is_lasting) if fresh else None


def _is_taken(name: str, refused: Refused) -> bool:
    return name not in _HINTS or name not in refused


def _listed(stop: str | list[str] | None) -> list[str]:
    return [stop] if isinstance(stop, str) else list(stop or ())


def _names(body: str, name: str) -> bool:
    return re.search(rf"(?<![\w.]){name}(?!\w)", body) is not None


def _form(wanted: dict[str, Any], refused: Refused) -> str:
    """The response format to ask for; empty for none."""
    forms = _FORMS.get(str(wanted.get("type")), ("",))
    return next((form for form in forms if form not in refused), "")


def _response_format(wanted: dict[str, Any], refused: Refused) -> tuple[dict[str, Any] | None, str]:
    """The format as this server takes it, and what is to be body in words instead."""
    form = _form(wanted, refused)
    if form == wanted.get("type"):
        return wanted, ""
    if wanted.get("type") == "json_object":
        # The system prompt says it in words already.
        schema = {"name": "answer", "schema": {"type": "object"}}
        return ({"type": form, "json_schema": schema} if form else None), ""
    if wanted.get("type") == "json_schema":
        schema = wanted["json_schema"]["schema"]
        instruction = f"Answer with one JSON value that fits this JSON Schema: {json.dumps(schema)}"
        # llama.cpp keeps to a schema that comes with json_object.
        return ({"type": form, "schema": schema} if form else None), instruction
    return None, ""


def _with_instruction(messages: list[dict[str, Any]], instruction: str) -> list[dict[str, Any]]:
    """The messages with a further instruction, in one system message: some servers take no two."""
    first = messages[0] if messages else {}
    if first.get("role") != "system":
        return [{"role": "system", "content": instruction}, *messages]
    said = first["content"]
    if isinstance(said, list):
        whole: Any = [{"type": "text", "text": instruction}, *said]
    else:
        whole = f"{instruction}\n\n{said}"
    return [{**first, "content": whole}, *messages[1:]]
