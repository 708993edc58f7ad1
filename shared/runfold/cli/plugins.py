"""`runfold plugins`: stored OpenAPI documents."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from runfold.cli.outcome import OK
from runfold.cli.output import print_json, print_table
from runfold.cli.stack import open_stack, settings_for
from runfold.client.plugins import Plugins
from runfold.errors import ConfigurationError
from runfold.openapi.document import Broken, Document
from runfold.openapi.operations import Operations
from runfold.openapi.tools import tool_of
from runfold.plugins.store import PluginStore
from runfold.settings import Settings
from runfold.values.urls import shown_url

_SHORT = 12
"""Digits of a sha256 that a table shows."""


async def add(
    name: str, document: str, server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Store a document.

    Raises:
        ConfigurationError: The file cannot be read.
        InvalidRequest: The document cannot be used; the message has the place.
        NodeFailed: The URL cannot be read.
    """
    settings = settings_for(server, data_dir)
    text, source = await _read(document, settings)
    async with open_stack(settings, ()) as stack:
        added = await Plugins(PluginStore(stack.bus.plugins)).add(name, text, source=source)
    if as_json:
        print_json(added)
        return OK
    newest = added.versions[0]
    print(f"{newest.reference}: {newest.title}, {newest.operations} operations")
    return OK


async def listed(server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Print all plugins, by name."""
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        found = await Plugins(PluginStore(stack.bus.plugins)).list()
    if as_json:
        print_json(found)
        return OK
    rows = [
        (one.name, new.sha256[:_SHORT], len(one.versions), new.operations, new.title)
        for one in found.items
        for new in one.versions[:1]
    ]
    print_table(("PLUGIN", "NEWEST", "VERSIONS", "OPERATIONS", "TITLE"), rows)
    return OK


async def shown(
    name: str,
    version: str,
    server: str,
    data_dir: Path | None,
    *,
    document: bool,
    as_json: bool,
) -> int:
    """Print a plugin's versions and a version's operations, or its document.

    Raises:
        NotFound: It is not stored.
    """
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        plugins = Plugins(PluginStore(stack.bus.plugins))
        found = await plugins.get(name)
        _, text = await plugins.text(name, version)
    if document:
        print(text.decode())
        return OK
    operations = _operations(text)
    if as_json:
        print_json({**msgspec.to_builtins(found), "tools": operations})
        return OK
    for one in found.versions:
        print(f"{one.reference}  OpenAPI {one.openapi}  {one.operations} operations")
    print()
    rows = [
        (one["operation"], one["method"], one["path"], ", ".join(one["parameters"]))
        for one in operations
    ]
    print_table(("OPERATION", "METHOD", "PATH", "PARAMETERS"), rows)
    return OK


async def deleted(
    name: str, version: str, server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Delete a plugin, or one version of it.

    Raises:
        NotFound: It is not stored.
    """
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        await Plugins(PluginStore(stack.bus.plugins)).delete(name, version)
    if as_json:
        print_json({"name": name, "deleted": True})
    else:
        print(f"plugin {name}: {f'version {version} ' if version else ''}deleted")
    return OK


def _operations(text: bytes) -> list[dict[str, Any]]:
    operations = Operations(Document(msgspec.json.decode(text)))
    return [_operation(operations, name) for name in operations.ids]


def _operation(operations: Operations, name: str) -> dict[str, Any]:
    """An operation with its parameters, as far as its schemas can be read."""
    operation = operations.find(name)
    if operation is None:  # its id is from the same document
        return {"operation": name, "method": "", "path": "", "parameters": [], "tool": None}
    try:
        tool = tool_of(operations.document, operation)
        parameters = list(tool["parameters"].get("properties", {}))
    except Broken as broken:
        tool, parameters = None, [f"({broken.fault.place}: {broken.fault.message})"]
    return {
        "operation": name,
        "method": operation.method,
        "path": operation.path,
        "parameters": parameters,
        "tool": tool,
    }


async def _read(document: str, settings: Settings) -> tuple[bytes, str]:
    """The text of a document, and the URL that it is from."""
    if document.startswith(("http://", "https://")):
        return await _fetched(document, settings), shown_url(document)
    return _file(document), ""


def _file(path: str) -> bytes:
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}"
        raise ConfigurationError(message, code="file.unreadable") from error


async def _fetched(url: str, settings: Settings) -> bytes:
    """A document from a URL, through the guard that workflows' requests pass.

    Raises:
        NodeFailed: It cannot be reached, or answers something else.
    """
    from runfold.isolated.openapi import LARGEST
    from runfold_executor_http.calls import Call
    from runfold_executor_http.egress import Egress
    from runfold_executor_http.replies import failed_status

    http = settings.http.model_copy(update={"max_response_bytes": LARGEST})
    egress = Egress(http)
    try:
        reply = await egress.send(Call(method="GET", url=url))
    finally:
        await egress.aclose()
    if reply.broken is not None:
        raise reply.broken
    if reply.failed:
        raise failed_status("GET", reply)
    return reply.body
