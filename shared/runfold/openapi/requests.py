"""From an operation and its arguments to a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec

from runfold.openapi.arguments import WHOLE, Argument, Arguments
from runfold.openapi.operations import Body
from runfold.openapi.styles import in_cookie, in_header, in_path, in_query, spread
from runfold.values.files import is_file
from runfold.values.json_text import text_of, to_json


class Unfit(Exception):
    """Arguments that cannot be sent."""

    def __init__(self, message: str, argument: str) -> None:
        super().__init__(message)
        self.argument = argument


class Part(msgspec.Struct, frozen=True):
    """One part of a `multipart/form-data` body."""

    name: str
    text: str = ""
    media_type: str = ""
    filename: str = ""
    file: dict[str, Any] | None = None
    """A file value, in place of a text."""


class Request(msgspec.Struct, frozen=True):
    """What is to be sent, before who asks is said."""

    method: str
    target: str
    """Path and query, behind the server's URL."""
    headers: list[tuple[str, str]] = []
    cookies: list[tuple[str, str]] = []
    media_type: str = ""
    content: bytes | None = None
    parts: list[Part] | None = None
    file: dict[str, Any] | None = None
    """A file value that is the body."""


def built(arguments: Arguments, values: dict[str, Any]) -> Request:
    """The request for some values, which are arguments' by name.

    Raises:
        Unfit: A value that cannot be sent where it belongs.
    """
    operation = arguments.operation
    path, query = operation.path, []
    headers: list[tuple[str, str]] = []
    cookies: list[tuple[str, str]] = []
    for argument, value in _given(arguments, values):
        parameter = argument.parameter
        if parameter is None or value is None:
            continue
        match parameter.place:
            case "path":
                path = path.replace(f"{{{parameter.name}}}", in_path(parameter, value))
            case "query":
                query += in_query(parameter, value)
            case "header":
                headers.append((parameter.name, in_header(parameter, value)))
            case "cookie":
                cookies += in_cookie(parameter, value)
    _check_path(operation.path, path)
    asked = "&".join(f"{name}={text}" for name, text in query)
    request = Request(
        method=operation.method,
        target=f"{path}?{asked}" if asked else path,
        headers=headers,
        cookies=cookies,
    )
    body = operation.body
    return request if body is None else _with_body(request, body, arguments, values)


def _given(arguments: Arguments, values: dict[str, Any]) -> Iterator[tuple[Argument, Any]]:
    for name, value in values.items():
        if (argument := arguments.find(name)) is not None:
            yield argument, value


def _check_path(written: str, path: str) -> None:
    """Refuse values that would lead to another operation than the one that was named."""
    for template, segment in zip(written.split("/"), path.split("/"), strict=False):
        if "{" in template and segment in ("", ".", ".."):
            name = template.partition("{")[2].partition("}")[0]
            message = f"{name} is {segment!r}, which would lead to another path than {written}"
            raise Unfit(message, name)


def _with_body(
    request: Request, body: Body, arguments: Arguments, values: dict[str, Any]
) -> Request:
    value, is_given = _body_value(arguments, values)
    if not is_given:
        return request
    media = body.media_type.strip()
    plain = media.lower().partition(";")[0]
    if is_file(value):
        return msgspec.structs.replace(request, media_type=media, file=value)
    if plain.endswith("json"):
        return msgspec.structs.replace(request, media_type=media, content=to_json(value).encode())
    if plain.startswith("multipart/"):
        parts = [*_parts(arguments, body, _object(value, media))]
        return msgspec.structs.replace(request, media_type=plain, parts=parts)
    if plain.endswith("x-www-form-urlencoded"):
        content = _form(body, _object(value, media)).encode()
        return msgspec.structs.replace(request, media_type=media, content=content)
    if "*" in media:
        media = "text/plain; charset=utf-8" if isinstance(value, str) else "application/json"
    return msgspec.structs.replace(request, media_type=media, content=text_of(value).encode())


def _body_value(arguments: Arguments, values: dict[str, Any]) -> tuple[Any, bool]:
    """The body's value, and whether there is to be one."""
    if (arguments.fields is None or arguments.takes_whole) and WHOLE in values:
        return values[WHOLE], True
    if arguments.fields is None:
        return None, False
    fields = {
        argument.written: value
        for argument, value in _given(arguments, values)
        if argument.place == "field"
    }
    if arguments.fields.open:
        fields |= {name: value for name, value in values.items() if arguments.find(name) is None}
    needed = arguments.operation.body is not None and arguments.operation.body.required
    return fields, bool(fields) or needed


def _object(value: Any, media: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        message = f"a body of {media} is an object of fields, not {type(value).__name__}"
        raise Unfit(message, WHOLE)
    return value


def _form(body: Body, value: dict[str, Any]) -> str:
    pairs: list[tuple[str, str]] = []
    for name, one in value.items():
        about = _encoding(body, name)
        style = about.get("style", "form" if isinstance(one, list) else "")
        if isinstance(style, str) and style:
            explode = bool(about.get("explode", style in ("form", "deepObject")))
            pairs += spread(name, one, style, explode=explode)
        elif one is not None:
            pairs.append((name, quote(text_of(one), safe="")))
    return "&".join(f"{quote(name, safe='')}={text}" for name, text in pairs)


def _parts(arguments: Arguments, body: Body, value: dict[str, Any]) -> Iterator[Part]:
    for name, one in value.items():
        media = _encoding(body, name).get("contentType")
        media = media if isinstance(media, str) and "," not in media and "*" not in media else ""
        for item in one if isinstance(one, list) else [one]:
            if item is None:
                continue
            if is_file(item):
                yield Part(name, media_type=media, file=item)
            elif isinstance(item, dict | list):
                yield Part(name, to_json(item), media or "application/json")
            else:
                filename = name if arguments.is_binary(name) else ""
                yield Part(name, text_of(item), media, filename)


def _encoding(body: Body, name: str) -> dict[str, Any]:
    about = body.encoding.get(name)
    return about if isinstance(about, dict) else {}
