"""What the OpenAPI document says that cannot be read off the routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    Operation,
    RequestBody,
    Schema,
    SecurityScheme,
)

KEY = "key"
SECURITY = Components(
    security_schemes={
        KEY: SecurityScheme(
            type="http",
            scheme="bearer",
            description="A key of the gateway, when it asks for one: Authorization: Bearer KEY",
        )
    }
)
ASKED: list[dict[str, list[str]]] = [{}, {KEY: []}]
"""With a key, or without one where none is asked for."""


def body_operation(
    struct: type[msgspec.Struct] | None, description: str, base: type[Operation] = Operation
) -> type[Operation]:
    """An operation whose route reads its body itself.

    Args:
        struct: A form of its JSON; None when any JSON or YAML is taken.
        description: What the body is.
        base: What else the operation is.
    """
    content = {"application/json": OpenAPIMediaType(schema=_schema_of(struct))}
    if struct is None:
        content["application/yaml"] = OpenAPIMediaType(schema=Schema())

    @dataclass
    class WithBody(base):  # type: ignore[valid-type, misc]
        def __post_init__(self) -> None:
            if base is not Operation:
                super().__post_init__()
            self.request_body = RequestBody(content=content, description=description)

    return WithBody


def _schema_of(struct: type[msgspec.Struct] | None) -> Any:
    if struct is None:
        return Schema()
    (schema,), named = msgspec.json.schema_components((struct,))
    return _Given(named[str(schema["$ref"]).rpartition("/")[2]])


class _Given(Schema):
    """A schema that is there already, as JSON."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__()
        self._document = document

    def to_schema(self) -> dict[str, Any]:
        return self._document
