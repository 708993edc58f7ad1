"""The way into a service process: settings, logs, event loop, exit code."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from runfold.service.app import ServiceApp
from runfold.service.exits import OK, exit_code
from runfold.service.logs import configure_logs
from runfold.service.shell import serve
from runfold.settings import Settings


def run(name: str, settings: Settings) -> int:
    """Run a service until a signal; returns the exit code, see `exits`."""
    try:
        configure_logs(settings)
        run_loop(serve(ServiceApp(name, settings), settings))
    except Exception as error:  # noqa: BLE001 -- the process ends: shown, and an exit code
        return exit_code(name, error)
    return OK


def run_loop(main_task: Coroutine[Any, Any, None]) -> None:
    """Run to completion, on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main_task)
    else:
        uvloop.run(main_task)
