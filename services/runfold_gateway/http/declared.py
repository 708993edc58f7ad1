"""What a route says of itself for the OpenAPI document, beside its signature.

A handler's parameters, body and return annotation are read off it; what they cannot say goes into
its `opt`: other successes, media types, a body that it reads itself, and problems of its own.
"""

from __future__ import annotations

from typing import Any, NamedTuple

KEY = "runfold.declared"
LOCATION = ("Location", "Where it is")
JSON = "application/json"
FORM = "multipart/form-data"
BYTES: dict[str, Any] = {"type": "string", "format": "binary"}
"""The schema of a file's bytes."""
YAML = "application/yaml"


class Success(NamedTuple):
    """An answer that is not a problem."""

    status: int
    of: Any
    """The type of the body; None when there is none."""
    media: tuple[str, ...] = (JSON,)
    description: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    """Names of headers, and what they say."""


class Body(NamedTuple):
    """A body that the handler reads itself."""

    of: Any
    """The type that clients are told to send."""
    description: str
    media: tuple[str, ...] = (JSON,)
    required: bool = True
    others: tuple[tuple[str, dict[str, Any]], ...] = ()
    """Further media types, with the schemas of what is sent as them."""


class Declared(NamedTuple):
    """What a handler declares."""

    successes: tuple[Success, ...] = ()
    """These by their status, else what the return annotation says."""
    body: Body | None = None
    problems: tuple[int, ...] = ()
    """Statuses beside those that follow from what the route is."""
    headers: tuple[tuple[str, str], ...] = ()
    """Of each success."""
    texts: tuple[str, ...] = ()
    """Media types of texts that a 200 can be instead."""
    keyless: bool = False
    """Whether it needs no key; the paths are `runfold_gateway.door.guard.OPEN`."""


def declare(
    *successes: Success,
    body: Body | None = None,
    problems: tuple[int, ...] = (),
    headers: tuple[tuple[str, str], ...] = (),
    texts: tuple[str, ...] = (),
    keyless: bool = False,
) -> dict[str, Any]:
    """The `opt` of a handler."""
    return {KEY: Declared(successes, body, problems, headers, texts, keyless)}


def declaration(opt: dict[str, Any]) -> Declared:
    """What a handler's `opt` declares."""
    found: Declared = opt.get(KEY) or Declared()
    return found
