"""`runfold serve`: one service as this process."""

from __future__ import annotations

from typing import Any

from runfold.cli.outcome import OK, finish
from runfold.service.shell import serve as serve_service
from runfold.settings import Settings


def serve(name: str, options: dict[str, Any], group: str) -> None:
    """Serve until told to stop; options given on the command line win over settings."""
    given = {key: value for key, value in options.items() if value}
    settings = Settings().model_copy(update=given)
    finish(_serve(f"executor-{group}" if group else name, settings))


async def _serve(name: str, settings: Settings) -> int:
    await serve_service(name, settings)
    return OK
