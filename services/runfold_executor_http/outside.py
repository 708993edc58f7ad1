"""What the nodes that reach the outside share: the egress, and what is stored of services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.files import Files
from runfold.connections.sealing import sealer_of
from runfold.connections.store import ConnectionStore
from runfold.plugins.store import PluginStore
from runfold.settings import Settings
from runfold_executor_http.connections import Connections
from runfold_executor_http.egress import Egress
from runfold_executor_http.mcp_client.pool import Sessions, open_sessions
from runfold_executor_http.plugin_documents import PluginDocuments


class Outside(msgspec.Struct, frozen=True):
    """The way out, and what it is used with."""

    egress: Egress
    documents: PluginDocuments
    connections: Connections
    files: Files
    settings: Settings
    sessions: Sessions
    """With MCP servers."""


@asynccontextmanager
async def open_egress(settings: Settings) -> AsyncIterator[Egress]:
    """The way out, with its connections."""
    egress = Egress(settings.http)
    try:
        yield egress
    finally:
        await egress.aclose()


@asynccontextmanager
async def open_outside(settings: Settings, bus: Bus) -> AsyncIterator[Outside]:
    """The same with what is stored of services, and the sessions with MCP servers."""
    async with open_egress(settings) as egress:
        connections = connections_on(settings, bus, egress)
        documents = PluginDocuments(PluginStore(bus.plugins))
        async with (
            connections.grants.fetching(),
            open_sessions(settings, connections) as sessions,
        ):
            yield Outside(egress, documents, connections, bus.files, settings, sessions)


def connections_on(settings: Settings, bus: Bus, egress: Egress) -> Connections:
    """The credentials of connections that are stored on a bus."""
    store = ConnectionStore(bus.connections, lambda: sealer_of(settings))
    return Connections(store, egress)
