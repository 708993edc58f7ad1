"""Who asks: the security schemes of a document, and which of them an operation wants."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from runfold.openapi.document import Broken, Document, pointer
from runfold.openapi.operations import Operation

SchemeType = Literal["api_key", "basic", "bearer", "oauth2", "other"]


class Scheme(msgspec.Struct, frozen=True):
    """One way in which a request says who asks."""

    id: str
    type: SchemeType
    name: str = ""
    """Of the header, the query parameter or the cookie of an API key."""
    place: str = ""
    scopes: tuple[str, ...] = ()


Alternative = tuple[Scheme, ...]
"""Schemes that are wanted together."""


def alternatives(document: Document, operation: Operation) -> tuple[Alternative, ...]:
    """What an operation accepts; none: it does not say. An empty one: nothing is needed.

    Raises:
        Broken: A scheme that the document does not have.
    """
    return tuple(
        tuple(_scheme(document, name, scopes, operation.at) for name, scopes in one.items())
        for one in operation.security
        if isinstance(one, dict)
    )


def shown(wanted: tuple[Alternative, ...]) -> str:
    """Alternatives in words: `api_key (header X-Key) and basic, or oauth2`."""
    return ", or ".join(" and ".join(map(_named, one)) or "nothing" for one in wanted)


def _named(scheme: Scheme) -> str:
    where = f": {scheme.type} in {scheme.place} {scheme.name}" if scheme.name else ""
    return f"{scheme.id}{where or f': {scheme.type}'}"


def _scheme(document: Document, name: str, scopes: Any, at: str) -> Scheme:
    components = document.value.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    if not isinstance(schemes, dict) or name not in schemes:
        message = f"the security scheme {name!r} is not among `components.securitySchemes`"
        raise Broken("openapi.unknown_reference", at, message)
    place = "#" + pointer("components", "securitySchemes", name)
    written, _ = document.resolved(schemes[name], place)
    written = written if isinstance(written, dict) else {}
    listed = scopes if isinstance(scopes, list) else []
    wanted = tuple(one for one in listed if isinstance(one, str))
    kind, scheme = written.get("type"), str(written.get("scheme", "")).lower()
    if kind == "apiKey":
        return Scheme(name, "api_key", str(written.get("name", "")), str(written.get("in", "")))
    if kind == "http" and scheme in ("basic", "bearer"):
        return Scheme(name, "basic" if scheme == "basic" else "bearer")
    if kind in ("oauth2", "openIdConnect"):
        return Scheme(name, "oauth2", scopes=wanted)
    return Scheme(name, "other")
