"""`runfold serve`: one service as this process."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from runfold.service.main import run
from runfold.settings import Settings


def serve(name: str, options: dict[str, Any], group: str) -> NoReturn:
    """Serve until told to stop; options given on the command line win over settings."""
    given = {key: value for key, value in options.items() if value}
    settings = Settings().model_copy(update=given)
    sys.exit(run(f"executor-{group}" if group else name, settings))
