"""`httpRequestPlan`: the request that an HTTP Request node makes for each item.

Gives an item for each: `method`, `url`, `params`, `headers`, `body` and `body_type`, as a native
`http_request` takes them, and with `keepItem` the `item` itself. Versions 1 and 2 have parameters
of their own; from 3 on all are alike.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.operations.files_of import stored
from runfold_executor_code.items.step import Item, ItemFailed, Made, Step

_NEW = 3
"""The version since which parameters are called as they are now."""
_FORM, _JSON, _MULTIPART = "form-urlencoded", "json", "multipart-form-data"
_DROPPED = frozenset(("host", "content-length", "transfer-encoding", "connection", "expect", "te"))
"""Headers that the executor writes itself."""
_OWN_TYPE = frozenset(("multipart",))
_BODIES = ("POST", "PUT", "PATCH", "DELETE")


def run(step: Step) -> list[list[Made]]:
    """The request of each item."""
    made = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            written = step.of(index)
            plan = (
                _new(written, item, index) if step.version >= _NEW else _old(written, item, index)
            )
            if step.parameters.get("keepItem") is True:
                plan["item"] = item
            made.append(Made(_tidy(plan, index), paired=(0, index)))
    return [made]


def _tidy(plan: dict[str, Any], index: int) -> dict[str, Any]:
    url = plan["url"]
    if not isinstance(url, str) or not url.strip():
        raise ItemFailed(index, "URL parameter must be a string: the node has no url")
    url = url.strip()
    if not url.lower().startswith(("http://", "https://")):
        url = f"http://{url}" if "://" not in url else url
    headers = {
        str(name).strip(): _text(value)
        for name, value in plan["headers"].items()
        if str(name).strip() and str(name).strip().lower() not in _DROPPED
    }
    if plan["body_type"] in _OWN_TYPE:
        # Its boundary is made with the body: the executor writes the header.
        headers = {name: one for name, one in headers.items() if name.lower() != "content-type"}
    return {**plan, "url": url, "method": str(plan["method"] or "GET").upper(), "headers": headers}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _new(written: Mapping[str, Any], item: Item, index: int) -> dict[str, Any]:
    plan: dict[str, Any] = {
        "method": written.get("method", "GET"),
        "url": written.get("url"),
        "params": {},
        "headers": {},
        "body": None,
        "body_type": "auto",
    }
    if written.get("sendQuery") is True:
        plan["params"] = _pairs_or_json(written, "Query", "query", index)
    if written.get("sendHeaders") is True:
        plan["headers"] = _pairs_or_json(written, "Headers", "header", index)
    if written.get("sendBody") is True:
        _new_body(plan, written, item, index)
    return plan


def _pairs_or_json(written: Mapping[str, Any], what: str, name: str, index: int) -> dict[str, Any]:
    if written.get(f"specify{what}") == "json":
        key = "jsonQuery" if what == "Query" else "jsonHeaders"
        return _object(written.get(key), f"{what.lower()} in JSON", index)
    return _pairs(written.get(f"{name}Parameters"))


def _pairs(written: Any, key: str = "parameters") -> dict[str, Any]:
    """Names and values of a list of pairs; a name that is there twice has both."""
    rows = written.get(key) if isinstance(written, Mapping) else None
    found: dict[str, Any] = {}
    for one in rows if isinstance(rows, list) else ():
        if not isinstance(one, Mapping) or not one.get("name"):
            continue
        name, value = str(one["name"]), one.get("value", "")
        if name in found:
            before = found[name]
            found[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            found[name] = value
    return found


def _object(value: Any, what: str, index: int) -> dict[str, Any]:
    found = _json(value, what, index)
    if isinstance(found, Mapping):
        return dict(found)
    raise ItemFailed(index, f"{what} is not an object")


def _json(value: Any, what: str, index: int) -> Any:
    if not isinstance(value, str):
        return value
    if not value.strip():
        return {}
    try:
        return json.loads(value, strict=False)
    except (ValueError, RecursionError) as error:
        raise ItemFailed(index, f"{what} is not valid JSON: {error}") from error


def _new_body(plan: dict[str, Any], written: Mapping[str, Any], item: Item, index: int) -> None:
    kind = written.get("contentType", _JSON)
    if kind == _JSON:
        is_json = written.get("specifyBody", "keypair") == "json"
        pairs = written.get("bodyParameters")
        plan["body"] = (
            _json(written.get("jsonBody"), "JSON body", index) if is_json else _pairs(pairs)
        )
        plan["body_type"] = "json"
    elif kind == _FORM:
        if written.get("specifyBody") == "string":
            plan["body"], plan["body_type"] = _text(written.get("body")), "raw"
            plan["headers"].setdefault("Content-Type", "application/x-www-form-urlencoded")
        else:
            plan["body"], plan["body_type"] = _pairs(written.get("bodyParameters")), "form"
    elif kind == _MULTIPART:
        plan["body"] = _fields(written.get("bodyParameters"), item, index)
        plan["body_type"] = "multipart"
    elif kind == "binaryData":
        _send_file(plan, item, written.get("inputDataFieldName", "data"), index)
    else:
        plan["body"], plan["body_type"] = _text(written.get("body")), "raw"
        content_type = written.get("rawContentType")
        if content_type:
            plan["headers"].setdefault("Content-Type", str(content_type))


def _fields(written: Any, item: Item, index: int) -> dict[str, Any]:
    """Fields of a form with files."""
    rows = written.get("parameters") if isinstance(written, Mapping) else None
    found: dict[str, Any] = {}
    for one in rows if isinstance(rows, list) else ():
        if not isinstance(one, Mapping) or not one.get("name"):
            continue
        if one.get("parameterType") == "formBinaryData":
            found[str(one["name"])] = _part(item, one.get("inputDataFieldName", "data"), index)
        else:
            found[str(one["name"])] = one.get("value", "")
    return found


def _send_file(plan: dict[str, Any], item: Item, field: Any, index: int) -> None:
    """Make a file of an item the body: by its name in a store, or by its bytes."""
    found = _binary(item, field, index)
    file = stored(item, str(field))
    if file is not None:
        plan["body"], plan["body_type"] = file, "file"
        return
    plan["body"], plan["body_type"] = found.get("data") or "", "base64"
    media_type = found.get("mimeType")
    if isinstance(media_type, str) and media_type:
        plan["headers"].setdefault("Content-Type", media_type)


def _binary(item: Item, field: Any, index: int) -> Mapping[str, Any]:
    binary = item.get("binary")
    found = binary.get(str(field)) if isinstance(binary, Mapping) else None
    if not isinstance(found, Mapping):
        raise ItemFailed(index, f"the item has no file {field!r}")
    return found


def _part(item: Item, field: Any, index: int) -> Any:
    """A file of an item as a part of a form: one in a store, or text."""
    found = _binary(item, field, index)
    file = stored(item, str(field))
    if file is not None:
        return file
    try:
        return base64.b64decode(str(found.get("data") or "")).decode()
    except ValueError as error:
        message = f"the bytes of the file {field!r} are no text: a form takes them from a store"
        raise ItemFailed(index, message) from error


def _old(written: Mapping[str, Any], item: Item, index: int) -> dict[str, Any]:
    """Versions 1 and 2."""
    plan: dict[str, Any] = {
        "method": written.get("requestMethod", "GET"),
        "url": written.get("url"),
        "params": _either(written, "query", index),
        "headers": _either(written, "header", index),
        "body": None,
        "body_type": "auto",
    }
    asked = written.get("options")
    options = asked if isinstance(asked, Mapping) else {}
    content = options.get("bodyContentType")
    if str(plan["method"]).upper() not in _BODIES:
        return plan
    if written.get("sendBinaryData") is True:
        name = str(written.get("binaryPropertyName", "data")).rpartition(":")[2]
        _send_file(plan, item, name, index)
        return plan
    body = _either(written, "body", index)
    if content == "raw":
        plan["body"], plan["body_type"] = _text(written.get("bodyParametersJson")), "raw"
        plan["headers"].setdefault(
            "Content-Type", str(options.get("bodyContentCustomMimeType") or "text/plain")
        )
    elif body:
        types = {_FORM: "form", _MULTIPART: "multipart"}
        plan["body"], plan["body_type"] = body, types.get(str(content), "json")
    return plan


def _either(written: Mapping[str, Any], name: str, index: int) -> dict[str, Any]:
    if written.get("jsonParameters") is True:
        if name == "body" and _is_raw(written):
            return {}
        return _object(written.get(f"{name}ParametersJson") or {}, f"{name} in JSON", index)
    return _pairs(written.get(f"{name}ParametersUi"), "parameter")


def _is_raw(written: Mapping[str, Any]) -> bool:
    options = written.get("options")
    return isinstance(options, Mapping) and options.get("bodyContentType") == "raw"
