"""The API's OpenAPI document, read off its routes: nothing here knows one of them.

Schemas are msgspec's, of the types that are really encoded and decoded. Parameters, bodies and
answers are read off each handler and its declaration, problems follow from what the route is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec
from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import Empty

from runfold import __version__
from runfold_gateway.documents.problems import Problem
from runfold_gateway.http.declared import BYTES, LOCATION, Body, Declared, Success, declaration
from runfold_gateway.http.parameters import Parameter, is_required, parameters_of
from runfold_gateway.http.schemas import Schemas, given, schema_of
from runfold_gateway.http.statuses import DESCRIPTIONS, HEADERS, statuses
from runfold_gateway.problems import MEDIA_TYPE

KEY = "key"
SECURITY = {
    KEY: {
        "type": "http",
        "scheme": "bearer",
        "description": "A key of the gateway, when it asks for one: Authorization: Bearer KEY",
    }
}
ASKED: list[dict[str, list[str]]] = [{}, {KEY: []}]
"""With a key, or without one where none is asked for."""
TAGS = {
    "workflows": "Definitions and their versions",
    "kinds": "What nodes there are",
    "templates": "Ready workflows to begin with",
    "runs": "Runs, their events and their streams",
    "files": "Bytes that runs are given and leave",
    "reviews": "What waits for a person",
    "events": "Events from outside",
    "schedules": "Workflows that run by the clock",
    "subjects": "Messages of other streams that begin runs",
    "webhooks": "Requests from outside that begin runs",
    "knowledge": "Bases of documents that are searched by meaning and by words",
    "plugins": "OpenAPI documents that nodes call operations of",
    "connections": "Named credentials, written and never read back",
    "conversations": "Conversations of users, and what is said in them",
    "dead letters": "Messages no service could handle",
    "operations": "What goes on in the deployment as a whole",
    "gateway": "The gateway itself",
}


class ApiDocument:
    """The document of an application, made when it is first asked for.

    Args:
        named: Types other than structs that have a component, by its name.
    """

    def __init__(self, named: dict[str, Any]) -> None:
        self._named = named
        self._application: Litestar | None = None

    def of(self, application: Litestar) -> None:
        """Say whose document it is."""
        self._application = application

    @cached_property
    def document(self) -> dict[str, Any]:
        """The document, as plain JSON values."""
        found: dict[str, Any] = msgspec.json.decode(self.json)
        return found

    @cached_property
    def json(self) -> bytes:
        """The document as JSON."""
        return msgspec.json.encode(self._made())

    @cached_property
    def yaml(self) -> bytes:
        """The document as YAML."""
        return msgspec.yaml.encode(self.document)

    def _made(self) -> dict[str, Any]:
        routes = list(_operations(self._application.routes if self._application else ()))
        kinds = (kind for route in routes for kind in route.types())
        sent = [body.of for route in routes if (body := route.body) is not None and body.media]
        schemas = Schemas((Problem, *kinds), self._named, sent)
        # Codes have members of their own, which a client in TypeScript could not read otherwise.
        schemas.components[Problem.__name__]["additionalProperties"] = {}
        paths: dict[str, dict[str, Any]] = {}
        for route in routes:
            paths.setdefault(route.path, {})[route.method.lower()] = route.operation(schemas)
        used = {tag for route in routes for tag in route.tags}
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "runfold",
                "version": __version__,
                "description": "Durable AI workflows: store them, run them, watch them.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
            "paths": paths,
            "components": {"schemas": schemas.components, "securitySchemes": SECURITY},
            "security": ASKED,
            "tags": [
                {"name": name, "description": text} for name, text in TAGS.items() if name in used
            ],
        }


def _operations(routes: Iterable[Any]) -> Iterator[_Route]:
    for route in sorted((one for one in routes if isinstance(one, HTTPRoute)), key=_path):
        for method, (handler, _) in route.route_handler_map.items():
            if handler.resolve_include_in_schema():
                yield _Route(_path(route), str(method), handler)


def _path(route: HTTPRoute) -> str:
    return route.path_format


class _Route(NamedTuple):
    path: str
    method: str
    handler: HTTPRouteHandler

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return parameters_of(self.handler)

    @property
    def tags(self) -> list[str]:
        return sorted(self.handler.resolve_tags())

    @property
    def declaration(self) -> Declared:
        return declaration(self.handler.opt)

    @property
    def body(self) -> Body | None:
        """What is sent, when anything is."""
        field = self.handler.parsed_fn_signature.parameters.get("data")
        if field is None:
            return self.declaration.body
        return Body(given(field.annotation), "", required=field.default is Empty)

    @property
    def successes(self) -> dict[int, Success]:
        """What it answers when all is well."""
        own = self.handler.parsed_fn_signature.return_type
        kind = own.annotation
        if own.is_subclass_of(Response):
            kind = own.inner_types[0].annotation if own.inner_types else Any
        status = self.handler.status_code
        found = {status: Success(status, None if kind is type(None) else kind)}
        return {**found, **{one.status: one for one in self.declaration.successes}}

    def types(self) -> Iterator[Any]:
        """All types that its operation has schemas of."""
        yield from (one.of for one in self.successes.values() if one.of not in (None, bytes))
        if self.body is not None and self.body.media:
            yield self.body.of

    def operation(self, schemas: Schemas) -> dict[str, Any]:
        """What the document says of it."""
        text = self.handler.description or self.handler.fn.__doc__ or ""
        lines = [line.strip() for line in text.strip().splitlines()]
        first = " ".join(lines).partition(". ")[0].partition(": ")[0].rstrip(".")
        operation: dict[str, Any] = {
            "operationId": self.handler.operation_id,
            "summary": self.handler.summary or first,
            "description": "\n".join(lines),
            "tags": self.tags,
            "parameters": [_parameter(one) for one in self.parameters],
        }
        if self.body is not None:
            content = {media: {"schema": schemas.of(self.body.of)} for media in self.body.media}
            content |= {media: {"schema": schema} for media, schema in self.body.others}
            operation["requestBody"] = {"content": content, "required": self.body.required}
            if self.body.description:
                operation["requestBody"]["description"] = self.body.description
        if self.declaration.keyless:
            operation["security"] = []
        operation["responses"] = {
            str(status): answer for status, answer in sorted(self._answers(schemas).items())
        }
        return operation

    def _answers(self, schemas: Schemas) -> dict[int, dict[str, Any]]:
        answers = {
            status: _success(one, schemas, self.declaration)
            for status, one in self.successes.items()
        }
        found = statuses(
            self.method,
            in_path="{" in self.path,
            body=self.body is not None,
            parameters=frozenset(one.name for one in self.parameters),
        )
        for status in (*found, *self.declaration.problems):
            answers[status] = _problem(status, schemas)
        if self.declaration.keyless:
            del answers[HTTPStatus.UNAUTHORIZED]
        return answers


def _parameter(one: Parameter) -> dict[str, Any]:
    schema = schema_of(given(one.type))
    if one.default not in (Empty, None, ""):
        schema["default"] = one.default
    found = {
        "name": one.name,
        "in": one.where,
        "description": one.description,
        "required": is_required(one),
        "schema": schema,
    }
    return {**found, "explode": True} if one.many else found


def _success(one: Success, schemas: Schemas, said: Declared) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": one.description or _SAID.get(one.status, "Done")}
    if one.of is not None:
        schema = BYTES if one.of is bytes else schemas.of(one.of)
        answer["content"] = {media: {"schema": schema} for media in one.media}
    if one.status == HTTPStatus.OK:
        answer["content"] |= {media: {"schema": {"type": "string"}} for media in said.texts}
    located = (LOCATION,) if one.status == HTTPStatus.CREATED else ()
    if headers := (*located, *one.headers, *said.headers):
        answer["headers"] = {name: _header(text) for name, text in headers}
    return answer


def _header(text: str) -> dict[str, Any]:
    return {"description": text, "schema": {"type": "string"}}


_SAID = {
    200: "What was asked for",
    201: "It is stored",
    202: "It is accepted, and carried out after the answer",
    204: "Done; there is nothing to say",
}


def _problem(status: int, schemas: Schemas) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": DESCRIPTIONS[status],
        "content": {MEDIA_TYPE: {"schema": schemas.of(Problem)}},
    }
    if header := HEADERS.get(status):
        name, text = header
        answer["headers"] = {name: _header(text)}
    return answer
