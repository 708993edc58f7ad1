"""Logs: JSON lines when nobody looks on, text when somebody does, libraries included."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from runfold.errors import ConfigurationError
from runfold.service.logs import configure_logs
from runfold.settings import Settings


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_json_lines() -> None:
    out = io.StringIO()
    configure_logs(Settings(log_level="info"), out)
    structlog.get_logger("x").debug("not said")
    structlog.get_logger("x").info("said", run_id="r")
    logging.getLogger("nats").warning("theirs %s", 1)
    try:
        int("what")
    except ValueError:
        structlog.get_logger("x").exception("failed")

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["said", "theirs 1", "failed"]
    assert lines[0]["run_id"] == "r"
    assert lines[1]["logger"] == "nats"
    assert "ValueError: invalid literal" in lines[2]["exception"]
    assert all(line["timestamp"].endswith("Z") for line in lines)


def test_text_for_people() -> None:
    out = io.StringIO()
    configure_logs(Settings(log_format="console"), out)
    structlog.get_logger("x").info("said", run_id="r")
    assert "said" in out.getvalue()
    with pytest.raises(ValueError, match="line 1"):
        json.loads(out.getvalue())


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="RUNFOLD_LOG_LEVEL"):
        configure_logs(Settings(log_level="loud"))
