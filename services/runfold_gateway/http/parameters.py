"""Parameters of routes, read off their handlers: what a query may hold, and what the document says.

A parameter that no handler declares is an error and never ignored: a filter with a slip of the pen
would otherwise list everything. Only probes of health, senders of webhooks, clients of Dify,
browsers that come back from an authorization server, and the studio's page may add their own.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import ParameterKwarg
from litestar.types import Empty
from litestar.typing import FieldDefinition

from runfold.errors import InvalidRequest
from runfold_gateway.dify_api.errors import DIFY
from runfold_gateway.door.guard import BROUGHT, PROBES, STUDIO, WEBHOOKS

OF_REQUEST = frozenset(
    ("request", "state", "headers", "cookies", "query", "scope", "socket", "body", "data")
)
"""Names that the framework gives a meaning of its own."""
FREE = PROBES | {BROUGHT, "/studio"}
"""Paths whose callers add parameters of their own."""
SHOWN = 80
"""Characters of a name that are shown."""
DESCRIPTIONS = {
    "workflow_id": "The workflow's id.",
    "run_id": "The run's id.",
    "other_id": "The id of the run it is compared with.",
    "file_id": "The file's id: the sha256 of its bytes.",
    "template_id": "The template's id.",
    "review_id": "The review's id: the `token` of what waits.",
    "version": "A number, or `draft`; empty: the newest published version.",
    "cursor": "`next_cursor` of the page before; empty: the first page.",
    "limit": "How many at most.",
    "draft": "Whether it is only stored as the draft, and not published.",
    "note": "What changed, for people to read.",
    "address": "The node's address, as in the run's `nodes`.",
    "kind_type": "The kind's type, or an alias.",
    "from": "The version to compare.",
    "schedule_id": "The schedule's id, as in the list.",
    "seq": "The letter's sequence.",
    "plugin": "The plugin's name.",
    "base": "The knowledge base's name.",
    "connection": "The connection's name.",
    "conversation_id": "The conversation's id, percent-encoded.",
    "message_id": "The message's id, percent-encoded.",
    "at": "Sequence of one of the run's events; none: the newest.",
    "status": "Only those of this status.",
    "reason": "Why, for people to read.",
    "feedback": "What the person says to it.",
}
"""What names mean wherever they are; a handler that means more says so itself."""


class Parameter(NamedTuple):
    """A parameter that a handler takes."""

    name: str
    where: Literal["path", "query", "header"]
    type: Any
    """Its type with its bounds, as `msgspec` takes it."""
    default: Any
    """`Empty` when it must be given."""
    description: str
    many: bool
    """Whether it may be given more than once."""


@cache
def parameters_of(handler: BaseRouteHandler) -> tuple[Parameter, ...]:
    """The parameters that a handler takes, in its order."""
    in_path = {
        name.partition(":")[0]
        for path in handler.paths
        for name in (part[1:-1] for part in path.split("/") if part.startswith("{"))
    }
    return tuple(
        _parameter(field, in_path)
        for field in handler.parsed_fn_signature.parameters.values()
        if field.name not in OF_REQUEST
    )


def _parameter(field: FieldDefinition, in_path: set[str]) -> Parameter:
    said = field.kwarg_definition
    said = said if isinstance(said, ParameterKwarg) else ParameterKwarg()
    where: Literal["path", "query", "header"] = "query"
    name = said.query or field.name
    if said.header:
        where, name = "header", said.header
    elif field.name in in_path:
        where, name = "path", field.name
    return Parameter(
        name=name,
        where=where,
        type=_with_bounds(field.annotation, said),
        default=field.default,
        description=said.description or DESCRIPTIONS.get(name, ""),
        many=field.is_non_string_collection or field.has_inner_subclass_of((list, tuple, set)),
    )


def _with_bounds(kind: Any, said: ParameterKwarg) -> Any:
    names = ("gt", "ge", "lt", "le", "multiple_of", "pattern", "min_length", "max_length")
    bounds = {name: getattr(said, name) for name in names if getattr(said, name) is not None}
    if not bounds:
        return kind
    if said.examples:
        bounds["examples"] = [one.value for one in said.examples]
    return Annotated[kind, msgspec.Meta(**bounds)]


def only_known(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse a query with a parameter that the handler does not take, or one of it twice.

    Raises:
        InvalidRequest: Naming the parameter and those there are.
    """
    given = Counter(name for name, _ in connection.query_params.multi_items())
    if not given or _is_options(handler) or is_free(connection.scope["path"]):
        return
    known = {one.name: one for one in parameters_of(handler) if one.where == "query"}
    for name, times in given.items():
        details = {"parameter": name[:SHOWN], "known": sorted(known)}
        if name not in known:
            there = f"there are {', '.join(sorted(known))}" if known else "there are none here"
            message = f"unknown query parameter {name[:SHOWN]!r}: {there}"
            raise InvalidRequest(message, code="request.parameter_unknown", details=details)
        if times > 1 and not known[name].many:
            message = f"query parameter {name[:SHOWN]!r} is given {times} times: give it once"
            raise InvalidRequest(message, code="request.parameter_repeated", details=details)


def is_free(path: str) -> bool:
    """Whether callers of a path add parameters of their own."""
    return path in FREE or path.startswith((WEBHOOKS, DIFY, STUDIO))


def _is_options(handler: BaseRouteHandler) -> bool:
    """Whether it answers OPTIONS, which may ask about any address."""
    return isinstance(handler, HTTPRouteHandler) and "OPTIONS" in handler.http_methods


def is_required(parameter: Parameter) -> bool:
    """Whether a request without it is refused."""
    return parameter.default is Empty
