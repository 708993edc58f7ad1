"""Runs of every shape, started during all that happens, and what each must come to."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import msgspec

from runfold.background import all_ended, end
from runfold.bus.ports.bus import Bus
from runfold.client.runs import RunClient
from runfold.contracts.requests import (
    AnswerRequest,
    AnyRequest,
    CancelRequest,
    PauseRequest,
    ResumeRequest,
    RunRequest,
)
from runfold.errors import BusUnavailable
from runfold.graph.loader import canonical_bytes, prepare

ENDED_WELL = ("succeeded",)
CANCELLED = PAUSED = 0.05
"""Share of the runs to which that is done."""


class Expected(msgspec.Struct, frozen=True):
    """What a run must come to."""

    statuses: tuple[str, ...] = ENDED_WELL
    outputs: Any = None


def journal(node_id: str, value: Any, **config: Any) -> dict[str, Any]:
    """A journal node that may be tried again often."""
    return {
        "id": node_id,
        "type": "journal",
        "config": {"value": value, **config},
        "retry": {"max_attempts": 6, "delay": 0.05, "backoff": 1},
    }


def ending(reference: str) -> dict[str, Any]:
    """The end node of a workflow whose output is what a reference says."""
    return {"id": "end", "type": "end", "config": {"output": f"{{{{{reference}}}}}"}}


def shapes(value: int) -> dict[str, tuple[dict[str, Any], Any]]:
    """Workflows by name, each with the output it must have."""
    chain = [journal(f"n{i}", value + i) for i in range(6)]
    fan = [journal(f"b{i}", value * i, seconds=0.01) for i in range(8)]
    body = [journal("one", "{{item}}"), journal("two", "{{one.output}}")]
    items = list(range(value % 7 + 2))
    each = {"items": items, "concurrency": 2, "nodes": body}
    pause = {"id": "pause", "type": "wait", "config": {"duration": 0.5}}
    review = {"id": "review", "type": "human", "config": {"message": "ok?"}}
    handled = {"nodes": [journal("handled", value)]}
    states = {
        "made": {"on": {"pay": {"target": "paid", "action": handled}}},
        "paid": {"entry": handled, "on": {"send": "sent"}},
        "sent": {"timeout": {"after": 0.5, "target": "over"}},
        "over": {"final": True, "entry": handled},
    }
    machine = {"id": "m", "type": "state_machine", "config": {"initial": "made", "states": states}}
    after, slow = journal("after", value), journal("slow", value, seconds=0.7)
    return {
        "chain": ({"nodes": [*chain, ending("n5.output")]}, value + 5),
        "fan": (
            {
                "nodes": [*fan, ending("b7.output")],
                "edges": [{"source": node["id"], "target": "end"} for node in fan],
            },
            value * 7,
        ),
        "loop": (
            {"nodes": [{"id": "each", "type": "loop", "config": each}, ending("each.output")]},
            items,
        ),
        "flaky": (
            {"nodes": [journal("flaky", value, fail_attempts=2), ending("flaky.output")]},
            value,
        ),
        "wait": ({"nodes": [pause, after, ending("after.output")]}, value),
        "slow": ({"nodes": [slow, after, ending("after.output")]}, value),
        "review": ({"nodes": [review, after, ending("after.output")]}, value),
        "machine": ({"nodes": [machine, ending("m.state")]}, "over"),
    }


class Load:
    """Keeps runs coming.

    Args:
        bus: A connection of its own.
        chance: Picks shapes and what is done to runs.
        at_once: Runs under way at a time.
    """

    def __init__(self, bus: Bus, chance: random.Random, at_once: int = 20) -> None:
        self._bus = bus
        self._chance = chance
        self._at_once = at_once
        self._client = RunClient(bus)
        self._count = 0
        self.accepted: dict[str, Expected] = {}
        self.longest = 0.0
        """Seconds the slowest run took."""

    async def keep_coming(self) -> None:
        """Start runs and wait for their ends, for ever."""
        working = [asyncio.create_task(self._one_after_another()) for _ in range(self._at_once)]
        try:
            await all_ended(*working)
        finally:
            await end(*working)

    async def settle(self, within: float) -> None:
        """Wait until every accepted run has ended, or until it takes too long."""
        gate = asyncio.Semaphore(self._at_once)

        async def settled(run_id: str) -> None:
            async with gate:
                while await self._client.wait(run_id, 2.0) is None:
                    await self._help_on(run_id)

        waiting = [asyncio.create_task(settled(run_id)) for run_id in self.accepted]
        await asyncio.wait(waiting, timeout=within)
        await end(*waiting)

    async def _one_after_another(self) -> None:
        while True:
            await self._one()

    async def _one(self) -> None:
        self._count += 1
        number = self._count
        shape, (document, output) = self._chance.choice(list(shapes(number).items()))
        run_id = f"t{number:06d}-{shape}"
        workflow, _ = prepare({"id": f"torture_{shape}", **document})
        request = RunRequest(
            workflow_id=workflow.id,
            run_id=run_id,
            definition=msgspec.Raw(canonical_bytes(workflow)),
        )
        expected = Expected(outputs={"output": output})
        meddling = self._chance.random()
        if meddling < CANCELLED:
            expected = Expected((*ENDED_WELL, "cancelled"), expected.outputs)
        await self._send(request)
        self.accepted[run_id] = expected
        if meddling < CANCELLED:
            await self._send(CancelRequest(run_id=run_id, reason="torture"))
        elif meddling < CANCELLED + PAUSED:
            await self._send(PauseRequest(run_id=run_id))
            await asyncio.sleep(self._chance.random())
            await self._send(ResumeRequest(run_id=run_id))
        await self._see_end(run_id)

    async def _see_end(self, run_id: str) -> None:
        """Wait for a run's end, as long as a client would; what is late is looked at afterwards."""
        begun = asyncio.get_running_loop().time()
        for _ in range(8):
            try:
                await self._help_on(run_id)
                if await self._client.wait(run_id, 2.0) is not None:
                    break
            except BusUnavailable:
                await asyncio.sleep(0.2)
        self.longest = max(self.longest, asyncio.get_running_loop().time() - begun)

    async def _help_on(self, run_id: str) -> None:
        """Answer what a run asks, and resume it should its pause have come after its resumption."""
        view = await self._client.get(run_id)
        if view is None:
            return
        if view.status == "paused":
            await self._send(ResumeRequest(run_id=run_id))
        for node in view.nodes:
            waiting = node.waiting
            if waiting is None or not waiting.token or node.status != "waiting":
                continue
            actions = waiting.events if waiting.waiting_for == "state_machine" else ("approved",)
            for action in actions[:1]:
                await self._send(AnswerRequest(token=waiting.token, action=action, key=action))

    async def _send(self, request: AnyRequest) -> None:
        """Send until the broker says that it has it."""
        while True:
            try:
                await self._bus.requests.send(request)
            except BusUnavailable:
                await asyncio.sleep(0.2)
            else:
                return
