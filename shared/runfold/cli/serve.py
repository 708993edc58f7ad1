"""`runfold serve`: one service as this process."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from runfold.errors import ConfigurationError
from runfold.service.exits import exit_code
from runfold.service.main import run
from runfold.settings import read_settings


def serve(name: str, options: dict[str, Any], group: str) -> NoReturn:
    """Serve until told to stop; options given on the command line win over settings."""
    given = {key: value for key, value in options.items() if value}
    service = f"executor-{group}" if group else name
    try:
        settings = read_settings().model_copy(update=given)
    except ConfigurationError as error:
        sys.exit(exit_code(service, error))
    sys.exit(run(service, settings))
