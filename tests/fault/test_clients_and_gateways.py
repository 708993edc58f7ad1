"""Rows 1 and 2: clients that ask twice, and gateways that die while they stream."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx

from runfold.cli.torture.cluster import free_port
from tests.support.faults import Faulty, chain, faulty

SERVICES = {
    "scheduler": "scheduler",
    "executor": "executor",
    "projection": "projection",
    "gateway": "gateway",
}


def url(here: Faulty) -> str:
    return f"http://127.0.0.1:{here.cluster.gateway_port}/api"


async def test_the_same_key_is_one_run_whoever_is_asked_how_often(tmp_path: Path) -> None:
    async with faulty(tmp_path, SERVICES) as here:
        ports = [here.cluster.gateway_port, free_port()]
        here.cluster.gateway_port = ports[1]
        await here.cluster.start("gateway-2", "gateway")
        async with httpx.AsyncClient(timeout=20) as client:
            stored = await client.post(f"{url(here)}/workflows", json=chain(2))
            assert stored.status_code == 201
            asked = await asyncio.gather(
                *(
                    client.post(
                        f"http://127.0.0.1:{ports[i % 2]}/api/workflows/chain/run",
                        json={},
                        headers={"Idempotency-Key": "once"},
                    )
                    for i in range(20)
                )
            )
        assert {answer.status_code for answer in asked} == {202}
        (run_id,) = {answer.json()["run_id"] for answer in asked}
        await here.assert_all_is_well([run_id], 1)
        assert (await here.kinds(run_id))["run_started"] == 1


async def test_a_client_goes_on_at_another_gateway_without_gap_or_repeat(tmp_path: Path) -> None:
    async with faulty(tmp_path, SERVICES) as here:
        (run_id,) = await here.start(chain(8, seconds=0.2))
        await here.until(lambda log: len(log) > 0, run_id)
        got: list[int] = []
        last = ""
        async with httpx.AsyncClient(timeout=30) as client:
            try:
                async with client.stream("GET", f"{url(here)}/runs/{run_id}/stream") as stream:
                    async for line in stream.aiter_lines():
                        last = line[4:] if line.startswith("id: ") else last
                        got += _seq(line)
                        if len(got) == 5:
                            await here.cluster.processes["gateway"].kill()
            except httpx.HTTPError:
                pass
            assert len(got) < 18
            await here.cluster.start("gateway")
            headers = {"Last-Event-ID": last}
            async with client.stream(
                "GET", f"{url(here)}/runs/{run_id}/stream", headers=headers
            ) as stream:
                async for line in stream.aiter_lines():
                    got += _seq(line)
        records = await here.bus.events.read_run(run_id)
        assert got == [record.seq for record in records]


def _seq(line: str) -> list[int]:
    """The sequence of an event's line; none for answers and for the stream's own words."""
    if not line.startswith("data: "):
        return []
    data = json.loads(line[6:])
    return [data["seq"]] if isinstance(data, dict) and "seq" in data else []
