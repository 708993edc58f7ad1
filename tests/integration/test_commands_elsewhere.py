"""A command that joins a server that is not its own brings nothing along that serves others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.bus.jetstream.unfinished import unfinished
from runfold.bus.ports.stores import Scheduled
from runfold.cli import run as command
from runfold.cli import stack as stacks
from runfold.cli.outcome import USAGE, exit_code_of
from runfold.cli.run import RunOptions
from runfold.cli.stack import noted_server, open_stack, settings_for
from runfold.client.runs import RunClient
from runfold.contracts import events as e
from runfold.contracts.requests import RunRequest
from runfold.errors import ConfigurationError
from runfold.settings import Settings
from tests.support.stack import running

ASKING = """
id: asking
nodes:
  - {id: ask, type: llm, config: {prompt: hello}}
  - {id: end, type: end, config: {outputs: {text: "{{ask.output}}"}}}
"""
PLAIN = """
id: plain
nodes:
  - {id: t, type: template, config: {template: hello}}
  - {id: end, type: end, config: {outputs: {text: "{{t.output}}"}}}
"""


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "RUNFOLD_NATS_URL", "RUNFOLD_REPLICAS"):
        monkeypatch.delenv(name, raising=False)


def written(directory: Path, text: str) -> str:
    path = directory / "workflow.yaml"
    path.write_text(text)
    return str(path)


def never(*_: Any, **__: Any) -> Any:
    raise AssertionError("a service was started on a server that is not ours")


@pytest.mark.parametrize("model", ["demo", "local"])
@pytest.mark.parametrize("by", ["option", "environment"])
async def test_a_model_of_the_command_is_refused_on_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, by: str
) -> None:
    server = "nats://me:secret@127.0.0.1:1"
    if by == "environment":
        monkeypatch.setenv("RUNFOLD_NATS_URL", server)
        server = ""
    options = RunOptions(
        written(tmp_path, ASKING), model=model, server=server, data_dir=tmp_path / "data"
    )
    with pytest.raises(ConfigurationError, match=f"--{model}-model cannot be used with") as raised:
        await command.run(options)
    assert exit_code_of(raised.value) == USAGE
    for words in ("other people's runs", "nats://127.0.0.1:1", "RUNFOLD_NATS_URL"):
        assert words in str(raised.value)
    assert "secret" not in str(raised.value)
    with pytest.raises(ConfigurationError):
        async with open_stack(settings_for(server, None), ("executor-llm",), model=model):
            pass
    assert not (tmp_path / "data").exists()


async def test_a_run_elsewhere_uses_the_services_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running() as there:
        monkeypatch.setattr(stacks, "run_services", never)
        options = RunOptions(written(tmp_path, PLAIN), server=there.settings.nats_url)
        assert await command.run(options) == 0
        with noted_server(tmp_path, there.settings.nats_url):
            options = RunOptions(written(tmp_path, PLAIN), data_dir=tmp_path)
            assert await command.run(options) == 0
        found = await there.bus.nc.jetstream().consumers_info("TASKS")
        assert sorted(one.name for one in found) == ["executor-code", "executor-text"]


async def test_a_model_beside_dev_has_a_server_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running(("scheduler",)) as there:
        lock = stacks.lock_data_dir(tmp_path)
        assert lock is not None
        with lock, noted_server(tmp_path, there.settings.nats_url):
            options = RunOptions(written(tmp_path, ASKING), model="demo", data_dir=tmp_path)
            assert await command.run(options) == 0
        assert "is not kept" in capsys.readouterr().err
        assert await there.bus.events.last_seq() == 0


async def left_behind(directory: Path, what: str) -> None:
    """An embedded server's directory with something unfinished in it."""
    async with EmbeddedNats(directory) as server:
        bus = await connect(Settings(nats_url=server.url))
        if what == "run":
            begun = e.RunStarted(id="s", run_id="r", workflow_id="w", definition={})
            await bus.events.start_run(begun)
        elif what == "request":
            await RunClient(bus).start(RunRequest(workflow_id="w"))
        elif what == "schedule":
            cron = [Scheduled("0 0 3 * * *", "", RunRequest(workflow_id="w"))]
            await bus.crons.replace("w", cron)
        elif what == "ended":
            begun = e.RunStarted(id="s", run_id="r", workflow_id="w", definition={})
            await bus.events.start_run(begun)
            await bus.events.append(e.RunSucceeded(id="e", run_id="r", workflow_id="w"))
        await bus.close()


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("run", "1 unfinished run"),
        ("request", "1 unfinished run"),
        ("schedule", "1 schedule"),
        ("ended", ""),
        ("nothing", ""),
    ],
)
async def test_what_others_left_is_not_finished_by_a_model_for_one_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str, words: str
) -> None:
    data = tmp_path / "data"
    await left_behind(data, what)
    options = RunOptions(written(tmp_path, ASKING), model="demo", data_dir=data)
    assert await command.run(options) == 0
    err = capsys.readouterr().err
    assert (words in err and "not kept" in err) if words else "not kept" not in err
    async with EmbeddedNats(data) as server:
        bus = await connect(Settings(nats_url=server.url))
        assert await unfinished(bus) == words
        runs = await bus.nc.jetstream().stream_info("EVENTS", subjects_filter=">")
        ours = [name for name in (runs.state.subjects or {}) if ".asking." in name]
        assert bool(ours) is (not words)
        await bus.close()


async def test_a_shell_of_a_cluster_still_has_embedded_servers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLD_REPLICAS", "3")
    assert await command.run(RunOptions(written(tmp_path, PLAIN), data_dir=tmp_path)) == 0
