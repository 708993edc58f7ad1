"""Every service as a FastStream application, for FastStream's own command.

    faststream run runfold.service.apps:gateway
    faststream docs gen runfold.service.apps:executor_llm

The attribute is the service's name with `_` for `-`; an application is made when it is asked for,
with the environment's settings. `executor_<group>` is there for groups of one's own too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runfold.errors import ConfigurationError
from runfold.service.catalog import NAMES, app_of
from runfold.settings import read_settings

if TYPE_CHECKING:
    from runfold.service.app import ServiceApp


def __getattr__(name: str) -> ServiceApp:
    """The application of a service."""
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        return app_of(name.replace("_", "-"), read_settings())
    except ConfigurationError as error:
        if error.code != "service.unknown":
            raise
        raise AttributeError(error.message) from None


def __dir__() -> list[str]:
    return [name.replace("-", "_") for name in NAMES]
