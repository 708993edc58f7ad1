"""`http-request`: a request to a web service, whose answer is text with any status."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from runfold.graph.kinds.http_request import header_problems, method_problem
from runfold.importers.dify.flow import Exits, Flow, Made, NodeKind, absent, native
from runfold.importers.dify.live_keys import SAID, holds_live, looks_live
from runfold.importers.dify.names import exact
from runfold.importers.dify.reading import (
    list_at,
    number_at,
    object_at,
    objects_at,
    selector_at,
    text_at,
)
from runfold.importers.dify.source import SOURCE, SourceNode
from runfold.importers.dify.strategies import guard, is_guarded
from runfold.importers.dify.text import template

OUTPUTS = {"files": ("file",)}
_READ_TIMEOUT = 600
_PAIR = re.compile(r"((?:\{\{.*?\}\}|[^:{])*):(.*)", re.DOTALL)
_LONGEST = 3600
_JSON_TYPE = "application/json"


def _make(node: SourceNode, flow: Flow) -> Made:
    data = node.data
    reasons: list[str] = []
    url = text_at(data, "url").strip()
    method = text_at(data, "method").strip().upper() or "GET"
    if problem := _problem(data, url, method):
        return absent(flow, node, "http-request", problem)
    config: dict[str, Any] = {"url": template(flow, url, node), "method": method}
    if any(map(holds_live, (url, json.dumps(data.get("params")), json.dumps(data.get("body"))))):
        reasons.append(SAID)
    headers = _headers(flow, node, reasons)
    _authorize(flow, node, config, headers, reasons)
    for name in [one for one in headers if one.lower() == _header_of(config.get("auth"))]:
        del headers[name]  # who asks is said once: the node's own setting counts
    params = _pairs(flow, node, data.get("params"))
    if params:
        config["params"] = params
    config |= _body(flow, node, headers, reasons)
    if headers:
        config["headers"] = headers
    config["timeout"] = _timeout(data)
    if data.get("ssl_verify") is False:
        config["verify_tls"] = False
    config["response_type"] = "text"
    config["fail_on_status"] = is_guarded(node)
    made = native(flow, node, "http_request", config)
    exits: Exits = {SOURCE: [(made["id"], "out")]}
    guard(node, made, exits, OUTPUTS)
    if computed := [one for one in _names(config) if "{{" in one]:
        reasons.append(f"names are sent as they are written, and not filled in: {computed[0]!r}")
    result = Made(nodes=[made], entry=made["id"], exits=exits, reasons=list(dict.fromkeys(reasons)))
    if set(reasons) - {SAID}:
        result.result = "approximated"
    return result


def _problem(data: dict[str, Any], url: str, method: str) -> str:
    """Why a request cannot be made at all; empty when it can."""
    if not url:
        return "it has no URL"
    authorization = object_at(data, "authorization")
    key = text_at(object_at(authorization, "config"), "api_key")
    if text_at(authorization, "type") == "api-key" and not key:
        return "it asks with a key, and has none, with which Dify fails too"
    return method_problem(method)


def _names(config: dict[str, Any]) -> Iterator[str]:
    """Names of what is sent: of parameters, headers and fields."""
    for one in ("params", "headers", "body"):
        if isinstance(config.get(one), dict):
            yield from config[one]


def _lines(written: Any) -> list[tuple[str, str]]:
    """Names and values of lines `name:value`; also of a list or an object of them."""
    if isinstance(written, dict):
        return [(str(name), _plain(value)) for name, value in written.items()]
    if isinstance(written, list):
        entries = [one for one in written if isinstance(one, dict)]
        return [(text_at(one, "key", "name"), text_at(one, "value")) for one in entries]
    lines = written.split("\n") if isinstance(written, str) else []
    parts = [line.partition(":") for line in lines if line.strip()]
    return [(name.strip(), value.strip()) for name, _, value in parts]


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _pairs(flow: Flow, node: SourceNode, written: Any) -> dict[str, Any]:
    """Parameters by name; one that comes twice has a list of values."""
    found: dict[str, Any] = {}
    for key, value in _lines(written):
        if not key:
            continue
        name, here = template(flow, key, node), template(flow, value, node)
        if name not in found:
            found[name] = here
        elif isinstance(found[name], list):
            found[name].append(here)
        else:
            found[name] = [found[name], here]
    return found


def _headers(flow: Flow, node: SourceNode, reasons: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in _lines(node.data.get("headers")):
        known = next((one for one in found if one.lower() == name.lower()), name)
        problem = next(header_problems([name]), "") if "{{" not in name else ""
        if not name or problem:
            if name:
                reasons.append(f"a header is left out: {problem}")
            continue
        if looks_live(value):
            reasons.append(SAID)
        found[template(flow, known, node)] = template(flow, value, node)
    return found


def _authorize(
    flow: Flow,
    node: SourceNode,
    config: dict[str, Any],
    headers: dict[str, Any],
    reasons: list[str],
) -> None:
    """Say who asks, as the node does."""
    authorization = object_at(node.data, "authorization")
    settings = object_at(authorization, "config")
    key = text_at(settings, "api_key")
    if text_at(authorization, "type") != "api-key" or not key:
        return
    if looks_live(key):
        reasons.append(SAID)
    value = template(flow, key, node)
    kind = text_at(settings, "type") or "basic"
    name = text_at(settings, "header").strip() or "Authorization"
    if kind == "custom":
        config["auth"] = {"type": "api_key", "name": name, "value": value}
    elif kind == "bearer" and name.lower() == "authorization":
        config["auth"] = {"type": "bearer", "token": value}
    elif kind == "bearer":
        headers[name] = f"Bearer {value}"
    elif (pair := _PAIR.fullmatch(value)) and name.lower() == "authorization":
        config["auth"] = {"type": "basic", "username": pair[1], "password": pair[2]}
    elif ":" in key and "{{" not in key:
        headers[name] = f"Basic {b64encode(key.encode()).decode()}"
    else:
        headers[name] = f"Basic {value}"


def _header_of(auth: Any) -> str:
    """The header that says who asks, in small letters; empty without one."""
    if not auth:
        return ""
    return str(auth["name"]).lower() if auth["type"] == "api_key" else "authorization"


def _timeout(data: dict[str, Any]) -> int:
    timeout = object_at(data, "timeout")
    read = number_at(timeout, "read", "max_read_timeout")
    return min(_LONGEST, int(read)) if read is not None and read >= 1 else _READ_TIMEOUT


def _body(
    flow: Flow, node: SourceNode, headers: dict[str, Any], reasons: list[str]
) -> dict[str, Any]:
    written = node.data.get("body")
    if isinstance(written, str):
        written = {"type": "raw-text", "data": written} if written.strip() else {}
    kind = text_at(written, "type").strip().lower()
    entries = objects_at(written, "data")
    text = text_at(written, "data") or "".join(text_at(one, "value") for one in entries[:1])
    if kind in ("json", "raw-text", "raw"):
        if not text.strip():
            return {}
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = _JSON_TYPE if kind == "json" else "text/plain"
        form = "mended_json" if kind == "json" else "raw"
        return {"body": template(flow, text, node), "body_type": form}
    if kind == "binary":
        selector = selector_at(next(iter(entries), {}), "file")
        found = exact(flow, selector, node)
        if found is None:
            reasons.append("its body is a file that is not named: none is sent")
            return {}
        return {"body": found, "body_type": "file"}
    if kind in ("form-data", "x-www-form-urlencoded"):
        fields = _fields(flow, node, written)
        for name in [one for one in headers if one.lower() == "content-type"]:
            del headers[name]  # it is written with the boundary, and as the body's type is
        form = "multipart" if kind == "form-data" else "form"
        return {"body": fields, "body_type": form} if fields else {}
    return {}


def _fields(flow: Flow, node: SourceNode, written: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    entries = list_at(written, "data")
    if not entries:
        return _pairs(flow, node, text_at(written, "data"))
    for one in entries:
        name = text_at(one, "key")
        if not name:
            continue
        if text_at(one, "type") == "file":
            found[name] = exact(flow, selector_at(one, "file"), node)
        else:
            found[name] = template(flow, text_at(one, "value"), node)
    return found


KIND = NodeKind(make=_make, outputs=OUTPUTS)
