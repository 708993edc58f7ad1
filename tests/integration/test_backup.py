"""A backup is whole, or is refused; and runs go on from it where they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.bus.viewer import RunViewer
from runfold.cli import cluster as command
from runfold.cli.cluster import Wanted
from runfold.contracts import events as e
from runfold.contracts.requests import AnswerRequest, RunRequest
from runfold.errors import ConfigurationError
from runfold.graph.loader import canonical_bytes, prepare
from runfold.service.shell import run_services
from runfold.settings import Settings
from tests.support.stack import Stack, running

LONG = "x" * 300_000
ASKING: dict[str, Any] = {
    "id": "asking",
    "inputs": {"text": {"type": "string"}},
    "nodes": [
        {"id": "first", "type": "template", "config": {"template": "{{text}}"}},
        {"id": "ask", "type": "human", "config": {"message": "go on?"}},
        {"id": "last", "type": "template", "config": {"template": "{{first.output}}!"}},
        {"id": "end", "type": "end", "config": {"outputs": {"text": "{{last.output}}"}}},
    ],
    "edges": [
        {"source": "first", "target": "ask"},
        {"source": "ask", "target": "last", "port": "approved"},
        {"source": "last", "target": "end"},
    ],
}


def wanted(server: EmbeddedNats, replicas: int = 0) -> Wanted:
    return Wanted(replicas, (), server.url, None)


async def token_of(stack: Stack, run_id: str) -> str:
    async for message in RunViewer(stack.bus).follow(run_id):
        if isinstance(message, e.Recorded) and isinstance(message.event, e.NodeRunWaiting):
            return message.event.token
    raise AssertionError("it does not wait")


async def test_a_run_goes_on_from_a_backup(tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    workflow, _ = prepare(ASKING)
    asked = RunRequest(
        workflow_id="asking",
        inputs={"text": LONG},
        definition=msgspec.Raw(canonical_bytes(workflow)),
    )
    async with running() as before:
        run_id = await before.runs.start(asked)
        token = await token_of(before, run_id)
        await before.bus.definitions.put("asking.1", b"kept")
        assert await command.backup(backup, before.settings.nats_url, None) == 0
        was = await before.bus.events.read_run(run_id)
    async with EmbeddedNats(tmp_path / "nats") as server:
        assert await command.restored(backup, wanted(server)) == 0
        settings = Settings(nats_url=server.url, data_dir=tmp_path)
        bus = await connect(settings)
        assert await command.plan(wanted(server), as_json=False) == 0
        assert await bus.events.read_run(run_id) == was
        assert await bus.definitions.get("asking.1") == (b"kept", 1)
        async with run_services(bus, settings, ("scheduler", "executor-text")) as services:
            after = Stack(bus, settings, services)
            await after.runs.answer(AnswerRequest(token=token, action="approved"))
            view = await after.runs.wait(run_id, 60)
        assert view is not None
        assert view.outputs == {"text": f"{LONG}!"}
        await bus.close()


async def test_what_is_not_a_whole_backup_is_refused(tmp_path: Path) -> None:
    async with EmbeddedNats(tmp_path / "nats") as server:
        backup = tmp_path / "backup"
        with pytest.raises(ConfigurationError, match="nothing to back up"):
            await command.backup(tmp_path / "empty", server.url, None)
        bus = await connect(Settings(nats_url=server.url))
        assert await command.backup(backup, server.url, None) == 0
        with pytest.raises(ConfigurationError, match="directory that is new"):
            await command.backup(backup, server.url, None)
        with pytest.raises(ConfigurationError, match="stream EVENTS is on this NATS already"):
            await command.restored(backup, wanted(server))
        await bus.close()
    async with EmbeddedNats(tmp_path / "other") as other:
        with pytest.raises(ConfigurationError, match=r"stream EVENTS: .*10074"):
            await command.restored(backup, wanted(other, 3))
        packed = backup / "KV_runfold_waits.tar.s2"
        packed.write_bytes(packed.read_bytes()[:-1])
        with pytest.raises(ConfigurationError, match="its digest is another"):
            await command.restored(backup, wanted(other))
        packed.unlink()
        with pytest.raises(ConfigurationError, match="cannot be read"):
            await command.restored(backup, wanted(other))
        (backup / "backup.json").unlink()
        with pytest.raises(ConfigurationError, match="not a backup"):
            await command.restored(backup, wanted(other))
        # Nothing was begun before all of it was looked at.
        assert await command.status(other.url, None, as_json=True) == 1
