"""HTTP: a request whose address, headers and body are templates."""

from __future__ import annotations

import re
from typing import Any

from runfold.graph.kinds.http_request import header_problems, method_problem
from runfold.importers.coze.canvas import Block
from runfold.importers.coze.fields import at, obj, parsed, plain, rows, whole
from runfold.importers.coze.names import Outputs
from runfold.importers.coze.step import Built, Kind, Step, params
from runfold.importers.coze.texts import Place, native

_TIMEOUT = 120
"""Seconds that Coze waits for an answer, unless the node says otherwise."""
_SECRET = re.compile(r"(?i)authorization|api[-_]?key|token|secret|cookie")


def _http(step: Step) -> Built:
    inputs = step.block.inputs
    method = plain(at(inputs, "apiInfo", "method")).upper() or "GET"
    if method_problem(method):
        step.notes.append(f"{method!r} is no method: it is sent as GET")
        method = "GET"
    config: dict[str, Any] = {
        "method": method,
        "url": step.text(at(inputs, "apiInfo", "url")) or "http://",
        "response_type": "text",
        "timeout": whole(at(inputs, "setting", "timeout")) or _TIMEOUT,
    }
    query = _named(step, inputs.get("params"))
    if query:
        config["params"] = query
    headers = _headers(step, _named(step, inputs.get("headers")))
    body = obj(inputs.get("body"))
    if body.get("bodyType") == "JSON" and "content-type" not in map(str.lower, headers):
        headers["Content-Type"] = "application/json"
    if headers:
        config["headers"] = headers
    before: list[dict[str, Any]] = []
    config |= _auth(step, obj(inputs.get("auth")))
    config |= _body(step, body, before)
    retries = whole(at(inputs, "setting", "retryTimes")) or 0
    settings: dict[str, Any] = {}
    if retries > 0:
        settings["retry"] = {
            "max_attempts": min(retries, 100) + 1,
            "delay": 0,
            "retry_on": ["network", "timeout"],
        }
    return Built(type="http_request", config=config, settings=settings, before=before)


def _named(step: Step, given: Any) -> dict[str, Any]:
    return {
        name: native(_as_template(step, step.literal(declared)))
        for name, declared in params(given).items()
        if name
    }


def _as_template(step: Step, value: Any) -> Any:
    """A value in which `{{block_output_1.a}}` may stand."""
    return step.words(value) if isinstance(value, str) else value


def _headers(step: Step, given: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in given.items():
        problem = next(header_problems([*kept, name]), "")
        if problem:
            step.notes.append(problem)
            continue
        kept[name] = value
        if isinstance(value, str) and "{{" not in value and value and _SECRET.search(name):
            step.notes.append(f"header {name} looks like a secret: store it, and refer to it")
    return kept


def _auth(step: Step, auth: dict[str, Any]) -> dict[str, Any]:
    if auth.get("authOpen") is not True:
        return {}
    data = obj(auth.get("authData"))
    match auth.get("authType"):
        case "BEARER_AUTH":
            token = params(data.get("bearerTokenData")).get("token")
            return {"auth": {"type": "bearer", "token": native(step.literal(token) or "")}}
        case "CUSTOM_AUTH":
            custom = obj(data.get("customData"))
            given = params(custom.get("data"))
            place = "query" if plain(custom.get("addTo")) == "query" else "header"
            return {
                "auth": {
                    "type": "api_key",
                    "name": native(step.literal(given.get("Key")) or "key"),
                    "value": native(step.literal(given.get("Value")) or ""),
                    "in": place,
                }
            }
        case _:
            step.notes.append(f"authentication {auth.get('authType')!r} is left out")
            return {}


def _body(step: Step, body: dict[str, Any], before: list[dict[str, Any]]) -> dict[str, Any]:
    data = obj(body.get("bodyData"))
    match body.get("bodyType"):
        case "JSON":
            # Coze sends the text as it comes, be it JSON or not.
            return {"body_type": "raw", "body": step.text(data.get("json"))}
        case "RAW_TEXT":
            return {"body_type": "raw", "body": step.text(data.get("rawText"))}
        case "FORM_URLENCODED":
            return {"body_type": "form", "body": _named(step, data.get("formURLEncoded"))}
        case "FORM_DATA":
            return {"body_type": "multipart", "body": _form(step, data, before)}
        case "BINARY":
            url = step.literal(at(data, "binary", "fileURL"))
            return {"body_type": "file", "body": _file(step, url, before)}
        case _:
            return {}


def _form(step: Step, data: dict[str, Any], before: list[dict[str, Any]]) -> dict[str, Any]:
    form = obj(data.get("formData"))
    typed = obj(parsed(form.get("typeMapping")) or form.get("typeMapping"))
    made: dict[str, Any] = {}
    for one in rows(form.get("data")):
        name = plain(one.get("name"))
        value = step.literal(one.get("input"))
        if plain(at(typed, name, "basicType")) in ("file", "image", "audio", "video"):
            made[name] = _file(step, value, before)
        elif name:
            made[name] = native(_as_template(step, value))
    return made


def _file(step: Step, url: Any, before: list[dict[str, Any]]) -> str:
    """The file at an address, which is fetched first."""
    node_id = step.draft.fresh_id(f"{step.id}_file")
    config = {"url": native(url) if url else "http://", "response_type": "file"}
    before.append(step.node(node_id, "http_request", config))
    return str(native(Place(node_id, ("file",))))


def _outputs(_block: Block) -> Outputs:
    return {"body": ("body",), "statusCode": ("status_code",), "headers": ("headers",)}


HTTP = Kind("HTTP", _http, _outputs)
