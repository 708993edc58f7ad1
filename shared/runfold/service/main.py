"""The way into a service process: settings, logs, event loop, exit code."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

import structlog
from pydantic import ValidationError

from runfold.errors import BusUnavailable, ConfigurationError, RunfoldError
from runfold.service.logs import configure_logs
from runfold.service.shell import Interrupted, serve
from runfold.settings import Settings

OK, FAILED, MISUSED, UNREACHABLE = 0, 1, 2, 3

log = structlog.get_logger("service")


def main(name: str) -> int:
    """Run a service with the environment's settings; returns the exit code.

    0 after draining, 1 when it failed or was cut short, 2 for wrong settings, 3 without NATS.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"RUNFOLD_{'__'.join(map(str, one['loc'])).upper()}: {one['msg']}"
            for one in error.errors()
        )
        sys.stderr.write(f"{name}: wrong settings: {wrong}\n")
        return MISUSED
    return run(name, settings)


def run(name: str, settings: Settings) -> int:
    """Run a service with given settings; returns the exit code."""
    try:
        configure_logs(settings)
        run_loop(serve(name, settings))
    except ConfigurationError as error:
        return _one_line(name, error.message, MISUSED)
    except BusUnavailable as error:
        return _one_line(name, error.message, UNREACHABLE)
    except (RunfoldError, Interrupted) as error:
        return _one_line(name, str(error), FAILED)
    except Exception:
        log.exception("service failed", service=name)
        return FAILED
    return OK


def run_loop(main_task: Coroutine[Any, Any, None]) -> None:
    """Run to completion, on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main_task)
    else:
        uvloop.run(main_task)


def _one_line(name: str, message: str, code: int) -> int:
    sys.stderr.write(f"{name}: {message}\n")
    return code
