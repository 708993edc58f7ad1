"""The tools of one request: as they are sent, and which of them a model means. Pure.

The API takes names of 64 letters, digits, `_` and `-`. A tool may be called anything: it is sent by
a name that fits, and its own comes back. Models alter names, mostly by a prefix such as
`functions.`; what is left when it is taken off has to be a tool's name exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from runfold.contracts.json_reader import read_json
from runfold.contracts.json_writer import write_json
from runfold.errors import NodeFailed, Undecodable
from runfold_executor_llm.tool_calls import RawCall, ToolCall, arguments_of, call_ids, with_ids

AUTO, NONE, REQUIRED = "auto", "none", "required"
_NOT_SENT = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST = 64
_COUNTED = re.compile(r":\d+$")
_PREFIX = re.compile(r"^[^./:]*[./:]+")
_QUOTES = "'\"` "
_TAGGED = re.compile(r"<tool_call>(.*?)(?:</tool_call>|\Z)", re.DOTALL)
_FENCED = re.compile(r"\A```[\w-]*\s*\n(.*?)\n?```\Z", re.DOTALL)


class Toolbox:
    """Tools that are handed over to a model."""

    def __init__(self, tools: Sequence[Any], choice: str = AUTO) -> None:
        """Read tools as a configuration has them.

        Args:
            tools: `{name, description, parameters}`, or OpenAI's form with these in `function`.
            choice: `auto`, `none`, `required`, or the name of the tool that is to be called.

        Raises:
            NodeFailed: `llm.tools_invalid`.
        """
        self.tools: dict[str, dict[str, Any]] = {}
        """By their own names."""
        self._sent: dict[str, str] = {}
        """Own names by the names that are sent."""
        for at, tool in enumerate(tools):
            self._add(tool, f"tools[{at}]")
        for own in sorted(self.tools, key=lambda name: sendable(name) != name):
            self._sent[self._free(own)] = own
        self._wire = {own: sent for sent, own in self._sent.items()}
        if choice not in {AUTO, NONE, REQUIRED, *self.tools}:
            raise _invalid(f"tool_choice names {choice!r}, which is not among the tools")
        self.choice = choice

    @property
    def names(self) -> frozenset[str]:
        """The names that the model knows."""
        return frozenset(self._sent)

    def parameters(self) -> dict[str, Any]:
        """`tools` and `tool_choice` of a request."""
        sent = [{"type": "function", "function": self._function(own)} for own in self.tools]
        if self.choice == AUTO:
            return {"tools": sent}  # what servers do by themselves; some refuse to be told
        named = {"type": "function", "function": {"name": self.sent_as(self.choice)}}
        return {
            "tools": sent,
            "tool_choice": self.choice if self.choice in (NONE, REQUIRED) else named,
        }

    def sent_as(self, name: str) -> str:
        """The name that a tool is sent by; one that fits for what is not a tool."""
        return self._wire.get(name) or sendable(name)

    def named(self, written: str) -> str | None:
        """The tool that a model means by a name; None when there is none."""
        return next((own for one in _readings(written) if (own := self._own(one))), None)

    def calls(self, raw: Sequence[RawCall], messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The calls of an answer as outputs, each with an id of its own.

        Args:
            raw: The calls, as they were sent.
            messages: The conversation before.
        """
        used, turns = call_ids(messages)
        calls = with_ids(map(self._call, raw), used, turns + 1)
        return [msgspec.to_builtins(call) for call in calls]

    def calls_in_text(self, text: str) -> list[RawCall]:
        """Calls that a model printed as JSON, when the text is nothing but calls of known tools."""
        tagged = _TAGGED.findall(text)
        if tagged:
            found = [] if _TAGGED.sub("", text).strip() else [_printed(one) for one in tagged]
        else:
            fenced = _FENCED.match(text.strip())
            found = [_printed(fenced[1] if fenced else text)]
        calls = [call for call in found if call is not None and self.named(call.name)]
        return calls if len(calls) == len(found) else []

    def _add(self, tool: Any, where: str) -> None:
        inner = tool.get("function") if isinstance(tool, Mapping) else None
        about = inner if isinstance(inner, Mapping) else tool
        name = about.get("name") if isinstance(about, Mapping) else None
        if not isinstance(name, str) or not name.strip():
            raise _invalid(f"{where} has no name")
        if name in self.tools:
            raise _invalid(f"{where}: there are two tools {name!r}")
        parameters = about.get("parameters") or {}
        if not isinstance(parameters, Mapping) or parameters.get("type", "object") != "object":
            raise _invalid(f"{where} ({name!r}): parameters is to be a JSON Schema of an object")
        # Servers refuse an object schema that lacks one of them.
        schema = {"type": "object", "properties": {}, **parameters}
        self.tools[name] = {"description": str(about.get("description") or ""), "schema": schema}

    def _free(self, name: str) -> str:
        """A name to send that no other tool has."""
        plain = sendable(name)
        sent, count = plain, 1
        while sent in self._sent:
            count += 1
            sent = f"{plain[: _LONGEST - len(str(count)) - 1]}_{count}"
        return sent

    def _function(self, own: str) -> dict[str, Any]:
        tool, sent = self.tools[own], self._wire[own]
        parts = (own if sent != own else "", tool["description"])
        about = {"name": sent, "parameters": tool["schema"]}
        description = ": ".join(part for part in parts if part)
        return {**about, "description": description} if description else about

    def _own(self, name: str) -> str | None:
        return self._sent.get(name) or (name if name in self.tools else None)

    def _call(self, call: RawCall) -> ToolCall:
        name = self.named(call.name)
        arguments, problem, reason = arguments_of(call.arguments)
        if name is None and (call.name or not problem):
            known = ", ".join(map(repr, self.tools))
            problem, reason = "unknown_tool", f"there is no tool {call.name!r}; known: {known}"
        return ToolCall(
            id=call.id,
            name=name or call.name,
            arguments=arguments,
            raw=call.arguments,
            problem=problem,
            reason=reason or msgspec.UNSET,
            extra=call.extra or msgspec.UNSET,
        )


def sendable(name: str) -> str:
    """A name that the API takes."""
    fits = _NOT_SENT.sub("_", name)[:_LONGEST]
    return fits if fits.strip("_") else "tool"


def _readings(written: str) -> Iterator[str]:
    """What a written name may stand for, the most exact first."""
    yield written
    name = written.strip(_QUOTES)
    yield name
    name = _COUNTED.sub("", name)
    yield name
    while (rest := _PREFIX.sub("", name)) != name:
        name = rest
        yield name


def _printed(text: str) -> RawCall | None:
    """A call that is printed as one JSON object."""
    try:
        value = read_json(text.strip())
    except Undecodable:
        return None
    if isinstance(value, dict) and isinstance(value.get("function"), dict):
        value = value["function"]
    if not isinstance(value, dict):
        return None
    name = next((one for key in ("name", "function", "tool") if (one := value.get(key))), None)
    keys = [key for key in ("arguments", "parameters", "args") if key in value]
    arguments = value[keys[0]] if keys else {}
    if not isinstance(name, str) or not isinstance(arguments, dict):
        return None
    return RawCall("", name, write_json(arguments).decode(), {})


def _invalid(message: str) -> NodeFailed:
    return NodeFailed(message, code="llm.tools_invalid", kind="input")
