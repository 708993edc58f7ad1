"""`agent`: asks a model round after round, and runs the tools it calls, until it answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.agent_tools import (
    APPROVE,
    ARGS,
    CALL,
    MODEL,
    PARAMETERS,
    REVIEW,
    ROUND,
    TOOL,
    TOOLS_EXAMPLE,
    Tool,
    authored,
    bodies_of_entry,
    entries_of,
    is_list_body,
    listing_of,
    tool_problems,
)
from runfold.graph.kinds.composites import fixed_problems
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.llm import LLMConfig
from runfold.graph.kinds.registry import INLINE, Kind, Origins, Problem, register
from runfold.values.durations import parse_duration, unreadable
from runfold.values.references import is_computed

_NAMES = frozenset((ARGS, TOOL, ROUND, PARAMETERS))
_ASKED = frozenset(field.encode_name for field in msgspec.structs.fields(LLMConfig)) - {
    *("tools", "tool_choice", "tool_protocol", "transcript")
}
"""Settings that are those of each round."""
_FIXED = (
    *("tools", "tool_choice", "strategy", "max_rounds", "max_tool_calls", "max_bad_calls"),
    *("max_result_chars", "concurrency", "budget", "approval"),
)
_SENT = ("transcript", "tools", "tool_protocol", "tool_choice")
"""What a round sends beside the prompt, by the settings of an `llm` node."""
_OUTPUTS = {
    "output": "string",
    "reasoning": "string",
    "structured": "any",
    "citations": "array",
    "rounds": "integer",
    "tool_calls": "array",
    "reason": "string",
    "model": "string",
    "finish_reason": "string",
    "usage": "object",
}


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an agent may use up."""

    tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Tokens of all rounds together."""
    cost: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """Cost of all rounds together, in the currency of the models' prices."""
    FORM: ClassVar[Forms] = {
        "tokens": Form("number", (20000,)),
        "cost": Form("number", (0.5,)),
    }


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a person is asked whether a call may run."""

    message: Any = "May {{tool}} run?"
    """What they are asked; `{{tool}}` and `{{args}}` can be read."""
    assignee: str = ""
    """Who is asked: passed on to the client that shows the question."""
    timeout: Any = None
    """How long to wait before the call counts as refused; absent: for ever."""
    FORM: ClassVar[Forms] = {
        "message": Form("template", ("May {{tool}} run?",)),
        "assignee": Form("text", ("operations",)),
        "timeout": Form("duration", ("2h",)),
    }


class AgentConfig(LLMConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of an `agent` node: that of an `llm` node, and the tools it may use."""

    tools: list[Tool] = msgspec.field(default_factory=list)
    """What the model may call."""
    strategy: Literal["function_calling", "react", "auto"] = "function_calling"
    """`function_calling`: by the API's own tools. `react`: in text, for models without them.
    `auto`: in text once the server says that the model knows no tools."""
    max_rounds: Annotated[int, msgspec.Meta(ge=1)] = 10
    """How often the model is asked; the last time without tools, so that it answers."""
    max_tool_calls: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Calls in all; the model is told when they are used up."""
    max_bad_calls: Annotated[int, msgspec.Meta(ge=0)] = 3
    """Calls in a row that cannot be run and of which the model is told; one more is a failure."""
    max_result_chars: Annotated[int, msgspec.Meta(ge=100)] = 8000
    """Characters of a result that the model is told; all of it is in the log."""
    concurrency: Annotated[int, msgspec.Meta(ge=1)] = 8
    """Calls of one round under way at a time."""
    budget: Budget | None = None
    """What it may use up; the agent fails before a round that begins over it."""
    round_timeout: Any = None
    """Longest time of one attempt of a round; `timeout` of the node is that of the whole."""
    approval: Approval | None = None
    """How a person is asked about calls that have to be approved."""
    bodies: dict[str, Any] = msgspec.field(default_factory=dict)
    """What is run, written out when the workflow is read: authors leave it out."""
    FORM: ClassVar[Forms] = {
        "tools": Form("objects", (TOOLS_EXAMPLE,)),
        "strategy": Form("choice", group="more"),
        "max_rounds": Form("number", (10,), group="limits"),
        "max_tool_calls": Form("number", (20,), group="limits"),
        "max_bad_calls": Form("number", (3,), group="errors"),
        "max_result_chars": Form("number", (8000,), group="limits"),
        "concurrency": Form("number", (8,), group="limits"),
        "budget": Form("object", ({"tokens": 20000},), group="limits"),
        "round_timeout": Form("duration", ("60s",), group="limits"),
        "approval": Form("object", ({"assignee": "operations", "timeout": "2h"},), group="people"),
        "bodies": Form("bodies", ({},), group="more"),
    }


def expanded(config: dict[str, Any]) -> tuple[dict[str, Any], Origins]:
    """The configuration with the bodies written out that it is short for."""
    bodies: dict[str, Any] = {MODEL: _one(_round_node(config)), APPROVE: _one(_review_node(config))}
    origins: Origins = {
        f"{MODEL}.nodes[0]": ("", False),
        f"{APPROVE}.nodes[0]": ("config.approval", True),
    }
    if "approval" in config:
        origins[f"{APPROVE}.nodes[0].config"] = ("config.approval", False)
    for name, (index, entry) in entries_of(config).items():
        for body_name, body in bodies_of_entry(name, entry).items():
            bodies[body_name] = body
            origins[f"{body_name}.nodes[0]"] = (f"config.tools[{index}]", False)
            origins[f"{body_name}.output"] = (f"config.tools[{index}].output", False)
    return {**config, "bodies": bodies}, origins


def _one(node: dict[str, Any]) -> dict[str, Any]:
    return {"nodes": [node], "edges": []}


def _round_node(config: dict[str, Any]) -> dict[str, Any]:
    asked = {name: value for name, value in config.items() if name in _ASKED}
    sent = {name: "{{" + f"{ROUND}.{name}" + "}}" for name in _SENT}
    node: dict[str, Any] = {"id": CALL, "type": "llm", "config": {**asked, **sent}}
    if config.get("round_timeout") is not None:
        node["timeout"] = config["round_timeout"]
    return node


def _review_node(config: dict[str, Any]) -> dict[str, Any]:
    written = config.get("approval")
    approval = written if isinstance(written, dict) else {}
    content = {TOOL: "{{" + TOOL + "}}", "arguments": "{{" + ARGS + "}}"}
    return {
        "id": REVIEW,
        "type": "human_review",
        "config": {
            "message": "May {{tool}} run?",
            **approval,
            "review_content": content,
            "form": {
                "type": "object",
                "properties": {"arguments": "{{" + PARAMETERS + "}}"},
                "additionalProperties": False,
            },
        },
    }


def _bodies(config: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    bodies = config.get("bodies")
    return {name: ("bodies", name) for name in (bodies if isinstance(bodies, dict) else ())}


def _names(_config: dict[str, Any]) -> frozenset[str]:
    return _NAMES


def _names_in(_config: dict[str, Any], body: str) -> frozenset[str]:
    """A round and a list of tools are of no call: `args` is there what is called so around."""
    if body == MODEL:
        return frozenset((ROUND,))
    return frozenset() if is_list_body(body) else _NAMES - {ROUND}


def _reads(config: dict[str, Any]) -> dict[str, Any]:
    """The conditions on which calls wait for a person, by place."""
    found = {}
    for index, entry in entries_of(config).values():
        approve = entry.get("approve")
        if isinstance(approve, dict) and "when" in approve:
            found[f"tools[{index}].approve.when"] = approve["when"]
    return found


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from fixed_problems(config, *_FIXED)
    yield from tool_problems(config)
    yield from _choice_problems(config)
    for one in unreadable(config, parse_duration, "round_timeout"):
        yield Problem(*one)


def _choice_problems(config: dict[str, Any]) -> Iterator[Problem]:
    """A choice among tools that are not there."""
    choice, entries = config.get("tool_choice"), entries_of(config)
    if not isinstance(choice, str) or choice in ("auto", "none") or is_computed(choice):
        return
    if choice == "required" and not entries:
        yield Problem("tool_choice", "there are no tools to choose from")
    lists = any(listing_of(entry) for _, entry in entries.values())
    if choice not in ("required", *entries) and not lists:
        yield Problem("tool_choice", f"there is no tool {choice!r}; tools: {', '.join(entries)}")


def _declared(config: dict[str, Any]) -> dict[str, str]:
    del config
    return _OUTPUTS


KIND = register(
    Kind(
        type="agent",
        group=INLINE,
        config=AgentConfig,
        summary="Let a model use tools until it answers",
        outputs=tuple(_OUTPUTS),
        streams=True,
        rules=_rules,
        bodies=_bodies,
        provides=_names,
        provides_in=_names_in,
        hides=frozenset((ARGS, TOOL)),
        authored=authored,
        inner=tuple(field.encode_name for field in msgspec.structs.fields(AgentConfig)),
        reads=_reads,
        sequential=lambda _config: True,
        expand=expanded,
        retried_body=MODEL,
        hints=Hints(
            category="models",
            fixed=_FIXED,
            output_types=_OUTPUTS,
            body_places=("bodies.*",),
            may_need=("llm",),
        ),
    )
)
