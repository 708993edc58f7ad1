"""One OpenAPI document: its version, and what its references lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

_VERSION = re.compile(r"3\.(\d{1,2})(\.\d{1,3})?(-[\w.]+)?")
_INDEX = re.compile(r"[0-9]{1,9}")
_LONGEST_CHAIN = 50
"""References from one to the next, until the part itself is there."""
DATA = frozenset(("example", "examples", "default", "enum", "const", "mapping", "value"))
"""Keywords under which values stand, and no parts of the document."""
_BY_NAME = frozenset(
    (
        *("properties", "patternProperties", "dependentSchemas", "$defs", "definitions"),
        *("schemas", "responses", "parameters", "requestBodies", "headers", "securitySchemes"),
        *("pathItems", "callbacks", "links", "paths", "webhooks", "content", "encoding"),
        *("variables", "scopes", "examples"),
    )
)
"""Keywords under which names stand that the author chose."""


class Fault(NamedTuple):
    """Something for which a document, or an operation of it, cannot be used."""

    code: str
    place: str
    """As a JSON pointer, `#/paths/~1pets/get`."""
    message: str


class Broken(Exception):
    """A part of the document that cannot be used; `fault` says why."""

    def __init__(self, code: str, place: str, message: str) -> None:
        super().__init__(message)
        self.fault = Fault(code, place, message)


class Document:
    """A document as JSON values.

    Args:
        value: The whole of it.

    Raises:
        Broken: `openapi.invalid` or `openapi.version`: it is not an OpenAPI 3 document.
    """

    def __init__(self, value: Any) -> None:
        if not isinstance(value, dict):
            message = "an OpenAPI document is an object with `openapi`, `info` and `paths`"
            raise Broken("openapi.invalid", "#", message)
        self.value: dict[str, Any] = value
        self.minor = _minor(value)
        info = value.get("info")
        self.title = str(info.get("title") or "") if isinstance(info, dict) else ""

    @property
    def is_old(self) -> bool:
        """Whether schemas are written as 3.0 has them, with `nullable` and without types' lists."""
        return self.minor == 0

    def at(self, reference: str, place: str) -> Any:
        """What a reference leads to, which may be a reference again.

        Raises:
            Broken: `openapi.remote_reference`, `openapi.unknown_reference`.
        """
        if not reference.startswith("#"):
            message = (
                f"{reference[:200]!r} leads out of the document, and nothing is fetched: put what "
                "it refers to under `components` of this document"
            )
            raise Broken("openapi.remote_reference", place, message)
        here: Any = self.value
        if reference in ("#", "#/"):
            return here
        if not reference.startswith("#/"):
            raise _unknown(reference, place)
        for token in reference[2:].split("/"):
            name = unquote(token).replace("~1", "/").replace("~0", "~")
            if isinstance(here, dict) and name in here:
                here = here[name]
            elif isinstance(here, list) and _INDEX.fullmatch(name) and int(name) < len(here):
                here = here[int(name)]
            else:
                raise _unknown(reference, place)
        return here

    def resolved(self, part: Any, place: str) -> tuple[Any, str]:
        """A part and its place, once its references are followed.

        Raises:
            Broken: A reference leads nowhere, out of the document, or back to itself.
        """
        for _ in range(_LONGEST_CHAIN):
            if not isinstance(part, dict) or not isinstance(part.get("$ref"), str):
                return part, place
            reference = part["$ref"]
            part, place = self.at(reference, place), reference
        message = f"{place!r} refers to itself, or through more than {_LONGEST_CHAIN} references"
        raise Broken("openapi.reference_cycle", place, message)


def pointer(*names: str | int) -> str:
    """The end of a JSON pointer: names with a slash before each."""
    return "".join(f"/{str(name).replace('~', '~0').replace('/', '~1')}" for name in names)


def references_in(value: Any, place: str = "#") -> Iterator[tuple[str, str]]:
    """Each reference in a part of a document with its place; those in examples do not count."""
    left: list[tuple[Any, str, bool]] = [(value, place, False)]
    while left:
        here, at, by_name = left.pop()
        if isinstance(here, list):
            left += [(one, f"{at}/{index}", False) for index, one in enumerate(here)]
        if not isinstance(here, dict):
            continue
        if not by_name and isinstance(here.get("$ref"), str):
            yield here["$ref"], at
        for name, inner in here.items():
            if by_name or not (name in DATA or name.startswith("x-")):
                left.append((inner, at + pointer(name), not by_name and name in _BY_NAME))


def _minor(value: dict[str, Any]) -> int:
    version = value.get("openapi")
    found = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if found:
        return int(found[1])
    if "swagger" in value:
        message = (
            f"this is a Swagger {str(value['swagger'])[:20]} document: convert it to OpenAPI 3"
        )
        raise Broken("openapi.version", "#/swagger", message)
    message = f"`openapi` is {str(version)[:40]!r}: it names the version as text, such as '3.1.0'"
    raise Broken("openapi.version", "#/openapi", message)


def _unknown(reference: str, place: str) -> Broken:
    message = f"{reference[:200]!r} leads to nothing in this document"
    return Broken("openapi.unknown_reference", place, message)
