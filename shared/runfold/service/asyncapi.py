"""The AsyncAPI document: every subject of every service, with the types of the wire.

FastStream generates the page from subscribers and publishers. What the services read and write
through the bus is declared to it on brokers that exist for the page only and never connect; the
payloads' schemas come from the msgspec types themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, Self, cast

import msgspec
from faststream.nats import NatsBroker
from faststream.specification import AsyncAPI
from faststream.specification.base import Specification
from pydantic import WithJsonSchema
from typing_extensions import override

from runfold import __version__
from runfold.service.channels import CHANNELS, Channel, channels_of

URL = "nats://localhost:4222"
SCHEMAS = "#/components/schemas/{name}"
MARK = "x-runfold-payload"
DESCRIPTION = (
    "runfold's services talk over NATS JetStream only. Subscribe to `runfold.events.…` to "
    "integrate; publish to `runfold.requests.run` to start a run."
)


class DeclaredBroker(NatsBroker):
    """What one service receives and sends, for the page. Never connected."""

    def __init__(self, service: str) -> None:
        super().__init__(URL, specification_url=URL, logger=None)
        self.payloads: dict[str, Any] = {}
        self._declared: list[object] = []  # FastStream itself holds them weakly
        for channel in channels_of(service):
            self._declare(f"{service}.{channel.title}", channel)

    def _declare(self, title: str, channel: Channel) -> None:
        self.payloads[title] = channel.payload
        # FastStream asks pydantic for the schema; it gets a mark, and we put the real one there.
        marked = Annotated[Any, WithJsonSchema({MARK: title})]
        if channel.direction == "send":
            self._declared.append(
                self.publisher(
                    channel.address, title=title, description=channel.description, schema=marked
                )
            )
            return

        async def handler(body: Any) -> None:
            """Stand for the real handler."""

        async def empty() -> None:
            """Stand for a real handler that looks at no body."""

        handler.__annotations__["body"] = marked
        subscriber = self.subscriber(channel.address, title=title, description=channel.description)
        subscriber(empty if channel.payload is None else handler)
        self._declared.append(subscriber)


class ContractPage(AsyncAPI):
    """The page of the named services; an application's own broker adds nothing to it."""

    def __init__(self, *services: str) -> None:
        super().__init__(
            *map(DeclaredBroker, services),
            title="runfold",
            version=__version__,
            description=DESCRIPTION,
        )

    @override
    def add_broker(self, broker: Any, /) -> Self:
        if isinstance(broker, DeclaredBroker):
            super().add_broker(broker)
        return self

    @override
    def to_specification(self) -> Specification:
        page = super().to_specification()
        components = cast("Any", page).components
        components.schemas = self._with_types(components.schemas)
        return page

    def _with_types(self, marked: dict[str, Any]) -> dict[str, Any]:
        payloads: dict[str, Any] = {}
        for broker in self.brokers:
            payloads |= cast("DeclaredBroker", broker).payloads
        declared = {name: schema[MARK] for name, schema in marked.items() if MARK in schema}
        types = [_describable(payloads[title]) for title in declared.values()]
        schemas, components = msgspec.json.schema_components(types, ref_template=SCHEMAS)
        typed = {
            name: {"title": name, **schema} for name, schema in zip(declared, schemas, strict=True)
        }
        return {**marked, **typed, **components}


@cache
def _describable(payload: Any) -> Any:
    """The type itself, or its likeness where msgspec cannot write a default into a schema."""
    if not (isinstance(payload, type) and issubclass(payload, msgspec.Struct)):
        return payload
    fields = msgspec.structs.fields(payload)
    if not any(isinstance(field.default, msgspec.Raw) for field in fields):
        return payload
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
        payload.__name__, alike, kw_only=True, namespace={"__doc__": payload.__doc__}
    )


def document(services: Iterable[str] = CHANNELS) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of services, all of them by default, as plain JSON values."""
    page: dict[str, Any] = msgspec.json.decode(ContractPage(*services).to_specification().to_json())
    page["channels"] = dict(sorted(page["channels"].items()))
    page["operations"] = dict(sorted(page["operations"].items()))
    page["components"] = {
        part: dict(sorted(named.items())) for part, named in page["components"].items()
    }
    return page
