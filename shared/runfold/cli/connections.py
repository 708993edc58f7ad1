"""`runfold connections`: named credentials, written and never read back."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runfold.cli.arguments import json_of
from runfold.cli.outcome import OK, say
from runfold.cli.output import print_json, print_table
from runfold.cli.source import named
from runfold.cli.stack import Stack, open_stack, settings_for
from runfold.client.connections import ConnectionDocument, Connections
from runfold.connections import sealing
from runfold.connections.store import ConnectionStore
from runfold.errors import ConfigurationError

OBJECTS = ("authorization_params",)
"""Fields that are objects."""


async def put(
    name: str,
    type_: str,
    hosts: list[str],
    fields: Iterable[str],
    server: str,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> int:
    """Store a connection.

    Raises:
        InvalidInputs: A field is not written as it should be.
        InvalidRequest: The connection cannot be used.
        Conflict: There is no key to encrypt it with.
    """
    value: dict[str, Any] = {"type": type_, "hosts": hosts}
    for pair in fields:
        field, text = named("--field", pair, "name=value")
        text = _text(field, text)
        value[field] = json_of(f"--field {field}", text) if field in OBJECTS else text
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        stored = await _connections(stack).put(name, value)
    return _said(stored, "stored", as_json=as_json)


async def listed(server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Print all connections, by name."""
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        found = await _connections(stack).list()
    if as_json:
        print_json(found)
        return OK
    rows = [(one.name, one.type, one.status, ", ".join(one.hosts)) for one in found.items]
    print_table(("CONNECTION", "TYPE", "STATUS", "HOSTS"), rows)
    return OK


async def shown(name: str, server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Print one connection, without its secrets.

    Raises:
        NotFound: It is not stored.
    """
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        one = await _connections(stack).get(name)
    if as_json:
        print_json(one)
        return OK
    print(f"{one.name}  {one.type}  {one.status}")
    print(f"  hosts  {', '.join(one.hosts)}")
    for field, value in one.settings.items():
        if value:
            print(f"  {field}  {value}")
    if one.expires_at is not None:
        print(f"  token until  {datetime.fromtimestamp(one.expires_at, UTC):%Y-%m-%d %H:%M:%SZ}")
    if one.error:
        print(f"  {one.error}")
    return OK


async def authorize(
    name: str, gateway: str, server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Print where a person allows a connection.

    Raises:
        NotFound: It is not stored.
        Conflict: No person has to allow it; or there is no key.
    """
    settings = settings_for(server, data_dir)
    at = gateway or f"http://{settings.gateway_host}:{settings.gateway_port}"
    async with open_stack(settings, ()) as stack:
        asked = await _connections(stack).authorize(name, at)
    if as_json:
        print_json(asked)
        return OK
    print(asked.url)
    say(f"open it in a browser; it comes back to {asked.redirect_uri}, within ten minutes")
    return OK


async def deleted(name: str, server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Delete a connection.

    Raises:
        NotFound: It is not stored.
    """
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        await _connections(stack).delete(name)
    if as_json:
        print_json({"name": name, "deleted": True})
    else:
        print(f"connection {name}: deleted")
    return OK


def new_key(*, as_json: bool) -> int:
    """Print a new key."""
    key = sealing.new_key()
    if as_json:
        print_json({"key": key})
    else:
        print(key)
    return OK


def _connections(stack: Stack) -> Connections:
    settings = stack.settings
    return Connections(ConnectionStore(stack.bus.connections, lambda: sealing.sealer_of(settings)))


def _said(one: ConnectionDocument, what: str, *, as_json: bool) -> int:
    if as_json:
        print_json(one)
        return OK
    print(f"connection {one.name}: {what}, for {', '.join(one.hosts)}")
    if one.status == "not_authorized":
        say(f"a person has to allow it: `runfold connections authorize {one.name}` says where")
    return OK


def _text(field: str, text: str) -> str:
    """A field's text: as it is, from a file (`@path`), or from standard input (`-`)."""
    if text == "-":
        return sys.stdin.read().rstrip("\r\n")
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        message = f"--field {field}: cannot read {text[1:]}: {reason}"
        raise ConfigurationError(message, code="file.unreadable") from error
