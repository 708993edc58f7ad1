"""Which services there are, and how each is made on a bus.

Nothing of a service is imported before it is made, so this costs nothing to look at. What a
service does is in its own package: `service.py` with its class, or `nodes.py` for an executor.
"""

from __future__ import annotations

import importlib

from runfold.bus.ports.bus import Bus
from runfold.errors import ConfigurationError
from runfold.executor.node import Wrap
from runfold.service.ports import Service
from runfold.settings import Settings

CLASSES = {
    "scheduler": "runfold_scheduler.service:Scheduler",
    "projection": "runfold_projection.service:Projection",
    "gateway": "runfold_gateway.service:Gateway",
    "archiver": "runfold_archiver.service:Archiver",
}
"""Service name → its class, made as `Class(bus, settings)`."""
GROUPS = {
    "llm": "runfold_executor_llm.nodes",
    "http": "runfold_executor_http.nodes",
    "code": "runfold_executor_code.nodes",
    "text": "runfold_executor_text.nodes",
    "data": "runfold_executor_data.nodes",
}
"""Executor group → the module with its `NODES`, and `QUERIES` where it answers any."""
EXECUTOR = "executor-"
"""`executor-<group>` of another group runs nodes of `RUNFOLD_NODE_MODULES` alone."""
NAMES = (*CLASSES, *(EXECUTOR + group for group in GROUPS))


def build(name: str, bus: Bus, settings: Settings, wrap: Wrap | None = None) -> Service:
    """A service on a bus, not yet started.

    Args:
        name: The service's.
        bus: The bus.
        settings: The settings.
        wrap: What is made of each executor of a kind before it is used.

    Raises:
        ConfigurationError: When there is no such service, or it has nothing to run.
    """
    known = checked_name(name)
    if known in CLASSES:
        module, _, class_name = CLASSES[known].partition(":")
        service: Service = getattr(importlib.import_module(module), class_name)(bus, settings)
        return service
    from runfold.executor.service import executor_service

    group = known.removeprefix(EXECUTOR)
    if group not in GROUPS:
        return executor_service(bus, settings, group, wrap=wrap)
    executors = importlib.import_module(GROUPS[group])
    queries = getattr(executors, "QUERIES", ())
    return executor_service(bus, settings, group, executors.NODES, queries, wrap=wrap)


def checked_name(name: str) -> str:
    """The name itself.

    Raises:
        ConfigurationError: When there is no such service.
    """
    if name in CLASSES or (name.startswith(EXECUTOR) and name != EXECUTOR):
        return name
    message = f"no service {name!r}: there are {', '.join(NAMES)}, and `executor --group GROUP`"
    raise ConfigurationError(message, code="service.unknown")
