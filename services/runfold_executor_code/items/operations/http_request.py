"""`httpRequest`: the answers to the requests of items, as items.

The requests are made by native nodes; `results` has their answers: `{status_code, headers, body,
file}`. A list in JSON gives an item for each member.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec.structs import replace

from runfold_executor_code.items.javascript_values import json_text, text
from runfold_executor_code.items.operations.collect import results_of
from runfold_executor_code.items.parameters import at, flag, options_of, word
from runfold_executor_code.items.reading import item_of
from runfold_executor_code.items.step import Item, ItemFailed, Made, Step

_SPLIT = 2
_NEW = 3
"""Versions since which lists are split, and parameters are called as they are now."""


class _Asked(msgspec.Struct, frozen=True):
    """How answers are to be given."""

    format: str
    whole: bool
    name: str
    splits: bool
    takes_any: bool
    """Whether a status of 4xx or 5xx is an answer like others."""


def run(step: Step) -> list[list[Made]]:
    """The answers as items."""
    made: list[Made] = []
    for index, answer in results_of(step):
        with step.guarded(index):
            item = step.items[index] if index < len(step.items) else {"json": {}}
            asked = _asked(step.version, step.of(index))
            if isinstance(answer, list):
                # Of pages; an error among them was looked at when the next one was asked for.
                asked = replace(asked, takes_any=True)
            for one in answer if isinstance(answer, list) else [answer]:
                given = one if isinstance(one, Mapping) else {"body": one}
                made += _items(given, asked, item, index)
    return [made]


def body_of(answer: Mapping[str, Any]) -> Any:
    """The body of an answer, read where it says that it is JSON."""
    body = answer.get("body")
    if not isinstance(body, str) or not _is_json(answer):
        return body
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body


def _asked(version: float, written: Mapping[str, Any]) -> _Asked:
    options = options_of(written)
    if version < _NEW:
        kind = word(written.get("responseFormat"), "json")
        return _Asked(
            format="text" if kind == "string" else kind,
            whole=flag(options.get("fullResponse")),
            name=word(written.get("dataPropertyName"), "data"),
            splits=version >= _SPLIT or flag(options.get("splitIntoItems")),
            takes_any=flag(options.get("ignoreResponseCode")),
        )
    response = at(options, "response", "response", default={})
    return _Asked(
        format=word(at(response, "responseFormat"), "autodetect"),
        whole=flag(at(response, "fullResponse")),
        name=word(at(response, "outputPropertyName"), "data"),
        splits=True,
        takes_any=flag(at(response, "neverError")),
    )


def _items(answer: Mapping[str, Any], asked: _Asked, item: Item, index: int) -> list[Made]:
    status = answer.get("status_code")
    if isinstance(status, int) and status >= HTTPStatus.BAD_REQUEST and not asked.takes_any:
        raise ItemFailed(index, f"Request failed with status code {status}")
    more = {
        "headers": answer.get("headers") or {},
        "statusCode": status,
        "statusMessage": _phrase(status),
    }
    if answer.get("file") is not None and asked.format in ("file", "autodetect"):
        binary = {**(item.get("binary") or {}), asked.name: _file(answer["file"])}
        return [Made(more if asked.whole else item["json"], binary, paired=(0, index))]
    body = answer.get("body")
    is_text = asked.format == "text" or (asked.format == "autodetect" and not _is_json(answer))
    if is_text:
        value = body if isinstance(body, str) else "" if body is None else json_text(body)
        json_ = {asked.name: value, **more} if asked.whole else {asked.name: value}
        return [Made(json_, paired=(0, index))]
    read = _read(body, index)
    if asked.whole:
        return [Made({"body": read, **more}, paired=(0, index))]
    listed = read if isinstance(read, list) and asked.splits else [read]
    return [
        Made(dict(one) if isinstance(one, Mapping) else item_of(one)["json"], paired=(0, index))
        for one in listed
    ]


def _is_json(answer: Mapping[str, Any]) -> bool:
    headers = answer.get("headers")
    kinds = [
        text(value)
        for name, value in (headers.items() if isinstance(headers, Mapping) else ())
        if str(name).lower() == "content-type"
    ]
    if kinds:
        return "json" in kinds[0]
    return not isinstance(answer.get("body"), str)


def _read(body: Any, index: int) -> Any:
    if not isinstance(body, str):
        return {} if body is None else body
    if not body.strip():
        return {}
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        message = 'Response body is not valid JSON. Change "Response Format" to "Text"'
        raise ItemFailed(index, message) from error


def _phrase(status: Any) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _file(value: Any) -> dict[str, Any]:
    """A file of an answer: the value that stands for its bytes, and what is said of it."""
    known = value if isinstance(value, Mapping) else {}
    return {
        "file": value,
        "mimeType": known.get("media_type", "application/octet-stream"),
        "fileName": known.get("name", "file"),
        "fileExtension": known.get("extension", ""),
    }
