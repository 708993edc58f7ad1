"""Importing the modules that settings name: installed ones, and files of the current folder."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

from runfold.errors import ConfigurationError


def imported(name: str, setting: str, code: str) -> ModuleType:
    """The module that a setting names.

    The current folder is looked at last, so that a file of it never takes the place of an
    installed module.

    Raises:
        ConfigurationError: When it cannot be imported; with `code`.
    """
    here = str(Path.cwd())
    if here not in sys.path and "" not in sys.path:
        sys.path.append(here)
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except Exception as error:
        why = f"{error}" if isinstance(error, ImportError) else f"{type(error).__name__}: {error}"
        message = f"{setting}: cannot import {name!r}: {why}"
        if isinstance(error, ModuleNotFoundError) and error.name == name.partition(".")[0]:
            message += f"; it is neither installed nor in {here}"
        raise ConfigurationError(message, code=code) from error
