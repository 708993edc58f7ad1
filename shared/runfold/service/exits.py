"""How a service process ends: its exit code, and the one line it says."""

from __future__ import annotations

import sys

import structlog

from runfold.errors import BusUnavailable, ConfigurationError, RunfoldError

OK, FAILED, MISUSED, UNREACHABLE = 0, 1, 2, 3

log = structlog.get_logger("service")


class Interrupted(Exception):
    """A second signal came while the service drained."""


def exit_code(name: str, error: Exception) -> int:
    """Say what ended a service, and return the process's exit code.

    1 when it failed or was cut short, 2 for wrong settings, 3 without NATS. A bug is logged with
    its traceback, any other error is one line on standard error.
    """
    match error:
        case ConfigurationError():
            code, message = MISUSED, error.message
        case BusUnavailable():
            code, message = UNREACHABLE, error.message
        case RunfoldError() | Interrupted():
            code, message = FAILED, str(error)
        case _:
            log.error("service failed", service=name, exc_info=error)
            return FAILED
    sys.stderr.write(f"{name}: {message}\n")
    return code
