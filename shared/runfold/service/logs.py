"""Logs: structlog for all, on stderr; JSON lines unless a person reads along.

Libraries that use `logging` (nats, uvicorn, litestar) come out the same way. No log shows the
values of local variables: they may be secrets, and rendering them can take minutes.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, TextIO

import structlog

from runfold.errors import ConfigurationError

if TYPE_CHECKING:
    from structlog.typing import Processor

    from runfold.settings import Settings

QUIET = ("httpx", "httpcore", "openai", "faststream", "uvicorn.access", "uvicorn.error")
"""Libraries whose news is of no interest until something is wrong."""

SILENT = ("mcp", "client")
"""Libraries (the MCP SDK's loggers) that log what is reported otherwise, with what was received."""


def configure_logs(settings: Settings, stream: TextIO | None = None) -> None:
    """Set up logging for the process; may be done again.

    Raises:
        ConfigurationError: For a level that does not exist.
    """
    out = stream or sys.stderr
    level = logging.getLevelNamesMapping().get(settings.log_level.upper())
    if level is None:
        message = f"RUNFOLD_LOG_LEVEL {settings.log_level!r} is none of debug, info, warning, error"
        raise ConfigurationError(message, code="settings.log_level")
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderers = _renderers(as_json=_as_json(settings, out), colors=out.isatty())
    structlog.configure(
        processors=[*shared, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    _silence()


def configure_command_logs(level: int) -> None:
    """Set up logging for a command that prints a result: what it logs is for a person."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *_renderers(as_json=False, colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _silence()


def _silence() -> None:
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _as_json(settings: Settings, out: TextIO) -> bool:
    if settings.log_format == "auto":
        return not out.isatty()
    return settings.log_format == "json"


def _renderers(*, as_json: bool, colors: bool) -> list[Processor]:
    if as_json:
        # Tracebacks as text: one field.
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    return [
        structlog.dev.ConsoleRenderer(
            colors=colors, exception_formatter=structlog.dev.plain_traceback
        )
    ]
