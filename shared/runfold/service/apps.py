"""Every service as a FastStream application, for FastStream's own command, and what all exchange.

    faststream run runfold.service.apps:gateway
    faststream docs gen runfold.service.apps:executor_llm

The attribute is the service's name with `_` for `-`; an application is made when it is asked for,
with the environment's settings. `executor_<group>` is there for groups of one's own too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runfold.errors import ConfigurationError
from runfold.service.app import ServiceApp
from runfold.service.asyncapi import ContractPage
from runfold.service.catalog import NAMES
from runfold.settings import read_settings


def document(services: Iterable[str] = NAMES) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of services, all of them by default, as plain JSON values."""
    settings = read_settings()
    page = ContractPage()
    for name in services:
        page.add_broker(ServiceApp(name, settings).broker)
    found: dict[str, Any] = page.to_specification().to_jsonable()
    return found


def __getattr__(name: str) -> ServiceApp:
    """The application of a service."""
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        return ServiceApp(name.replace("_", "-"), read_settings())
    except ConfigurationError as error:
        if error.code != "service.unknown":
            raise
        raise AttributeError(error.message) from None


def __dir__() -> list[str]:
    return [name.replace("-", "_") for name in NAMES]
