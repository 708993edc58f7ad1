"""Several services on one bus in one event loop, and the health endpoints by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from runfold.contracts.codec import encode
from runfold.contracts.events import NodeRunSucceeded
from runfold.contracts.queries import GET_RUN, GetRun
from runfold.contracts.tasks import Task
from runfold.errors import BusUnavailable, ConfigurationError, InvalidRequest
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.executor.service import ExecutorService
from runfold.service import shell
from runfold.service.app import ServiceApp
from runfold.service.health import HealthServer
from runfold.service.shell import Services, run_services
from runfold.settings import Settings
from tests.support.executor_nodes import NODE
from tests.support.executor_runs import GROUP, ended, served


async def test_services_start_and_drain_together(tmp_path: Path) -> None:
    async with served(tmp_path) as (bus, settings):
        async with run_services(bus, settings, ("executor-text", "executor-code")) as services:
            assert [service.name for service in services] == ["executor-text", "executor-code"]
            assert services.not_ready() is None
            await bus.tasks.push("text", a_task("template", template="{{a}}!"))
            await bus.tasks.push("code", a_task("code", code="result = 6 * 7"))
            log = await ended(bus, 2)
        assert services["executor-text"].name == "executor-text"
        await services.wait()

    outputs = {
        one.event.node_id: one.event.outputs["output"]
        for one in log
        if isinstance(one.event, NodeRunSucceeded)
    }
    assert outputs == {"template": "1!", "code": 42}


def a_task(kind: str, **config: object) -> Task:
    return Task(
        run_id="r", workflow_id="w", node_id=kind, node_type=kind, config=config, inputs={"a": 1}
    )


async def test_a_closed_connection_ends_the_application(tmp_path: Path) -> None:
    async with served(tmp_path) as (_, settings):
        app = ServiceApp("executor-text", settings)
        await app.start()
        assert app.not_ready() is None
        await (await app.brokers[0].connect()).close()
        with pytest.raises(BusUnavailable, match="closed for good"):
            await app.wait()
        await shell._stop_after_failure(app)


async def test_queries_are_answered_from_the_start_to_the_drain(tmp_path: Path) -> None:
    async with served(tmp_path, data_dir=tmp_path) as (bus, settings):
        app = ServiceApp("projection", settings)
        await app.start()
        answer = msgspec.json.decode(await bus.query(GET_RUN, encode(GetRun("r"))))
        assert answer.get("item") is None
        for body in (b"{", b'{"run_id": 7}', b"[" * 20_000):
            with pytest.raises(InvalidRequest):
                await bus.query(GET_RUN, body)
        await app.stop()
        with pytest.raises(BusUnavailable, match="no projection answers"):
            await bus.query(GET_RUN, encode(GetRun("r")))


async def test_a_question_under_way_is_answered_although_the_service_drains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(tmp_path, data_dir=tmp_path) as (bus, settings):
        app = ServiceApp("projection", settings)
        await app.start()
        taken, go_on = asyncio.Event(), asyncio.Event()

        async def slowly(_body: bytes) -> bytes:
            taken.set()
            await go_on.wait()
            return b"{}"

        service: Any = app._service
        service.queries[GET_RUN] = slowly
        asking = [asyncio.create_task(bus.query(GET_RUN, b"")) for _ in range(3)]
        await taken.wait()
        await bus.nc.flush()  # the server has all three
        stopping = asyncio.create_task(app.stop())
        go_on.set()
        assert await asyncio.gather(*asking) == [b"{}"] * 3
        await stopping


async def test_a_bus_that_cannot_publish_any_more_ends_the_application(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(tmp_path) as (_, settings):
        app = ServiceApp("executor-text", settings)
        await app.start()
        bus = app._bus
        assert bus is not None

        def broken(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(bus.nc, "post", broken)
        before = bus.tasks.push("text", a_task("template", template="x"))
        with pytest.raises(ZeroDivisionError):
            await app.wait()
        monkeypatch.undo()
        assert app.not_ready() == "publishing has failed"
        for lost in (before, bus.tasks.push("text", a_task("template", template="y"))):
            with pytest.raises(BusUnavailable, match="publishing has failed"):
                await lost
        await shell._stop_after_failure(app)


async def test_a_resource_that_cannot_be_opened_ends_the_service(tmp_path: Path) -> None:
    @asynccontextmanager
    async def broken(_settings: Settings) -> AsyncIterator[None]:
        raise ConfigurationError("no model")
        yield

    node = msgspec.structs.replace(NODE, open=broken)
    async with served(tmp_path) as (bus, settings):
        service = ExecutorService(bus, settings, GROUP, {"probe": node})
        await service.start()
        with pytest.raises(ConfigurationError, match="no model"):
            await Services((service,)).wait()
        await service.drain()


async def test_attempts_share_what_is_opened_once_and_closed_at_the_drain(tmp_path: Path) -> None:
    happened: list[object] = []

    @asynccontextmanager
    async def opened(settings: Settings) -> AsyncIterator[object]:
        resource = object()
        happened.append(resource)
        yield resource
        happened.append("closed")

    async def use(ctx: NodeContext, _config: object, _inputs: dict[str, object]) -> Outcome:
        happened.append(ctx.resource)
        return Outcome({})

    kinds = {"probe": NODE.kind, "other": msgspec.structs.replace(NODE.kind, type="other")}
    nodes = {name: NodeExecutor(kind, use, opened) for name, kind in kinds.items()}
    async with served(tmp_path) as (bus, settings):
        service = ExecutorService(bus, settings, GROUP, nodes)
        await service.start()
        await bus.tasks.push(GROUP, a_task("probe"))
        await bus.tasks.push(GROUP, a_task("other"))
        await ended(bus, 2)
        assert "closed" not in happened
        await service.drain()
        await service.wait()
    resource = happened[0]
    assert happened == [resource, resource, resource, "closed"]


async def test_an_unknown_service_is_refused(tmp_path: Path) -> None:
    async with served(tmp_path) as (bus, settings):
        with pytest.raises(ConfigurationError, match="executor-llm"):
            async with run_services(bus, settings, ("executer-llm",)):
                pass


async def test_health_tells_the_reason() -> None:
    reason: str | None = "catching up"
    health = HealthServer("scheduler", lambda: reason, "127.0.0.1", 0)
    await health.start()
    try:
        async with httpx.AsyncClient(base_url=health.url) as client:
            assert (await client.get("/health/startup")).status_code == 503
            assert (await client.get("/health/ready")).json()["reason"] == "starting"
            assert (await client.get("/health/live")).status_code == 200
            health.started = True
            answer = await client.get("/health/ready?verbose=1")
            assert (answer.status_code, answer.json()) == (
                503,
                {"service": "scheduler", "ok": False, "reason": "catching up"},
            )
            reason = None
            assert (await client.head("/health/ready")).status_code == 200
            assert (await client.post("/health/ready")).status_code == 405
    finally:
        await health.stop()
