"""The servers that the operator has declared, with the credentials they are called with.

Nothing here knows the SDK.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

import msgspec

from runfold.contracts.secrecy import remember
from runfold.errors import NodeFailed
from runfold.executor.redaction import Redaction
from runfold.settings import MCPServer, MCPSettings
from runfold_executor_http.calls import checked_headers
from runfold_executor_http.connections import Opened

_SECRET = re.compile(r"\{\{\s*secrets\.([A-Za-z0-9_.-]+)\s*\}\}")
_SECRET_NAMES = re.compile(r"authorization|cookie|key|token|secret|passw|credential", re.IGNORECASE)
"""Headers and variables whose values are secret, although the operator has written them out."""
_SECRET_LENGTH = 8
"""Characters from which on they are: shorter ones are rather `true`, or the name of a file."""


class Target(msgspec.Struct, frozen=True):
    """A declared server with its secrets filled in. Never shown: it holds them."""

    name: str
    declared: MCPServer
    env: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    client_secret: str = ""
    opened: Opened | None = None
    """The connection that it names; see `Sessions.connected`."""
    secrets: tuple[str, ...] = ()
    """The values among these that nothing may show."""
    idle: float = 300.0
    most: int = 10 * 1024 * 1024
    """Bytes of the largest message."""

    @property
    def key(self) -> tuple[object, ...]:
        """Calls with the same key may share a session: same server, same credentials."""
        declared = self.declared
        program = (declared.command, *declared.args, declared.cwd)
        stored = self.opened and (self.opened.name, self.opened.stored.revision)
        credentials = (self.env, self.headers, self.client_secret, stored)
        return (self.name, declared.url, program, *credentials)

    @property
    def redaction(self) -> Redaction:
        """What keeps the server's secrets out of its logs."""
        redaction = Redaction()
        for value in self.secrets:
            redaction.remember(value)
        return redaction

    def offers(self, tool: str) -> bool:
        """Whether the operator lets workflows see and call a tool."""
        declared = self.declared
        allowed = not declared.allow or _among(tool, declared.allow)
        return allowed and not _among(tool, declared.deny)

    def says_repeatable(self, tool: str) -> bool:
        """Whether the operator says that a tool may be called again after a lost call."""
        return _among(tool, self.declared.repeatable)


def target_of(settings: MCPSettings, name: str, secret: Callable[[str], str]) -> Target:
    """A declared server, ready to be called.

    Args:
        settings: The executor's.
        name: The server's, as the node says it.
        secret: Gives a secret's value by name; raises `NodeFailed` when it is not set.

    Raises:
        NodeFailed: `mcp.unknown_server`, when no server of that name is declared; `mcp.invalid`,
            when its headers cannot be sent.
    """
    declared = settings.servers.get(name)
    if declared is None:
        known = ", ".join(sorted(settings.servers)) or "none"
        message = (
            f"no MCP server {name!r} is declared; declared are: {known}. The operator declares "
            "servers in RUNFOLD_MCP__SERVERS of the http executor"
        )
        details = {"server": name, "declared": sorted(settings.servers)}
        raise NodeFailed(message, code="mcp.unknown_server", kind="input", details=details)
    found: list[str] = []

    def value_of(match: re.Match[str]) -> str:
        found.append(secret(match[1]))
        return found[-1]

    def filled(text: str) -> str:
        return _SECRET.sub(value_of, text)

    oauth = declared.oauth
    env = {key: filled(value) for key, value in declared.env.items()}
    headers = {key: filled(value) for key, value in declared.headers.items()}
    client_secret = filled(oauth.client_secret.get_secret_value()) if oauth else ""
    found += [client_secret, *_written_out(declared.env), *_written_out(declared.headers)]
    for value in filter(None, found):
        remember(value)
    return Target(
        name=name,
        declared=declared,
        env=tuple(env.items()),
        headers=tuple(_checked(name, headers).items()),
        client_secret=client_secret,
        secrets=tuple(filter(None, found)),
        idle=settings.idle,
        most=settings.max_message_bytes,
    )


def _written_out(values: dict[str, str]) -> Iterator[str]:
    """Secrets that stand among values by name: of `Bearer abc` only `abc`."""
    for name, value in values.items():
        if _SECRET_NAMES.search(name) and not _SECRET.search(value):
            _, scheme, rest = value.strip().rpartition(" ")
            secret = rest if scheme else value.strip()
            if len(secret) >= _SECRET_LENGTH:
                yield secret


def _checked(server: str, headers: dict[str, str]) -> dict[str, str]:
    try:
        return checked_headers(list(headers.items()))
    except NodeFailed as error:
        message = f"MCP server {server!r}: {error.message}; the operator must mend that"
        details = {"server": server}
        raise NodeFailed(message, code="mcp.invalid", kind="input", details=details) from error


def _among(tool: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(tool, pattern) for pattern in patterns)
