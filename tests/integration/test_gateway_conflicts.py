"""What the API says when two want the same, when a stream is full, and when NATS is away."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.service.shell import run_services
from runfold.settings import Settings
from tests.integration.test_gateway_api import ASK, ECHO, is_problem
from tests.integration.test_gateway_streams import waiting_run
from tests.support.stack import running

CORE = ("scheduler", "executor-text", "projection", "gateway")


async def review_of(api: httpx.AsyncClient) -> str:
    async with asyncio.timeout(10):
        while True:
            found = (await api.get("/reviews")).json()["items"]
            if found:
                return found[0]["review_id"]
            await asyncio.sleep(0.02)


async def test_of_two_answers_at_once_one_counts() -> None:
    async with (
        running(CORE) as stack,
        httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as api,
    ):
        run_id = await waiting_run(api)
        review_id = await review_of(api)
        answers = await asyncio.gather(
            *(api.post(f"/reviews/{review_id}/approve?feedback={i}") for i in range(4)),
            api.post(f"/reviews/{review_id}/reject"),
        )
        counted = [answer for answer in answers if answer.status_code == 200]
        assert len(counted) == 1
        for answer in answers:
            if answer not in counted:
                is_problem(answer, 409, "review.closed")
        view = await stack.runs.wait(run_id, 10)
        assert view is not None
        if counted[0].json()["status"] == "approved":
            assert view.outputs == {"why": str(answers.index(counted[0]))}
        else:
            assert view.status == "failed"


async def test_an_answer_that_no_scheduler_has_carried_out_is_accepted() -> None:
    async with (
        running(("projection", "gateway")) as stack,
        httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as api,
    ):
        async with run_services(stack.bus, stack.settings, ("scheduler",)):
            await waiting_run(api)
            review_id = await review_of(api)
        answer = await api.post(f"/reviews/{review_id}/approve")
        assert (answer.status_code, answer.json()["status"]) == (202, "accepted")


async def test_a_full_stream_is_503_with_retry_after() -> None:
    async with (
        running(("gateway",)) as stack,
        httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as api,
    ):
        await api.post("/workflows", json=ECHO)
        js = stack.bus.nc.jetstream()
        config = (await js.stream_info("REQUESTS")).config
        config.max_bytes = 200
        await js.update_stream(config)
        answers = [
            await api.post("/workflows/echo/run", json={"text": "x" * 200}) for _ in range(2)
        ]
        problem = is_problem(answers[-1], 503, "bus.full")
        assert "REQUESTS" in problem["detail"] or "runfold.requests" in problem["detail"]
        assert int(answers[-1].headers["retry-after"]) > 0


async def test_without_nats_everything_is_503_with_retry_after(tmp_path: Path) -> None:
    server = EmbeddedNats(tmp_path)
    await server.start()
    settings = Settings(nats_url=server.url, data_dir=tmp_path, gateway_port=0)
    bus = await connect(settings)
    async with run_services(bus, settings, ("gateway",)) as services:
        url = f"{services['gateway'].url}/api"
        async with httpx.AsyncClient(base_url=url, timeout=30) as api:
            await api.post("/workflows", json=ASK)
            await server.stop()
            async with asyncio.timeout(10):
                while bus.connected:  # noqa: ASYNC110 -- a closed socket is noticed some time
                    await asyncio.sleep(0.01)
            answers = await asyncio.gather(
                api.post("/workflows/ask/run", json={}),
                api.get("/workflows"),
                api.get("/runs"),
                api.get("/runs/none"),
                api.get("/reviews"),
                api.post("/runs/none/cancel"),
                api.post("/reviews/none.x/approve"),
                api.get("/runs/none/stream"),
            )
    await bus.close()
    for answer in answers:
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["code"].startswith(("bus.", "projection."))
