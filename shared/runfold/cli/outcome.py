"""How a command ends: exit codes, and errors as one line each, of text or of JSON.

0 succeeded · 1 the run failed · 2 usage, invalid workflow or inputs · 3 cannot reach or start
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

import msgspec

from runfold.background import unless
from runfold.errors import BusUnavailable, ConfigurationError, InvalidWorkflow, RunfoldError
from runfold.service.logs import configure_command_logs

OK, RUN_FAILED, USAGE, UNREACHABLE, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 130, 143

_debug = False
_errors_as_json = False


def configure(*, debug: bool) -> None:
    """Decide once how much a command says beyond its result."""
    global _debug  # noqa: PLW0603 -- the command's own option, set before anything runs
    _debug = debug
    configure_command_logs(logging.DEBUG if debug else logging.ERROR)


def print_errors_as(*, json: bool) -> None:
    """Decide once whether an error is one line of text, or one of JSON."""
    global _errors_as_json  # noqa: PLW0603 -- the command's own option, set before anything runs
    _errors_as_json = json


def exit_code_of(error: RunfoldError) -> int:
    """The exit code that an error stands for."""
    if isinstance(error, BusUnavailable):
        return UNREACHABLE
    if isinstance(error, ConfigurationError) and error.code.startswith(
        ("nats.", "data_dir.", "port.", "gateway.port", "model.")
    ):
        return UNREACHABLE
    return USAGE


def say(text: str) -> None:
    """A line for the person, beside the result."""
    print(text, file=sys.stderr, flush=True)


def finish(work: Coroutine[Any, Any, int]) -> NoReturn:
    """Run a command's work and exit with its code."""
    finish_sync(lambda: run_loop(work))


def finish_sync(work: Callable[[], int]) -> NoReturn:
    """Do a command's work and exit with its code."""
    try:
        code = work()
    except RunfoldError as error:
        if _debug:
            raise
        code = exit_code_of(error)
        say_error(error)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        code = OK
    sys.exit(code)


def say_error(error: RunfoldError, about: str = "") -> None:
    """Say an error in the form that the command prints: of what it is, where that helps."""
    if _errors_as_json:
        say(_as_json(error, exit_code_of(error), about))
    else:
        say(f"error: {about}: {error}" if about else f"error: {error}")


def _as_json(error: RunfoldError, code: int, of: str = "") -> str:
    """An error as one line of JSON, as the HTTP API has it beside `exit_code`."""
    about = {
        **error.details,
        "code": error.code,
        "message": error.message,
        "retryable": error.retryable,
        "exit_code": code,
    }
    if of:
        about["of"] = of
    if isinstance(error, InvalidWorkflow):
        about["findings"] = error.findings
    return msgspec.json.encode({"error": about}, enc_hook=str).decode()


def run_loop(work: Coroutine[Any, Any, int]) -> int:
    """The exit code of work that needs an event loop."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_stoppable(work))
    return uvloop.run(_stoppable(work))


async def _stoppable(work: Coroutine[Any, Any, int]) -> int:
    """SIGTERM ends the work as Ctrl-C does: the processes it has started end with it."""
    loop, terminated = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, terminated.set)
    code = await unless(terminated, work)
    return TERMINATED if code is None else code
