"""Tools of agents: each node at `ai_tool` as an entry of a native agent's `tools`.

A tool with parameters of a service, or of an HTTP Request, is a small workflow of the definition's
own: the model's arguments are its item, and what `$fromAI` asks for is read from it.
"""

from __future__ import annotations

import re
from typing import Any

from runfold.importers.draft import native_id
from runfold.importers.n8n.ai.arguments import arguments_of
from runfold.importers.n8n.ai.bases import base_of
from runfold.importers.n8n.ai.outputs import schema_of
from runfold.importers.n8n.ai.tool_workflows import of_node
from runfold.importers.n8n.document import Node
from runfold.importers.n8n.parts.workflows import called
from runfold.importers.n8n.plain import as_list, as_object, as_text, at, objects_in
from runfold.importers.n8n.room import Room

TOOL = "ai_tool"
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")
_QUERY = {"query": {"type": "string", "required": True, "description": "What is asked."}}
_CALCULATOR = (
    "function main({ input }) {\n"
    "  const text = String(input).replace(/\\^/g, '**');\n"
    "  if (!/^[\\d\\s.,()+\\-*/%eE]|Math\\./.test(text)) throw new Error('not a calculation');\n"
    "  return { output: String(eval(text)) };\n"
    "}\n"
)
_WIKIPEDIA = "https://en.wikipedia.org/w/api.php"


def tools_of(node: Node, room: Room) -> tuple[list[dict[str, Any]], list[str]]:
    """The tools of an agent, and what differs."""
    found: list[dict[str, Any]] = []
    names: set[str] = set()
    for part in room.wiring.parts_of(node.name, TOOL):
        entry, said = _entry(part, node, room)
        result = "mapped" if not said else "approximated"
        said = said or f"a tool of {node.title}"
        room.lines.setdefault(part.name, (result, said))  # type: ignore[arg-type]
        if entry is None:
            continue
        base = name = str(entry["name"])[:60]
        number = 2
        while name in names:
            name, number = f"{base}_{number}", number + 1
        names.add(name)
        found.append({**entry, "name": name})
    return found, []


def tool_name(node: Node) -> str:
    """The name by which a model calls a tool."""
    written = as_text(node.parameters.get("name")) or node.title
    name = _UNFIT.sub("_", written).strip("_-")[:60]
    name = name or _UNFIT.sub("_", node.kind).strip("_-")[:60] or "tool"
    return f"{name}_tool" if name in ("model", "approve") else name


def _entry(part: Node, node: Node, room: Room) -> tuple[dict[str, Any] | None, str]:
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
            return _request(part)
        case "mcpClientTool":
            return _mcp(part, room)
        case "toolVectorStore":
            return _store(part, room)
        case kind if kind.startswith("vectorStore"):
            return _knowledge(part, part, room)
        case _:
            return of_node(part, node, room, tool_name(part))


def _code(part: Node, told: str, program: str, argument: str) -> dict[str, Any]:
    return {
        "type": "code",
        "name": tool_name(part),
        "description": told,
        "parameters": {argument: {"type": "string", "required": True}},
        "config": {"language": "javascript", "code": program},
    }


def _own_code(part: Node) -> tuple[dict[str, Any] | None, str]:
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
    inputs = {"query": "{{args.query}}", "items": [{"json": "{{args}}"}]}
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


_PLACE = re.compile(r"\{([A-Za-z_]\w*)\}")


def _request(part: Node) -> tuple[dict[str, Any], str]:
    """A request with places `{name}` that the model fills in."""
    written = part.parameters
    defined = objects_in(at(written, "placeholderDefinitions", "values"))
    told = {as_text(one.get("name")): as_text(one.get("description")) for one in defined}
    names: dict[str, None] = {}

    def filled(value: Any) -> Any:
        text = as_text(value)
        text = text.removeprefix("=")
        for name in _PLACE.findall(text):
            names[name] = None
        return _PLACE.sub(lambda place: "{{args." + place[1] + "}}", text)

    def pairs(holder: str) -> dict[str, Any]:
        found = {}
        for one in objects_in(at(written, holder, "values")):
            name = as_text(one.get("name"))
            if not name:
                continue
            if as_text(one.get("valueProvider"), "fieldValue") == "fieldValue":
                found[name] = filled(one.get("value", ""))
            else:
                key = _UNFIT.sub("_", name)
                names[key] = None
                found[name] = "{{args." + key + "}}"
        return found

    config: dict[str, Any] = {
        "method": as_text(written.get("method"), "GET"),
        "url": filled(written.get("url", "")) or "http://localhost",
    }
    if written.get("sendQuery") is True:
        config["params"] = pairs("parametersQuery")
    if written.get("sendHeaders") is True:
        config["headers"] = pairs("parametersHeaders")
    if written.get("sendBody") is True:
        by_json = as_text(written.get("specifyBody")) == "json"
        config["body"] = filled(written.get("jsonBody")) if by_json else pairs("parametersBody")
        config["body_type"] = "json"
    parameters = {
        name: {"type": "string", "required": True, "description": told.get(name, "")}
        for name in names
    }
    entry = {
        "type": "http_request",
        "name": tool_name(part),
        "description": as_text(written.get("toolDescription"), part.title),
        "parameters": parameters,
        "config": config,
    }
    needs_auth = as_text(written.get("authentication"), "none") != "none"
    said = "its credential has to be given as a connection" if needs_auth else ""
    return entry, said


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
