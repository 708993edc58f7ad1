"""Which services there are, and where they live. Nothing is imported until it is built."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from runfold.bus.ports.bus import Bus
from runfold.errors import ConfigurationError
from runfold.service.ports import Service
from runfold.settings import Settings

if TYPE_CHECKING:
    from runfold.service.app import ServiceApp

Build = Callable[[Bus, Settings], Service]

PACKAGES = {
    "scheduler": "runfold_scheduler",
    "projection": "runfold_projection",
    "gateway": "runfold_gateway",
    "archiver": "runfold_archiver",
    "executor-llm": "runfold_executor_llm",
    "executor-http": "runfold_executor_http",
    "executor-code": "runfold_executor_code",
    "executor-text": "runfold_executor_text",
}
"""Service name → package with `service.build` and `app.create_app`."""
NAMES = tuple(PACKAGES)
EXECUTOR = "executor-"
"""`executor-<group>` of another group runs nodes of `RUNFOLD_NODE_MODULES` alone."""


def build_of(name: str) -> Build:
    """How a service is built.

    Raises:
        ConfigurationError: When there is no such service.
    """
    package = PACKAGES.get(name)
    if package is not None:
        build: Build = importlib.import_module(f"{package}.service").build
        return build
    if name.startswith(EXECUTOR) and len(name) > len(EXECUTOR):
        return partial(_custom_executor, name.removeprefix(EXECUTOR))
    message = f"no service {name!r}: there are {', '.join(NAMES)}, and `executor --group GROUP`"
    raise ConfigurationError(message, code="service.unknown")


def app_of(name: str, settings: Settings) -> ServiceApp:
    """A service's FastStream application."""
    package = PACKAGES.get(name)
    if package is not None:
        app: ServiceApp = importlib.import_module(f"{package}.app").create_app(settings)
        return app
    build = build_of(name)
    from runfold.service.app import ServiceApp

    return ServiceApp(name, build, settings)


def _custom_executor(group: str, bus: Bus, settings: Settings) -> Service:
    from runfold.executor.service import executor_service

    return executor_service(bus, settings, group)
