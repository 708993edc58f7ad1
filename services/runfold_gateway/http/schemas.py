"""The OpenAPI document in the form that generators of clients read without loss.

Only the form of schemas is here; what they say comes from the routes and their structs.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import OpenAPI
from typing_extensions import override


@dataclass
class Described(OpenAPIConfig):
    """A configuration whose document is in plain form."""

    @override
    def to_openapi_schema(self) -> OpenAPI:
        """The document, to be filled with the routes."""
        made = super().to_openapi_schema()
        return _Plain(**{field.name: getattr(made, field.name) for field in fields(made)})


class _Plain(OpenAPI):
    """A document that says in full what JSON Schema lets one leave out."""

    @override
    def to_schema(self) -> dict[str, Any]:
        """The document as JSON values."""
        document: dict[str, Any] = plain(super().to_schema())
        return document


def plain(value: Any) -> Any:
    """A schema, or anything that has schemas in it, in plain form.

    Generators take an array without `items` for a mistake and leave out all that refers to it; an
    object without `additionalProperties` for one that has nothing in it; and an enumeration of one
    value, which is what a tag is, for a class of its own instead of that value.
    """
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {key: _part(key, part) for key, part in value.items()}
    match made:
        case {"type": "array"} if not made.keys() & {"items", "prefixItems"}:
            made["items"] = {}
        case {"type": "object"} if not made.keys() & {"properties", "additionalProperties"}:
            made["additionalProperties"] = {}
        case {"enum": [str(tag)]}:
            del made["enum"]
            made |= {"type": "string", "const": tag}
        case _:
            pass
    return made


def _part(key: str, part: Any) -> Any:
    if key in _VALUES:
        return part  # values of users may look like schemas
    if key in _BY_NAME and isinstance(part, dict):
        return {name: plain(one) for name, one in part.items()}
    return plain(part)


_VALUES = {"default", "example", "examples", "const", "enum"}
_BY_NAME = {"properties", "schemas", "parameters", "headers", "responses", "paths"}
"""Keys under which names stand, which are no keywords."""
