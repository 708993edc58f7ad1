"""`http_request` → http-request."""

from __future__ import annotations

import json
from typing import Any

from runfold.exporters.dify.errors import write_errors
from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import NotMappable, Writing

OUTPUTS = {name: (name,) for name in ("body", "status_code", "headers")} | {"file": ("files",)}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_FORMS = {"multipart": "form-data", "form": "x-www-form-urlencoded"}


def _write(writing: Writing, room: Room) -> None:
    config = writing.config
    writing.put("url", "url", lambda: room.text(config.get("url", "")))
    writing.put("method", "method", lambda: _method(config.get("method", "GET")))
    writing.put("headers", "headers", lambda: _lines(config.get("headers"), room))
    writing.put("params", "params", lambda: _lines(config.get("params"), room))
    writing.put("authorization", "auth", lambda: _authorization(config.get("auth"), room))
    writing.put("body", ("body", "body_type"), lambda: _body(config, room))
    if "timeout" in config:
        writing.put("timeout", "timeout", lambda: {"read": int(config["timeout"])})
    if config.get("verify_tls") is False:
        writing.put("ssl_verify", "verify_tls", lambda: False)
    writing.use("response_type", "fail_on_status")
    if config.get("response_type", "text") != "text" or "response_type" not in config:
        writing.said.append("Dify gives the body of an answer as text")
    if config.get("fail_on_status", True) and "fail_on_status" not in config:
        writing.said.append("Dify takes an answer of any status, unless errors have a branch")
    write_errors(writing, OUTPUTS)


def _method(method: Any) -> str:
    if method not in _METHODS:
        message = f"Dify has no method {method!r}"
        raise NotMappable(message)
    return str(method).lower()


def _lines(pairs: Any, room: Room) -> str:
    if not pairs:
        return ""
    if not isinstance(pairs, dict):
        message = "Dify writes names and values one by one"
        raise NotMappable(message)
    found = []
    for name, value in pairs.items():
        values = value if isinstance(value, list) else [value]
        found += [f"{room.text(name)}:{room.text(one)}" for one in values]
    if any("\n" in one for one in found):
        message = "a name and its value are one line in Dify"
        raise NotMappable(message)
    return "\n".join(found)


def _authorization(auth: Any, room: Room) -> dict[str, Any]:
    match auth:
        case None | {}:
            return {"type": "no-auth", "config": None}
        case {"type": "bearer", "token": token}:
            return _key("bearer", room.text(token))
        case {"type": "api_key", "name": name, "value": value, **rest} if not rest:
            return _key("custom", room.text(value), room.text(name))
        case {"type": "basic", "username": user, "password": password}:
            return _key("basic", f"{room.text(user)}:{room.text(password)}")
        case _:
            pass
    message = "Dify has no such authorization"
    raise NotMappable(message)


def _key(kind: str, key: str, header: str = "") -> dict[str, Any]:
    return {"type": "api-key", "config": {"type": kind, "api_key": key, "header": header}}


def _body(config: dict[str, Any], room: Room) -> dict[str, Any]:
    body, kind = config.get("body"), config.get("body_type", "auto")
    if body in (None, ""):
        return {"type": "none", "data": []}
    if kind in _FORMS and isinstance(body, dict):
        return {"type": _FORMS[kind], "data": [_field(*one, room) for one in body.items()]}
    if kind == "file":
        return {"type": "binary", "data": [{"type": "file", "file": room.selector(body)}]}
    if kind in ("raw", "auto") and isinstance(body, str):
        is_json = any(
            name.lower() == "content-type" and "json" in str(value)
            for name, value in (config.get("headers") or {}).items()
        )
        return _text("json" if is_json else "raw-text", room.text(body))
    if kind in ("auto", "json"):
        values = room.values(body)
        return _text("json", values if isinstance(values, str) else json.dumps(values, indent=2))
    message = f"Dify has no body of type {kind!r}"
    raise NotMappable(message)


def _text(kind: str, text: str) -> dict[str, Any]:
    return {"type": kind, "data": [{"type": "text", "key": "", "value": text}]}


def _field(name: str, value: Any, room: Room) -> dict[str, Any]:
    return {"type": "text", "key": name, "value": room.text(value)}


KIND = WrittenKind(type="http-request", write=_write, outputs=OUTPUTS)
