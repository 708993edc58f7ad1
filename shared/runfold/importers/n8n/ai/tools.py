"""Tools of agents: each node at `ai_tool` as an entry of a native agent's `tools`.

A tool with parameters of a service, or of an HTTP Request, is a small workflow of the definition's
own: the model's arguments are its item, and what `$fromAI` asks for is read from it.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec.structs import replace

from runfold.importers.draft import native_id
from runfold.importers.n8n.ai.arguments import arguments_of
from runfold.importers.n8n.ai.bases import base_of
from runfold.importers.n8n.ai.outputs import schema_of
from runfold.importers.n8n.ai.tool_workflows import Around, of_node
from runfold.importers.n8n.document import BASE, Node
from runfold.importers.n8n.parts.workflows import CALLED, called
from runfold.importers.n8n.plain import (
    as_list,
    as_object,
    as_text,
    at,
    objects_in,
    unrendered,
)
from runfold.importers.n8n.room import Room
from runfold.importers.report import Result

TOOL = "ai_tool"
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")
_QUERY = {"query": {"type": "string", "required": True, "description": "What is asked."}}
_CALCULATOR = (
    "function main({ input }) {\n"
    "  const text = String(input).replace(/\\^/g, '**');\n"
    "  const known = Object.getOwnPropertyNames(Math);\n"
    "  const work = new Function(...known, `return (${text});`);\n"
    "  return { output: String(work(...known.map((name) => Math[name]))) };\n"
    "}\n"
)
_WIKIPEDIA = "https://en.wikipedia.org/w/api.php"


class Tools(msgspec.Struct, frozen=True):
    """The tools of an agent."""

    entries: list[dict[str, Any]]
    before: tuple[dict[str, Any], ...] = ()
    """Native nodes that have to run before the agent, for what its tools read."""


def tools_of(node: Node, room: Room) -> Tools:
    """The tools of an agent, each with a name of its own."""
    found: list[dict[str, Any]] = []
    names: set[str] = set()
    around = Around(room.step_id(node, "around"))
    for part in room.wiring.parts_of(node.name, TOOL):
        entry, said = _entry(part, node, room, around)
        result: Result = "approximated" if said else "mapped"
        room.lines.setdefault(part.name, (result, said or f"a tool of {node.title}"))
        base = name = str(entry["name"])[:60]
        number = 2
        while name in names:
            name, number = f"{base}_{number}", number + 1
        names.add(name)
        told = {"description": unrendered(entry["description"])} if "description" in entry else {}
        found.append({**entry, "name": name, **told})
    return Tools(found, around.nodes())


def tool_name(node: Node) -> str:
    """The name by which a model calls a tool."""
    written = as_text(node.parameters.get("name")) or node.title
    name = _UNFIT.sub("_", written).strip("_-")[:60]
    name = name or _UNFIT.sub("_", node.kind).strip("_-")[:60] or "tool"
    return f"{name}_tool" if name in ("model", "approve") else name


def _entry(part: Node, node: Node, room: Room, around: Around) -> tuple[dict[str, Any], str]:
    """The entry of one tool, and what differs."""
    match part.kind:
        case "toolCalculator":
            return _code(part, "Works out a calculation.", _CALCULATOR, "input"), ""
        case "toolThink":
            told = as_text(part.parameters.get("description"), "Write down a thought.")
            thinking = "function main({ input }) {\n  return { output: input };\n}\n"
            return _code(part, told, thinking, "input"), ""
        case "toolCode":
            return _own_code(part)
        case "toolWikipedia":
            return _wikipedia(part), "asks Wikipedia's search by HTTP"
        case "toolWorkflow":
            return _workflow(part, room)
        case "toolHttpRequest":
            return _request(part, node, room, around)
        case "mcpClientTool":
            return _mcp(part, room)
        case "toolVectorStore":
            return _store(part, room)
        case kind if kind.startswith("vectorStore"):
            return _knowledge(part, part, room)
        case _:
            return of_node(part, node, room, tool_name(part), around)


def _code(part: Node, told: str, program: str, argument: str) -> dict[str, Any]:
    return {
        "type": "code",
        "name": tool_name(part),
        "description": told,
        "parameters": {argument: {"type": "string", "required": True}},
        "config": {"language": "javascript", "code": program},
    }


def _own_code(part: Node) -> tuple[dict[str, Any], str]:
    """A program that is given `query` and returns a text."""
    written = part.parameters
    told = as_text(written.get("description"), part.title)
    schema: dict[str, Any] = {}
    if written.get("specifyInputSchema") is True:
        schema, _ = schema_of(written)
        schema = schema if schema.get("properties") else {}
    entry: dict[str, Any] = {
        "type": "code",
        "name": tool_name(part),
        "description": told,
        "parameters": schema or _QUERY,
    }
    given = "params" if schema else "params.query"
    if as_text(written.get("language"), "javaScript") == "python":
        program = as_text(written.get("pythonCode"))
        lines = "\n".join(f"    {line}" for line in program.splitlines()) or "    return ''"
        read = "params" if schema else 'params.get("query")'
        code = (
            f"def _tool(query):\n{lines}\n\n"
            f'def main(params):\n    return {{"output": _tool({read})}}\n'
        )
        return {**entry, "config": {"language": "python", "code": code}}, ""
    program = as_text(written.get("jsCode"), "return '';")
    keyword = "async " if "await " in program else ""
    code = (
        f"{keyword}function tool(query) {{\n{program}\n}}\n"
        f"{keyword}function main(params) {{\n"
        f"  return {{ output: {'await ' if keyword else ''}tool({given}) }};\n}}\n"
    )
    return {**entry, "config": {"language": "javascript", "code": code}}, ""


def _wikipedia(part: Node) -> dict[str, Any]:
    params = {
        "action": "query",
        "format": "json",
        "generator": "search",
        "gsrlimit": 3,
        "prop": "extracts",
        "exintro": 1,
        "explaintext": 1,
        "gsrsearch": "{{args.query}}",
    }
    return {
        "type": "http_request",
        "name": tool_name(part),
        "description": "Looks something up in Wikipedia.",
        "parameters": _QUERY,
        "config": {"url": _WIKIPEDIA, "params": params},
        "output": "{{call.body.query}}",
    }


def _workflow(part: Node, room: Room) -> tuple[dict[str, Any], str]:
    """Another workflow; its fields are the model's arguments."""
    workflow, result, reason = called(part, room)
    written = part.parameters
    fields = as_object(at(written, "workflowInputs", "value"))
    parameters = arguments_of(fields) if fields else {}
    if written.get("specifyInputSchema") is True:
        schema, _ = schema_of(written)
        parameters = schema if schema.get("properties") else parameters
    is_asked = not parameters
    inputs = {"query": "{{args.query}}", "items": [{"json": "{{args}}"}], "trigger": CALLED}
    entry = {
        "type": "sub_workflow",
        "name": tool_name(part),
        "description": as_text(written.get("description"), part.title),
        "parameters": _QUERY if is_asked else parameters,
        "config": {"workflow": workflow, "inputs": inputs},
        "output": "{{call.items}}",
    }
    said = reason if result != "mapped" else ""
    if fields and any(not isinstance(one, str) or "$fromAI" not in one for one in fields.values()):
        said = said or "its fields that the model does not fill in are left out"
    return entry, said


_PLACE = re.compile(r"(?<!\{)\{([A-Za-z_]\w*)\}(?!\})")


def _request(part: Node, node: Node, room: Room, around: Around) -> tuple[dict[str, Any], str]:
    """A request with places `{name}` that the model fills in: an HTTP Request node as a tool."""
    written = part.parameters
    names: dict[str, None] = {}
    parameters: dict[str, Any] = {
        "method": as_text(written.get("method"), "GET"),
        "url": _filled(written.get("url"), names),
        "sendQuery": written.get("sendQuery") is True,
        "queryParameters": _pairs(written, "parametersQuery", names),
        "sendHeaders": written.get("sendHeaders") is True,
        "headerParameters": _pairs(written, "parametersHeaders", names),
        "sendBody": written.get("sendBody") is True,
        "bodyParameters": _pairs(written, "parametersBody", names),
        "specifyBody": "json" if written.get("specifyBody") == "json" else "keypair",
        "jsonBody": _filled(written.get("jsonBody"), names),
        "authentication": written.get("authentication", "none"),
        "genericAuthType": written.get("genericAuthType"),
        "nodeCredentialType": written.get("nodeCredentialType"),
        "toolDescription": written.get("toolDescription"),
    }
    told = {
        as_text(one.get("name")): as_text(one.get("description"))
        for one in objects_in(at(written, "placeholderDefinitions", "values"))
    }
    arguments = {
        argument: {"type": "string", "required": True, "description": told.get(argument, "")}
        for argument in names
    }
    kind = "httpRequest"
    request = replace(
        part,
        type=f"{BASE}.{kind}",
        package=BASE,
        kind=kind,
        version=4.2,
        parameters=parameters,
    )
    entry, said = of_node(request, node, room, tool_name(part), around)
    return {**entry, "parameters": arguments}, said


def _filled(value: Any, names: dict[str, None]) -> str:
    """A text whose places are read from the model's arguments."""
    text = as_text(value).removeprefix("=")
    for name in _PLACE.findall(text):
        names[name] = None
    return "=" + _PLACE.sub(lambda place: "{{ $json." + place[1] + " }}", text)


def _pairs(written: dict[str, Any], holder: str, names: dict[str, None]) -> dict[str, Any]:
    """Names and values; those without a value are left to the model."""
    found = []
    for one in objects_in(at(written, holder, "values")):
        name = as_text(one.get("name"))
        provider = as_text(one.get("valueProvider"), "fieldValue" if "value" in one else "")
        if provider == "fieldValue":
            found.append({"name": name, "value": _filled(one.get("value"), names)})
        else:
            argument = _UNFIT.sub("_", name).strip("-_") or "value"
            names[argument] = None
            found.append({"name": name, "value": "={{ $json['" + argument + "'] }}"})
    return {"parameters": found}


def _mcp(part: Node, room: Room) -> tuple[dict[str, Any], str]:
    """The tools of an MCP server, which the operator declares."""
    written = part.parameters
    address = as_text(written.get("endpointUrl")) or as_text(written.get("sseEndpoint"))
    server = native_id(part.title).strip("-_")[:60] or "mcp"
    hint = f"declare an MCP server of this name ({address[:200]})" if address else ""
    room.draft.need("connection", server, part.name, hint or "declare an MCP server of this name")
    entry: dict[str, Any] = {"type": "mcp", "name": tool_name(part), "config": {"server": server}}
    include = as_text(written.get("include"), "all")
    if include == "selected":
        entry["allow"] = [as_text(one) for one in as_list(written.get("includeTools"))]
    if include == "except":
        entry["deny"] = [as_text(one) for one in as_list(written.get("excludeTools"))]
    return entry, f"needs an MCP server {server!r} that the operator declares"


def _store(part: Node, room: Room) -> tuple[dict[str, Any], str]:
    stores = room.wiring.parts_of(part.name, "ai_vectorStore")
    for model in room.wiring.parts_of(part.name, "ai_languageModel"):
        said = "not asked: the agent is told the passages themselves"
        room.lines.setdefault(model.name, ("approximated", said))
    if stores:
        room.lines.setdefault(stores[0].name, ("approximated", f"searched by {part.title}"))
    return _knowledge(part, stores[0] if stores else part, room)


def _knowledge(part: Node, store: Node, room: Room) -> tuple[dict[str, Any], str]:
    """A search of the knowledge base that stands for a vector store."""
    base = base_of(store, room)
    told = as_text(part.parameters.get("toolDescription")) or as_text(
        part.parameters.get("description")
    )
    entry = {
        "type": "knowledge_retrieve",
        "name": tool_name(part),
        "description": told or f"Searches {part.title}.",
        "config": {"bases": base},
    }
    return entry, f"searches the knowledge base {base!r}, which has to be filled here"
