"""The http executors as a service."""

from __future__ import annotations

from runfold.bus.ports.bus import Bus
from runfold.executor.service import ExecutorService, executor_service
from runfold.settings import Settings

GROUP = "http"


def build(bus: Bus, settings: Settings) -> ExecutorService:
    """The service on a bus."""
    # Its libraries are loaded when it is built, not when it is asked about.
    from runfold_executor_http.nodes import NODES

    return executor_service(bus, settings, GROUP, NODES)
