"""A request that a scheduler refuses is told to those who asked, over NATS and over HTTP."""

from __future__ import annotations

import asyncio

import httpx
import msgspec

from runfold.client.refusals import refusal, refused
from runfold.contracts import subjects
from runfold.contracts.codec import decode_dead_letter
from runfold.contracts.requests import CancelRequest, RunRequest
from runfold.graph.loader import canonical_bytes, prepare
from tests.integration.test_gateway_api import ECHO, is_problem
from tests.support.stack import running

REASON = "no workflow 'nowhere'"


async def test_over_nats_and_http() -> None:
    async with (
        running(("scheduler", "executor-text", "projection", "gateway")) as stack,
        httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as api,
    ):
        # A client of NATS alone: it has chosen the run's id, and listens before it asks.
        letters = await stack.bus.nc.subscribe(subjects.refused("mine"))
        await stack.bus.nc.publish(
            subjects.request("run"), b'{"workflow_id": "nowhere", "run_id": "mine"}'
        )
        letter = decode_dead_letter((await letters.next_msg(timeout=10)).data)
        assert (letter.run_id, letter.code) == ("mine", "workflow.not_found")
        assert REASON in letter.reason

        # By the request's place: an older letter about the run is not this request's.
        wanted = RunRequest(workflow_id="nowhere", run_id="mine")
        asked = await stack.runs.ask(wanted)
        async with asyncio.timeout(10):
            assert (await refused(stack.bus, "mine", seq=asked.seq)).source_seq == asked.seq
        assert await refusal(stack.bus, "mine", seq=asked.seq + 1) is None
        assert await refusal(stack.bus, "another") is None

        # What is refused of a run that has begun says nothing about its beginning.
        workflow, _ = prepare(ECHO)
        definition = msgspec.Raw(canonical_bytes(workflow))
        asked = await stack.runs.ask(
            RunRequest(definition=definition, workflow_id=workflow.id, inputs={"text": "x"})
        )
        assert await stack.runs.wait(asked.run_id, 10) is not None
        await stack.bus.requests.send(CancelRequest(run_id="mine"))

        answer = await api.get("/runs/mine")
        is_problem(answer, 404, "request.refused")
        assert REASON in answer.json()["detail"]
        is_problem(await api.get("/runs/mine/stream"), 404, "request.refused")
        is_problem(await api.get("/runs/unheard-of"), 404, "run.not_found")


async def test_who_waits_for_a_run_is_told_that_there_will_be_none() -> None:
    async with (
        running(("scheduler", "projection", "gateway")) as stack,
        httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as api,
    ):
        assert (await api.post("/workflows", json=ECHO)).is_success
        # As another release stored it: readable, but no longer fit for a run.
        body, revision = await stack.bus.definitions.get(f"{ECHO['id']}.1")
        broken = body.replace(b'"type":"template"', b'"type":"tmplate"')
        assert broken != body
        await stack.bus.definitions.update(f"{ECHO['id']}.1", broken, revision)
        async with asyncio.timeout(10):
            answer = await api.post(f"/workflows/{ECHO['id']}/run?wait=60", json={"text": "x"})
        is_problem(answer, 422, "request.refused")
        assert "tmplate" in answer.json()["detail"]
