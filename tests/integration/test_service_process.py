"""Service processes as an operator meets them: signals, exit codes, probes, one-line errors."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from runfold.contracts.status import ServiceStatus
from runfold.contracts.subjects import STATUS
from tests.support.executor_runs import GROUP, WITHIN, log_until, probe, served

TEXT = ("-m", "runfold", "serve", "executor-text")
FASTSTREAM = ("-m", "faststream", "run", "runfold.service.apps:executor_text")
PROBES = ("-m", "runfold", "serve", "executor", "--group", GROUP)


@asynccontextmanager
async def process(*args: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *args,
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def line_with(child: asyncio.subprocess.Process, event: str) -> dict[str, Any]:
    assert child.stderr is not None
    async with asyncio.timeout(WITHIN):
        async for line in child.stderr:
            logged: dict[str, Any] = json.loads(line)
            if logged["event"] == event:
                return logged
    raise AssertionError(event)


async def ending(child: asyncio.subprocess.Process) -> tuple[int | None, str]:
    _, words = await asyncio.wait_for(child.communicate(), WITHIN)
    return child.returncode, words.decode()


@pytest.mark.parametrize("way", [TEXT, FASTSTREAM])
async def test_probes_status_and_sigterm(way: tuple[str, ...], tmp_path: Path) -> None:
    async with (
        served(tmp_path) as (bus, settings),
        process(*way, RUNFOLD_NATS_URL=settings.nats_url) as child,
    ):
        url = (await line_with(child, "service started"))["health"]
        async with httpx.AsyncClient(base_url=url) as client:
            answers = {
                path: (await client.get(path)).status_code
                for path in ("/health/live", "/health/startup", "/health/ready", "/metrics", "/x")
            }
            metrics = (await client.get("/metrics")).text
        answer = await bus.nc.request(STATUS, b"", timeout=WITHIN)
        child.send_signal(signal.SIGTERM)
        code, words = await ending(child)

    assert answers == {
        "/health/live": 200,
        "/health/startup": 200,
        "/health/ready": 200,
        "/metrics": 200,
        "/x": 404,
    }
    assert 'runfold_service_ready{service="executor-text"} 1.0' in metrics
    status = msgspec.json.decode(answer.data, type=ServiceStatus)
    assert (status.service, status.pid, status.ready) == ("executor-text", child.pid, True)
    assert status.health == url
    assert code == 0
    assert "service stopped" in words


async def test_a_second_signal_is_obeyed_at_once(tmp_path: Path) -> None:
    async with (
        served(tmp_path) as (bus, settings),
        process(
            *PROBES,
            RUNFOLD_NATS_URL=settings.nats_url,
            RUNFOLD_NODE_MODULES="tests.support.executor_nodes",
            RUNFOLD_GRACE="600",
        ) as child,
    ):
        await bus.tasks.push(GROUP, probe(do="hang"))
        await log_until(bus, lambda seen: len(seen) == 1)
        child.send_signal(signal.SIGINT)
        await line_with(child, "service drains")
        child.send_signal(signal.SIGINT)
        code, words = await ending(child)

    assert code == 1
    assert "went at once" in words


async def test_sigterm_while_nats_is_away(tmp_path: Path) -> None:
    async with served(tmp_path) as (_, settings):
        child_of = process(*TEXT, RUNFOLD_NATS_URL=settings.nats_url)
        child = await child_of.__aenter__()
        url = (await line_with(child, "service started"))["health"]
    try:
        async with httpx.AsyncClient(base_url=url) as client, asyncio.timeout(WITHIN):
            # A probe is asked again and again; that is what probes are.
            while (answer := await client.get("/health/ready")).status_code == 200:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            live = await client.get("/health/live")
        child.send_signal(signal.SIGTERM)
        code, words = await ending(child)
    finally:
        await child_of.__aexit__(None, None, None)

    assert (answer.status_code, live.status_code) == (503, 200)
    assert answer.json()["reason"] == "NATS is not reachable"
    assert code == 0, words


async def test_nats_that_cannot_be_reached() -> None:
    with socket.socket() as taken:  # bound, not listening: nobody answers there
        taken.bind(("127.0.0.1", 0))
        url = f"nats://127.0.0.1:{taken.getsockname()[1]}"
        async with process(*TEXT, RUNFOLD_NATS_URL=url) as child:
            code, words = await ending(child)

    assert code == 3
    said = [line for line in words.splitlines() if not line.startswith("{")]
    assert len(said) == 1
    assert url in said[0]


async def test_wrong_settings_say_which() -> None:
    async with process(*TEXT, RUNFOLD_CONCURRENCY="lots") as child:
        code, words = await ending(child)
    assert code == 2
    assert words.count("\n") == 1
    assert "RUNFOLD_CONCURRENCY" in words


@pytest.mark.parametrize("way", [TEXT, FASTSTREAM])
async def test_a_taken_health_port_says_what_to_do(way: tuple[str, ...]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        async with process(*way, RUNFOLD_HEALTH_PORT=port) as child:
            code, words = await ending(child)
    assert code == 2
    assert words.count("\n") == 1
    assert "RUNFOLD_HEALTH_PORT" in words


async def test_a_group_without_nodes_says_what_to_do(tmp_path: Path) -> None:
    async with (
        served(tmp_path) as (_, settings),
        process(*PROBES, RUNFOLD_NATS_URL=settings.nats_url) as child,
    ):
        code, words = await ending(child)
    assert code == 2
    assert "RUNFOLD_NODE_MODULES" in words
