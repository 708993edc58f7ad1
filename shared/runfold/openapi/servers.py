"""Where an operation's requests go: its servers, their variables, and what is relative to what."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from runfold.openapi.document import Broken
from runfold.openapi.operations import Operation

_VARIABLE = re.compile(r"{([^{}]+)}")


def base_url(
    operation: Operation, *, server: str = "", variables: dict[str, str], source: str = ""
) -> str:
    """What an operation's path is put behind.

    Args:
        operation: The operation.
        server: The author's own; empty: the first that the document names.
        variables: Values for the variables of the document's server.
        source: The URL that the document came from, which a relative server is relative to.

    Raises:
        Broken: `openapi.server`, when there is none, or a variable has no value.
    """
    at = f"{operation.at}/servers"
    written = server or _written(operation, variables, at)
    whole = urljoin(source, written) if source else written
    parts = urlsplit(whole)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        message = (
            f"the document's server is {written[:200]!r}, which is not a URL with a host: say "
            "which in the node's `server`"
        )
        raise Broken("openapi.server", at, message)
    if parts.query or parts.fragment:
        message = "a server's URL has no query and no fragment"
        raise Broken("openapi.server", at, message)
    return whole.rstrip("/")


def _written(operation: Operation, variables: dict[str, str], at: str) -> str:
    first = operation.servers[0] if operation.servers else {"url": "/"}
    if not isinstance(first, dict) or not isinstance(first.get("url"), str):
        raise Broken("openapi.server", at, "a server is an object with a `url`")
    declared = first.get("variables")
    declared = declared if isinstance(declared, dict) else {}

    def value(found: re.Match[str]) -> str:
        return _value(found[1], declared.get(found[1]), variables, at)

    return _VARIABLE.sub(value, first["url"])


def _value(name: str, declared: Any, given: dict[str, str], at: str) -> str:
    about = declared if isinstance(declared, dict) else {}
    chosen = given.get(name, about.get("default"))
    if not isinstance(chosen, str):
        message = f"the server's variable {name!r} has no value: set it in `server_variables`"
        raise Broken("openapi.server", at, message)
    allowed = about.get("enum")
    if isinstance(allowed, list) and allowed and chosen not in allowed:
        names = ", ".join(map(str, allowed[:20]))
        message = f"the server's variable {name!r} is one of {names}, not {chosen[:80]!r}"
        raise Broken("openapi.server", at, message)
    return chosen
