"""The AsyncAPI 3 document: every subject of every service, with the types of the wire.

Made of what a service's broker answers, and what its loops read and write; see `channels`. One
channel a subject, one operation for each service and direction, one message a type, each with an
example.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from inspect import cleandoc
from typing import Any

import msgspec
import yaml
from faststream.specification.base import Specification, SpecificationFactory
from typing_extensions import override

from runfold import __version__
from runfold.archive.record import Header
from runfold.bus.refusals import ANSWERER, ASKER, HEADER
from runfold.contracts.codec import to_json
from runfold.errors import Failure
from runfold.service.broker import ServiceBroker
from runfold.service.channels import Channel
from runfold.service.examples import example_of

DESCRIPTION = (
    "runfold's services talk over NATS JetStream only. Subscribe to `runfold.events.…` to "
    "integrate; publish to `runfold.requests.run` to start a run."
)
TOKENS = {
    "partition": "Two digits: the hash of the run's id, mod 64",
    "workflow_id": "Id of the workflow",
    "run_id": "Id of the run",
    "type": "Type of the event, as in its body",
    "timer": "Digest of the timer's id",
    "schedule": "Digest of the schedule",
    "group": "Executor group",
    "node_type": "Type of the node",
    "conversation": "Digest of the conversation's id",
    "part": "head, turn or said",
    "stream": "Stream that the message came from, in lower case",
}
"""Tokens of subjects that vary → what they are."""
EMPTY = "Empty"
REFUSED = "Refused"
"""Message that answers a query instead of its answer."""
_TOKEN = re.compile(r"\{(\w+)\}")
_JSON = "application/json"
_CONTENT_TYPES: dict[type[msgspec.Struct], str] = {Header: "application/gzip"}
"""Types that are not the whole of their message's body."""


class ContractPage(SpecificationFactory):
    """The document of an application's broker, for FastStream's `docs` command."""

    title = "runfold"
    description = DESCRIPTION
    version = __version__
    contact = None
    license = None

    def __init__(self) -> None:
        self._brokers: list[ServiceBroker] = []

    @override
    def add_broker(self, broker: Any, /) -> SpecificationFactory:
        self._brokers.append(broker)
        return self

    @override
    def add_http_route(self, path: str, handler: Any) -> SpecificationFactory:
        message = f"{path}: the HTTP API is described by OpenAPI"
        raise NotImplementedError(message)

    @override
    def to_specification(self) -> Specification:
        return _Page(self._brokers)


class _Page:
    """A document in FastStream's terms."""

    title = ContractPage.title

    def __init__(self, brokers: Iterable[ServiceBroker]) -> None:
        made = _document({broker.service: broker.contract for broker in brokers})
        self._values = to_json(made)  # schemas have tuples as defaults

    def to_jsonable(self) -> Any:
        return self._values

    def to_json(self) -> str:
        return msgspec.json.encode(self._values).decode()

    def to_yaml(self) -> str:
        return str(yaml.safe_dump(self._values, sort_keys=False, allow_unicode=True))


def _document(contracts: dict[str, list[Channel]]) -> dict[str, Any]:
    described = [channel for contract in contracts.values() for channel in contract]
    kinds = {kind for channel in described for kind in channel.payloads}
    kinds |= {channel.reply for channel in described if channel.reply is not None} | {Failure}
    by_name = {kind.__name__: kind for kind in sorted(kinds, key=lambda kind: kind.__name__)}
    operations = {
        f"{service}.{channel.title}": _operation(channel)
        for service, contract in contracts.items()
        for channel in contract
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "runfold", "version": __version__, "description": DESCRIPTION},
        "defaultContentType": _JSON,
        "servers": {"nats": {"host": "localhost:4222", "protocol": "nats"}},
        "channels": dict(sorted(_channels(described).items())),
        "operations": dict(sorted(operations.items())),
        "components": {
            "messages": {
                EMPTY: _EMPTY_MESSAGE,
                REFUSED: _REFUSED_MESSAGE,
                **{name: _message(kind) for name, kind in by_name.items() if kind is not Failure},
            },
            "schemas": _schemas(by_name),
        },
    }


def _channels(described: Iterable[Channel]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for channel in described:
        about: dict[str, Any] = {"address": channel.address, "messages": {}}
        if channel.stream:
            about["x-stream"] = channel.stream
        if tokens := _TOKEN.findall(channel.address):
            about["parameters"] = {token: {"description": TOKENS[token]} for token in tokens}
        shown = found.setdefault(channel.key, about)
        shown["messages"] |= _messages(_names(channel))
        if channel.reply is not None:
            found[_reply_key(channel)] = {
                "address": None,
                "description": "The reply subject that the request names",
                "messages": _messages(_reply_names(channel)),
            }
    for shown in found.values():
        shown["messages"] = dict(sorted(shown["messages"].items()))
    return found


def _operation(channel: Channel) -> dict[str, Any]:
    described: dict[str, Any] = {
        "action": channel.direction,
        "channel": _ref("channels", channel.key),
        "summary": channel.description,
        "messages": [_ref("channels", channel.key, "messages", name) for name in _names(channel)],
        "x-means": channel.means,
    }
    if channel.shared_by:
        described["x-shared-by"] = channel.shared_by
        if not channel.stream:
            described["bindings"] = {"nats": {"queue": channel.shared_by}}
    if channel.reply is not None:
        key = _reply_key(channel)
        described["reply"] = {
            "channel": _ref("channels", key),
            "messages": [_ref("channels", key, "messages", name) for name in _reply_names(channel)],
        }
    return described


def _names(channel: Channel) -> list[str]:
    return [kind.__name__ for kind in channel.payloads] or [EMPTY]


def _reply_names(channel: Channel) -> list[str]:
    names = [channel.reply.__name__] if channel.reply is not None else []
    return [*names, REFUSED] if channel.family == "query" else names


def _reply_key(channel: Channel) -> str:
    return f"{channel.key}.reply"


def _messages(names: Iterable[str]) -> dict[str, Any]:
    return {name: _ref("components", "messages", name) for name in names}


def _ref(*steps: str) -> dict[str, str]:
    return {"$ref": "/".join(("#", *steps))}


def _message(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {
        "name": str(kind.__struct_config__.tag or kind.__name__),
        "title": kind.__name__,
        "summary": (kind.__doc__ or "").partition("\n")[0],
        "contentType": _CONTENT_TYPES.get(kind, _JSON),
        "payload": _ref("components", "schemas", kind.__name__),
        "examples": [{"payload": example_of(kind)}],
    }


_EMPTY_MESSAGE = {
    "name": EMPTY,
    "summary": "A request without a body",
    "payload": {"type": "string", "maxLength": 0},
    "examples": [{"payload": ""}],
}
_REFUSED_MESSAGE = {
    "name": REFUSED,
    "summary": "Why a request is not answered; the header says whose fault it is",
    "headers": {
        "type": "object",
        "properties": {HEADER: {"type": "string", "enum": [ASKER, ANSWERER]}},
        "required": [HEADER],
    },
    "payload": _ref("components", "schemas", Failure.__name__),
    "examples": [{"headers": {HEADER: ASKER}, "payload": example_of(Failure)}],
}


def _schemas(by_name: dict[str, type[msgspec.Struct]]) -> dict[str, Any]:
    """JSON Schemas of types and all they are made of."""
    alike = [_describable(kind) for kind in by_name.values()]
    _, found = msgspec.json.schema_components(alike, ref_template="#/components/schemas/{name}")
    return {name: _plain(schema) for name, schema in sorted(found.items())}


def _plain(schema: Any) -> Any:
    """A schema without OpenAPI's discriminators, which AsyncAPI has not: a type's tag tells it.

    Descriptions are docstrings, which have the indentation of their source up to Python 3.12.
    """
    if isinstance(schema, dict):
        return {
            key: cleandoc(value)
            if key == "description" and isinstance(value, str)
            else _plain(value)
            for key, value in schema.items()
            if key != "discriminator" or not isinstance(value, dict)
        }
    return [_plain(one) for one in schema] if isinstance(schema, list) else schema


@cache
def _describable(kind: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The type itself, or its likeness where msgspec cannot write a default into a schema."""
    fields = msgspec.structs.fields(kind)
    if not any(isinstance(field.default, msgspec.Raw) for field in fields):
        return kind
    alike: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for field in fields:
        if isinstance(field.default, msgspec.Raw):
            alike.append((field.name, Any, None))
        elif field.default is not msgspec.NODEFAULT:
            alike.append((field.name, field.type, field.default))
        elif field.default_factory is not msgspec.NODEFAULT:
            factory = msgspec.field(default_factory=field.default_factory)
            alike.append((field.name, field.type, factory))
        else:
            alike.append((field.name, field.type))
    return msgspec.defstruct(
        kind.__name__, alike, kw_only=True, namespace={"__doc__": kind.__doc__}
    )
