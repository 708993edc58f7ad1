"""What every test leaves as it found it."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.support.postgres import postgres, postgres_server

__all__ = ["postgres", "postgres_server"]

settings.register_profile("runfold", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("runfold")
"""No test is one of time: on a new machine the first text takes seconds to be made."""

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what it puts into the background so, and what tests start inherits it: they
    # could not be interrupted.
    signal.signal(signal.SIGINT, signal.default_int_handler)

LONGEST = frozenset(
    ("test_docs_commands.py", "test_schemathesis.py", "test_three_servers.py", "test_torture.py")
)
"""Files with tests of a minute or more: begun first, nothing waits for them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest; the order is else as it was."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command run in this process sets up logging, to a stream that ends with the test."""
    root = logging.getLogger()
    before = root.handlers[:]
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
        for handler in root.handlers[:]:
            if type(handler) is logging.StreamHandler and handler not in before:
                root.removeHandler(handler)
