"""`runfold runs …` beside the API: the same runs, the same JSON; tables say what is worth it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.cli import run as running_command
from runfold.cli import runs as command
from runfold.cli.arguments import parse_labels
from runfold.cli.run import RunOptions
from runfold.client.run_events import EventQuery
from runfold.client.run_filters import WrittenFilters
from runfold.client.run_lists import listed_runs
from runfold.contracts import queries as q
from runfold.contracts.events import NodeRunWaiting, RunStarted
from runfold.contracts.requests import AnswerRequest
from runfold.errors import Conflict, InvalidInputs, InvalidRequest, NotFound, UnknownRun
from runfold.graph.loader import canonical_bytes, prepare
from runfold.settings import Settings
from tests.support.stack import EVERYTHING, Stack, running

GOOD = """
id: good
inputs: {topic: {type: string}}
nodes:
  - {id: say, type: template, config: {template: "About {{topic}}"}}
  - {id: end, type: end, config: {outputs: {text: "{{say.output}}"}}}
"""
BAD = """
id: bad
nodes:
  - {id: parse, type: json_parse, config: {input: "{"}}
"""


@pytest.fixture
async def stack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stack]:
    monkeypatch.delenv("RUNFOLD_NATS_URL", raising=False)
    async with running(EVERYTHING) as made:
        yield made


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        yield client


async def ran(stack: Stack, tmp_path: Path, source: str, **options: Any) -> str:
    """The id of a run that `runfold run` ran to its end."""
    path = tmp_path / "workflow.yaml"
    path.write_text(source)
    before = await stack.bus.events.last_seq()
    await running_command.run(RunOptions(str(path), server=stack.settings.nats_url, **options))
    async for batch in stack.bus.events.follow(after=before):
        run_id = str(batch[0].event.run_id)
        await in_lists(stack, run_id)
        return run_id
    raise AssertionError


async def in_lists(stack: Stack, run_id: str) -> None:
    """Return when lists, which come after the log, have the run's end."""
    while True:
        page = await listed_runs(stack.bus, stack.runs, q.ListRuns(limit=100))
        if any(run.run_id == run_id and run.finished_at for run in page.items):
            return


async def listed(stack: Stack, **written: Any) -> None:
    filters = WrittenFilters(**written)
    assert await command.listed(filters, stack.settings.nats_url, None, as_json=True) == 0


async def test_json_is_what_the_api_answers(
    stack: Stack, api: httpx.AsyncClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = stack.settings.nats_url
    labels = ("team=a", "ticket=x=1")
    good = await ran(stack, tmp_path, GOOD, inputs=("topic=tea",), labels=labels)
    bad = await ran(stack, tmp_path, BAD)
    for query, written in (
        ("", {}),
        ("label=ticket:x%3D1&counts=true", {"label": ("ticket=x=1",), "counts": True}),
        ("status=failed&node=parse", {"status": ("failed",), "node": "parse"}),
        ("limit=1", {"limit": 1}),
        ("text=ABOUT", {"text": "ABOUT"}),
    ):
        capsys.readouterr()
        await listed(stack, **written)
        answer = (await api.get(f"/runs?{query}")).json()
        assert json.loads(capsys.readouterr().out) == answer
        assert answer["items"]
    assert (await api.get("/runs?label=team:a")).json()["items"][0]["labels"] == parse_labels(
        labels
    )
    assert await command.shown(good, server, None, as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == (await api.get(f"/runs/{good}")).json()
    assert await command.shown_node(bad, "parse", 1, server, None, as_json=True) == 0
    node = (await api.get(f"/runs/{bad}/nodes/parse")).json()
    assert json.loads(capsys.readouterr().out) == node
    query = EventQuery(types=("node_run_started,node_run_failed",))
    assert await command.logged(bad, query, 1, server, None, as_json=True) == 0
    said = capsys.readouterr()
    page = await api.get(f"/runs/{bad}/events?types=node_run_started,node_run_failed&limit=1")
    assert said.out == page.text
    assert said.err.strip() == f"there are more: --after {page.headers['runfold-next-after']}"


async def test_tables_say_what_a_person_looks_for(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = stack.settings.nats_url
    good = await ran(stack, tmp_path, GOOD, inputs=("topic=tea",), labels=("team=a",))
    bad = await ran(stack, tmp_path, BAD)
    capsys.readouterr()
    filters = WrittenFilters(counts=True, limit=1)
    assert await command.listed(filters, server, None, as_json=False) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0].split()[:4] == ["RUN", "WORKFLOW", "VERSION", "STATUS"]
    assert [bad, "bad", "draft", "failed"] == out.splitlines()[1].split()[:4]
    assert "json.invalid" in out
    assert "in all: 1 failed, 1 succeeded" in out
    assert "there are more: --cursor " in err
    assert await command.shown(good, server, None, as_json=False) == 0
    out = capsys.readouterr().out
    for words in (f"run {good}  good version draft  succeeded", "labels team=a", "About tea"):
        assert words in out
    assert await command.shown_node(good, "say", None, server, None, as_json=False) == 0
    out = capsys.readouterr().out
    assert "inputs of attempt 1" in out
    assert 'template: "About tea"' in out
    assert (
        await command.logged(bad, EventQuery(node="parse"), None, server, None, as_json=False) == 0
    )
    first, *_, last = capsys.readouterr().out.splitlines()
    assert "node_run_started" in first
    assert "run_failed" in last
    assert "json.invalid: " in last


async def test_following_shows_the_end_and_its_code_says_which(
    stack: Stack, api: httpx.AsyncClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = stack.settings.nats_url
    good = await ran(stack, tmp_path, GOOD, inputs=("topic=tea",))
    bad = await ran(stack, tmp_path, BAD)
    capsys.readouterr()
    assert await command.followed(good, server, None, as_json=False) == 0
    assert "text: About tea" in capsys.readouterr().out
    assert await command.followed(bad, server, None, as_json=False) == 1
    assert "parse: " in capsys.readouterr().out
    assert await command.followed(good, server, None, as_json=True) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    events = (await api.get(f"/runs/{good}/events")).text.splitlines()
    assert [one for one in told if one["type"] != "stream_chunk"] == [*map(json.loads, events)]
    asked = {"id": "ask", "nodes": [{"id": "review", "type": "human", "config": {"message": "?"}}]}
    await api.post("/workflows", json=asked)
    run_id = (await api.post("/workflows/ask/run")).json()["run_id"]
    async for batch in stack.bus.events.follow():
        waits = [one.event for one in batch if isinstance(one.event, NodeRunWaiting)]
        if waits:
            break
    await stack.runs.answer(AnswerRequest(token=waits[0].token, action="approved"))
    assert await command.followed(run_id, server, None, as_json=False) == 0


async def test_what_cannot_be_shown_is_said(stack: Stack, tmp_path: Path) -> None:
    server = stack.settings.nats_url
    good = await ran(stack, tmp_path, GOOD, inputs=("topic=tea",))
    for asking in (
        command.shown("none", server, None, as_json=True),
        command.shown_node("none", "say", None, server, None, as_json=True),
        command.logged("none", EventQuery(), None, server, None, as_json=True),
        command.followed("none", server, None, as_json=True),
    ):
        with pytest.raises(UnknownRun):
            await asking
    with pytest.raises(NotFound, match="has not come to a node 'nowhere'"):
        await command.shown_node(good, "nowhere", None, server, None, as_json=True)
    with pytest.raises(InvalidRequest, match="invalid types 'gone'"):
        await command.logged(good, EventQuery(types=("gone",)), None, server, None, as_json=True)
    with pytest.raises(InvalidRequest, match="invalid status 'broken'"):
        await listed(stack, status=("broken",))
    for labels in (("a",), ("a=1", "a=2")):
        with pytest.raises(InvalidInputs):
            parse_labels(labels)


async def test_without_a_server_lists_come_from_a_projection_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RUNFOLD_NATS_URL", raising=False)
    path = tmp_path / "workflow.yaml"
    path.write_text(GOOD)
    data = tmp_path / "data"
    options = RunOptions(str(path), inputs=("topic=tea",), labels=("team=a",), data_dir=data)
    assert await running_command.run(options) == 0
    capsys.readouterr()
    filters = WrittenFilters(label=("team=a",))
    assert await command.listed(filters, "", data, as_json=True) == 0
    (found,) = json.loads(capsys.readouterr().out.splitlines()[-1])["items"]
    assert (found["workflow_id"], found["status"]) == ("good", "succeeded")
    assert await command.followed(found["run_id"], "", data, as_json=False) == 0


async def test_a_run_that_nothing_carries_on_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNFOLD_NATS_URL", raising=False)
    workflow, _ = prepare(GOOD)
    definition = msgspec.Raw(canonical_bytes(workflow))
    begun = RunStarted(id="s", run_id="r", workflow_id="good", definition=definition)
    data = tmp_path / "data"
    async with EmbeddedNats(data) as server:
        bus = await connect(Settings(nats_url=server.url))
        await bus.events.start_run(begun)
        await bus.close()
    with pytest.raises(Conflict, match="no scheduler carries it on here"):
        await command.followed("r", "", data, as_json=False)
