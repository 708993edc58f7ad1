"""`runfold openapi`: what the gateway serves, printed without one."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from runfold.cli.main import app
from tests.support.gateway import gateway


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a command that needs no server connects to one")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def printed(*options: str) -> str:
    done = CliRunner().invoke(app, ["openapi", *options])
    assert done.exit_code == 0, done.output
    return done.stdout


async def test_it_is_the_document_that_the_gateway_serves() -> None:
    document = json.loads(printed())
    assert document["openapi"].startswith("3.1.")
    assert document["paths"]["/api/runs/{run_id}/stream"]["get"]["operationId"] == "streamRun"
    async with gateway() as served:
        assert (await served.ask("GET", "/schema/openapi.json")).json == document


@pytest.mark.slow
@pytest.mark.usefixtures("no_network")
def test_as_yaml_it_is_the_same() -> None:
    assert yaml.safe_load(printed("--output", "yaml")) == json.loads(printed("--output", "json"))


def test_another_form_is_refused_and_the_forms_are_named() -> None:
    done = CliRunner().invoke(app, ["openapi", "--output", "toml"])
    assert done.exit_code == 2
    assert "'json', 'yaml'" in done.output
