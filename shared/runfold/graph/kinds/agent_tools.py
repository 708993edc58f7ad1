"""The tools of an agent: how they are written, and the bodies in which they are run.

Each entry of `tools` stands for a node of one kind, which a call runs with the model's arguments as
`{{args}}`. An entry of a kind that lists tools (`LISTING`) stands for all those it lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar, Literal, NamedTuple

import msgspec

from runfold.graph.forms import form_problems, form_schema, has_computed
from runfold.graph.kinds.hints import Form, Forms
from runfold.graph.kinds.registry import INLINE, Problem, kind_of
from runfold.values.conditions import condition_findings, is_structured

MODEL, APPROVE = "model", "approve"
"""Bodies of every agent: one round, and the question whether a call may run."""
CALL, REVIEW = "call", "review"
"""Ids of the nodes in them: of a round or a call, and of that question."""
ARGS, TOOL, ROUND, PARAMETERS = "args", "tool", "_agent_round", "_agent_parameters"
"""Names inside bodies: arguments and name of the tool in a call; what is sent in a round, and the
schema of the arguments where a person is asked, by names that no author gives a node."""
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What APIs of models take as the name of a function."""
_TAKEN = frozenset((MODEL, APPROVE))
_NOT_RENDERED = ("name", "description", "parameters", "allow", "deny", "on_error")
_NODE_SETTINGS = (
    *("timeout", "retry", "breaker", "rate_limit", "cache", "idempotency_key", "concurrency"),
)

TOOLS_EXAMPLE = [
    {
        "type": "code",
        "name": "add",
        "description": "Adds two numbers.",
        "parameters": {"a": "number", "b": "number"},
        "config": {"code": "def main(params):\n    return {'output': params['a'] + params['b']}"},
    }
]


class Listing(NamedTuple):
    """How nodes of a kind that lists tools are told what to call."""

    names: str
    """The setting that names what they are from, and the entry when it has no name."""
    tool: str
    arguments: str
    only: str = ""
    """The setting that bounds a list to some tools, where there is one."""


LISTING = {
    "mcp": Listing("server", "tool", "arguments"),
    "plugin": Listing("plugin", "operation", "parameters", "operations"),
}
_KNOWLEDGE = "knowledge_retrieve"
_CALLED_BY = {
    **{kind: one.names for kind, one in LISTING.items()},
    "sub_workflow": "workflow",
    _KNOWLEDGE: "bases",
}
_SEARCH = {
    "type": "object",
    "properties": {"query": {"type": "string", "description": "What to look for, in words."}},
    "required": ["query"],
    "additionalProperties": False,
}
"""Arguments of a knowledge tool whose entry says no others."""
_OUTPUTS = {"http_request": "{{" + CALL + ".body}}"}
"""What the model is told of a result, where that is not the node's output."""
_NOT_A_TOOL = frozenset(
    (
        *("start", "end", "answer", "break", "continue", "join", "compensate", "agent", "wait"),
        *("loop", "iteration", "batch", "parallel", "state_machine", "selector", "condition"),
        *("assign", "aggregate"),
    )
)


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which calls wait for a person."""

    when: Any
    """A structured condition on `{{args.…}}` and `{{tool}}`."""
    FORM: ClassVar[Forms] = {
        "when": Form("condition", ({"left": "{{args.amount}}", "operator": ">", "right": 100},)),
    }


class Tool(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that the model may call: a node of a kind, with the model's arguments."""

    type: str
    """The kind of node: `http_request`, `code`, `sub_workflow`, `mcp`, `plugin`, `knowledge`, or
    any other task. Entries of `mcp` and `plugin` stand for all tools of the server or document, or
    for the one that their configuration names."""
    name: str = ""
    """What the model calls it: letters, digits, `_`, `-`. Without it, the id of the server, of the
    document, of the workflow or of the one knowledge base."""
    description: str = ""
    """What the model is told that it does."""
    parameters: dict[str, Any] = {}
    """Its arguments: fields by name as of a form, or a JSON Schema. Of a workflow: its inputs."""
    config: dict[str, Any] = {}
    """Configuration of the node; `{{args}}` are the model's arguments."""
    allow: list[str] = []
    """Of all tools that are listed, only these; `*` stands for any characters."""
    deny: list[str] = []
    """Of all tools that are listed, not these."""
    approve: Literal["never", "always"] | When = "never"
    """Whether a call waits until a person lets it run; they may change its arguments."""
    on_error: Literal["tell", "fail"] = "tell"
    """Whether a call that failed for good is told to the model, or fails the agent."""
    output: Any = None
    """What the model is told of a result: a template on `{{call}}`, which is the node. Without it,
    the node's output; of a request its body."""
    timeout: Any = None
    """As of every node: of one attempt of a call."""
    retry: Any = None
    """As of every node."""
    breaker: Any = None
    """As of every node."""
    rate_limit: Any = None
    """As of every node."""
    cache: Any = None
    """As of every node."""
    idempotency_key: Any = None
    """As of every node."""
    concurrency: Any = None
    """As of every node."""
    FORM: ClassVar[Forms] = {
        "type": Form("text", ("http_request", "mcp", "sub_workflow")),
        "name": Form("text", ("get_weather",)),
        "description": Form("text", ("The weather in a city, now.",)),
        "parameters": Form("schema", ({"city": {"type": "string", "required": True}},)),
        "config": Form("key_values", ({"url": "https://example.com/?q={{args.city}}"},)),
        "allow": Form("list", (["get_*"],)),
        "deny": Form("list", (["delete_*"],)),
        "approve": Form("choice", ("always",), group="people"),
        "on_error": Form("choice", group="errors"),
        "output": Form("value", ("{{call.body.temperature}}",)),
        "timeout": Form("duration", ("10s",), group="limits"),
        "retry": Form("object", ({"max_attempts": 3},), group="errors"),
        "breaker": Form("object", ({"failures": 5},), group="limits"),
        "rate_limit": Form("object", ({"rate": "10/s"},), group="limits"),
        "cache": Form("object", ({"key": "{{args}}", "ttl": "1h"},), group="limits"),
        "idempotency_key": Form("template", ("{{args.order}}",), group="limits"),
        "concurrency": Form("number", (4,), group="limits"),
    }


def entries_of(config: dict[str, Any]) -> dict[str, tuple[int, dict[str, Any]]]:
    """The usable entries of `tools` by name, each with its place; of one name the first."""
    found: dict[str, tuple[int, dict[str, Any]]] = {}
    tools = config.get("tools")
    for index, entry in enumerate(tools if isinstance(tools, list) else ()):
        name = name_of(entry)
        if name:
            found.setdefault(name, (index, entry))
    return found


def name_of(entry: Any) -> str:
    """What an entry is called; empty for one that cannot be used."""
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        return ""
    name = entry.get("name") or _implied_name(entry)
    return name if isinstance(name, str) and NAME.fullmatch(name) and name not in _TAKEN else ""


def _implied_name(entry: dict[str, Any]) -> Any:
    config = entry.get("config")
    field = _CALLED_BY.get(type_of(entry), "")
    name = config.get(field, "") if isinstance(config, dict) else ""
    return name if isinstance(name, str) else ""


def type_of(entry: dict[str, Any]) -> str:
    """The type of an entry's node, whichever of its names is written."""
    kind = kind_of(entry["type"])
    return kind.type if kind else str(entry["type"])


def listing_of(entry: dict[str, Any]) -> Listing | None:
    """How an entry lists its tools; None for one that is a tool itself."""
    return LISTING.get(type_of(entry))


def list_body(name: str) -> str:
    """The body in which the tools of an entry are listed."""
    return f"{name}.list"


def is_list_body(name: str) -> bool:
    """Whether a body lists tools: no tool's own name has a dot."""
    return name.endswith(list_body(""))


def parameters_of(entry: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of an entry's arguments, as far as the entry itself says it."""
    written = entry.get("parameters")
    schema = form_schema(written) if isinstance(written, dict) else {}
    if not schema and type_of(entry) == _KNOWLEDGE:
        return _SEARCH
    return schema or {"type": "object", "properties": {}}


def description_of(entry: dict[str, Any]) -> str:
    """What the model is told that an entry's tool does, as far as the entry itself says it."""
    written = entry.get("description")
    if not written and type_of(entry) == _KNOWLEDGE:
        return f"Searches the knowledge base {name_of(entry)}; gives passages, the best first."
    return str(written or "")


def bodies_of_entry(name: str, entry: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The bodies of an entry by name: one for its calls, and one that lists its tools."""
    written = entry.get("config")
    config = dict(written) if isinstance(written, dict) else {}
    listing = listing_of(entry)
    if listing is None:
        if type_of(entry) == "sub_workflow":
            config.setdefault("inputs", "{{" + ARGS + "}}")
        elif type_of(entry) == _KNOWLEDGE:
            config.setdefault("query", "{{" + ARGS + ".query}}")
        elif type_of(entry) == "code":
            config.setdefault("params", "{{" + ARGS + "}}")
        return {name: _body(entry, config)}
    fixed = {key: value for key, value in config.items() if key not in listing[1:]}
    call = {**fixed, listing.tool: "{{" + TOOL + "}}", listing.arguments: "{{" + ARGS + "}}"}
    lists = {**fixed, "list_tools": True}
    if listing.only and config.get(listing.tool):
        lists[listing.only] = [config[listing.tool]]
    return {name: _body(entry, call), list_body(name): _body(entry, lists)}


def _body(entry: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    settings = {name: entry[name] for name in _NODE_SETTINGS if entry.get(name) is not None}
    node = {"id": CALL, "type": entry["type"], "config": config, **settings}
    body = {"nodes": [node], "edges": []}
    output = entry.get("output", _OUTPUTS.get(type_of(entry)))
    return body if output is None or "list_tools" in config else {**body, "output": output}


def authored(config: dict[str, Any]) -> dict[str, Any]:
    """What authors wrote that is read in a call, by place."""
    found: dict[str, Any] = {}
    for index, entry in entries_of(config).values():
        kind, written = kind_of(entry["type"]), entry.get("config")
        for name, value in written.items() if isinstance(written, dict) else ():
            if kind is None or name not in kind.raw:
                found[f"tools[{index}].config.{name}"] = value
        for name in ("output", "approve", "idempotency_key", "breaker", "rate_limit", "cache"):
            found[f"tools[{index}].{name}"] = entry.get(name)
    return found


# --- checks ---------------------------------------------------------------------------------------


def tool_problems(config: dict[str, Any]) -> Iterator[Problem]:
    """What is wrong with the entries, beside what their nodes' own checks find."""
    tools = config.get("tools")
    seen: set[str] = set()
    for index, entry in enumerate(tools if isinstance(tools, list) else ()):
        if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
            continue  # the struct says so
        place = f"tools[{index}]"
        name = name_of(entry)
        yield from _name_problems(place, entry, name, seen)
        seen.add(name)
        yield from _type_problems(place, entry)
        for problem in form_problems(entry.get("parameters")):
            yield Problem(f"{place}.parameters", problem, "agent.tool_schema")
        yield from _approval_problems(place, entry.get("approve"))
        for field in _NOT_RENDERED:
            if has_computed(entry.get(field)):
                message = f"{field} is not rendered: it cannot be a reference or a template"
                yield Problem(f"{place}.{field}", message)
        yield from _listing_problems(place, entry)


def _listing_problems(place: str, entry: dict[str, Any]) -> Iterator[Problem]:
    listing = listing_of(entry)
    for field in ("allow", "deny") if listing is None else ("description", "parameters"):
        if entry.get(field):
            those = "entries that list tools" if listing is None else "entries that are one tool"
            message = f"{field} is for {those}; those that list are {', '.join(LISTING)}"
            yield Problem(f"{place}.{field}", message)
    config = entry.get("config")
    if listing is not None and isinstance(config, dict) and config.get(listing.arguments):
        message = "the model fills these in: what you fill in stands in `preset`"
        yield Problem(f"{place}.config.{listing.arguments}", message)


def _name_problems(
    place: str, entry: dict[str, Any], name: str, seen: set[str]
) -> Iterator[Problem]:
    if not name:
        written = entry.get("name") or _implied_name(entry)
        said = f", not {written!r}" if written else ""
        message = f"a tool needs a name of 1 to 64 letters, digits, _ and -{said}"
        if written in _TAKEN:
            message = f"a tool cannot be called {written!r}: the agent's own bodies are"
        yield Problem(f"{place}.name", message, "agent.tool_name")
    elif name in seen:
        yield Problem(f"{place}.name", f"two tools are called {name!r}", "agent.tool_name")


def _type_problems(place: str, entry: dict[str, Any]) -> Iterator[Problem]:
    kind = kind_of(entry["type"])
    if kind is None:
        return  # the node's own check says so
    is_inline = kind.group == INLINE and kind.type not in ("sub_workflow", "human_review", "input")
    if kind.type in _NOT_A_TOOL or is_inline:
        message = f"a {kind.type} cannot be a tool: put it into a workflow, and call that"
        yield Problem(f"{place}.type", message, "agent.tool_type")


def _approval_problems(place: str, approve: Any) -> Iterator[Problem]:
    if not isinstance(approve, dict) or "when" not in approve:
        if has_computed(approve):
            message = "approve is not rendered: write a condition, {when: …}"
            yield Problem(f"{place}.approve", message)
        return
    where, condition = f"{place}.approve.when", approve["when"]
    if not is_structured(condition):
        message = "when must be a structured condition: {left, operator, right}, and, or"
        yield Problem(where, message, "condition.invalid")
        return
    for found in condition_findings(condition):
        yield Problem(where, found, "condition.invalid")
