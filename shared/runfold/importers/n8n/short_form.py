"""Workflows as guides print them: nodes that name by `outputs` which nodes come after.

    name: …
    nodes:
      - {name: …, type: IF, parameters: {…}, outputs: [if so, if not]}

Types are short (`IF`, `HTTP Request`), parameters loose, expressions often without their `=`. It is
written out here as n8n would have saved what is meant, each with the version of the type whose
parameters it has.
"""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.plain import as_list, as_object, as_text, objects_in

_TYPES = {
    "if": ("n8n-nodes-base.if", 1),
    "switch": ("n8n-nodes-base.switch", 1),
    "set": ("n8n-nodes-base.set", 3.4),
    "code": ("n8n-nodes-base.code", 2),
    "webhook": ("n8n-nodes-base.webhook", 1),
    "httprequest": ("n8n-nodes-base.httpRequest", 4.2),
    "splitinbatches": ("n8n-nodes-base.splitInBatches", 1),
    "merge": ("n8n-nodes-base.merge", 3),
    "respondtowebhook": ("n8n-nodes-base.respondToWebhook", 1.1),
    "noop": ("n8n-nodes-base.noOp", 1),
    "wait": ("n8n-nodes-base.wait", 1.1),
    "function": ("n8n-nodes-base.function", 1),
    "manualtrigger": ("n8n-nodes-base.manualTrigger", 1),
    "scheduletrigger": ("n8n-nodes-base.scheduleTrigger", 1.2),
    "chatopenai": ("@n8n/n8n-nodes-langchain.openAi", 1.8),
    "openai": ("@n8n/n8n-nodes-langchain.openAi", 1.8),
}
BRANCHES = ("if", "switch")
"""Types whose `outputs` are ports; of others, all nodes named come after the one output."""


def is_short(written: dict[str, Any]) -> bool:
    """Whether a document has this shape."""
    if "connections" in written:
        return False
    nodes = objects_in(written.get("nodes"))
    return any(_leads(node) for node in nodes) and all(
        as_text(node.get("name")) and as_text(node.get("type")) for node in nodes
    )


def _leads(node: dict[str, Any]) -> bool:
    outputs = as_list(node.get("outputs"))
    return bool(outputs) and all(isinstance(one, str) for one in outputs) and "config" not in node


def written_out(written: dict[str, Any]) -> dict[str, Any]:
    """The document with `connections`, whole types and parameters."""
    nodes, connections = [], {}
    led_to = {
        as_text(node.get("name")): [as_text(one) for one in as_list(node.get("outputs"))]
        for node in objects_in(written.get("nodes"))
    }
    members = objects_in(written.get("nodes"))
    replies = any("respond" in as_text(node.get("type")).lower() for node in members)
    for node in members:
        short = _short_type(as_text(node.get("type")))
        type_, version = _TYPES.get(short, (as_text(node.get("type")), 1))
        parameters = _parameters(short, as_object(node.get("parameters")))
        name = as_text(node.get("name"))
        targets = _targets(short, led_to.get(name, []), led_to)
        connections[name] = {"main": targets}
        if short == "splitinbatches" and len(targets) > 1:
            version = 3
        if short == "webhook":
            answer = "responseNode" if replies else "lastNode"
            defaults = {"httpMethod": "POST", "responseMode": answer, "shortForm": True}
            parameters = {**defaults, **parameters}
        rest = {key: value for key, value in node.items() if key != "outputs"}
        made = {"type": type_, "typeVersion": version, "parameters": parameters}
        nodes.append({**rest, **made, "writtenType": as_text(node.get("type"))})
    settings = {"executionOrder": "v1"}
    return {"settings": settings, **written, "nodes": nodes, "connections": connections}


def _short_type(type_: str) -> str:
    return type_.rpartition(".")[2].replace(" ", "").replace("-", "").replace("_", "").lower()


def _targets(
    short: str, names: list[str], led_to: dict[str, list[str]]
) -> list[list[dict[str, Any]]]:
    """The targets of each output.

    What Loop Over Items leads to and what its other targets lead to as well is what comes after it:
    its output for the end, which version 3 has first.
    """
    targets = [{"node": name, "type": "main", "index": 0} for name in names]
    if short in BRANCHES:
        return [[one] for one in targets]
    after = {one for name in names for one in led_to.get(name, ())}
    done = [one for one in targets if one["node"] in after]
    if short != "splitinbatches" or not done or len(done) == len(targets):
        return [targets]
    return [done, [one for one in targets if one not in done]]


def _parameters(short: str, written: dict[str, Any]) -> dict[str, Any]:
    parameters = as_object(_marked(written))
    match short:
        case "if":
            return _if(parameters)
        case "switch":
            return _switch(parameters)
        case "set":
            return _set(parameters)
        case "httprequest":
            return _request(parameters)
        case "chatopenai" | "openai":
            return _chat(parameters)
        case "merge":
            return {"mode": "append"} if parameters.get("mode") == "multiplex" else parameters
        case "respondtowebhook":
            return _reply(parameters)
        case _:
            return parameters


def _marked(value: Any, key: str = "") -> Any:
    """Expressions with the `=` that n8n would have written; programs are none."""
    match value:
        case str() if "{{" in value and not value.startswith("=") and not key.endswith("Code"):
            return "=" + value
        case dict():
            return {name: _marked(one, str(name)) for name, one in value.items()}
        case list():
            return [_marked(one) for one in value]
        case _:
            return value


def _if(parameters: dict[str, Any]) -> dict[str, Any]:
    """Conditions in the groups of version 1; one whose kind is not said is read as text."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in objects_in(parameters.get("conditions")):
        operation = as_text(one.get("operation"))
        if operation == "boolean":
            truth = {"value1": one.get("value1"), "operation": "equal", "value2": True}
            groups.setdefault("boolean", []).append(truth)
        elif "empty" in operation.lower():
            # The value asked about may stand in either place.
            asked = one.get("value1", one.get("value2", ""))
            groups.setdefault("string", []).append({"value1": asked, "operation": operation})
        else:
            groups.setdefault("string", []).append(one)
    any_of = as_text(parameters.get("combineOperation")).upper() in ("OR", "ANY")
    return {"conditions": groups, "combineOperation": "any" if any_of else "all"}


def _switch(parameters: dict[str, Any]) -> dict[str, Any]:
    """Rules with the outputs they lead to, and the one for all else after them."""
    rules = objects_in(as_object(parameters.get("rules")).get("rules"))
    written = [
        {**rule, "operation": _compared(as_text(rule.get("operation"))), "output": index}
        for index, rule in enumerate(rules)
    ]
    fallback = parameters.get("fallbackOutput")
    after = {"fallbackOutput": len(rules)} if isinstance(fallback, str) and fallback else {}
    return {**parameters, "rules": {"rules": written}, **after}


def _compared(operation: str) -> str:
    return {"equals": "equal", "notEquals": "notEqual"}.get(operation, operation)


def _set(parameters: dict[str, Any]) -> dict[str, Any]:
    values = parameters.get("values")
    if not isinstance(values, dict) or any(isinstance(one, list) for one in values.values()):
        return parameters
    fields = [
        {"id": name, "name": name, "type": _type(value), "value": value}
        for name, value in as_object(values).items()
    ]
    return {
        "assignments": {"assignments": fields},
        "includeOtherFields": parameters.get("keepOnlySet") is not True,
        "options": {"ignoreConversionErrors": True},
    }


def _type(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case dict():
            return "object"
        case list():
            return "array"
        case _:
            return "string"


def _request(parameters: dict[str, Any]) -> dict[str, Any]:
    query = as_object(parameters.get("qs"))
    if not query:
        return parameters
    pairs = [{"name": name, "value": value} for name, value in query.items()]
    rest = {key: value for key, value in parameters.items() if key != "qs"}
    return {**rest, "sendQuery": True, "queryParameters": {"parameters": pairs}}


def _chat(parameters: dict[str, Any]) -> dict[str, Any]:
    messages = [
        {"role": as_text(one.get("role"), "user"), "content": one.get("content", "")}
        for one in objects_in(parameters.get("messages"))
    ]
    model = as_text(parameters.get("model"))
    # The text is read from `content` afterwards, as the model's own API calls it.
    return {"modelId": model, "messages": {"values": messages}, "shortForm": True}


def _reply(parameters: dict[str, Any]) -> dict[str, Any]:
    code = parameters.get("responseCode")
    body = parameters.get("responseData", parameters.get("responseBody"))
    options = {"responseCode": code} if code is not None else {}
    if body is None:
        return {"options": options, **parameters}
    if isinstance(body, dict | list):
        return {"respondWith": "json", "responseBody": body, "options": options}
    respond = "json" if as_text(body).lstrip("=").lstrip().startswith(("{", "[")) else "text"
    return {"respondWith": respond, "responseBody": body, "options": options}
