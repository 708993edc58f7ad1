"""What the nodes that reach the outside share: the egress, and what is stored of services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.plugins.store import PluginStore
from runfold.settings import Settings
from runfold_executor_http.egress import Egress
from runfold_executor_http.plugin_documents import PluginDocuments


class Outside(msgspec.Struct, frozen=True):
    """The way out, and what it is used with."""

    egress: Egress
    documents: PluginDocuments


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
    """The same with the documents of plugins."""
    async with open_egress(settings) as egress:
        yield Outside(egress, PluginDocuments(PluginStore(bus.plugins)))
