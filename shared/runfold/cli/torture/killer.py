"""Ends, freezes and restarts processes, chosen by a seed."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter

import structlog

from runfold.cli.torture.cluster import Cluster
from runfold.errors import ConfigurationError

log = structlog.get_logger("torture")

WAYS = ("kill",) * 6 + ("stop",) * 2 + ("freeze",) * 2 + ("nats",) * 2 + ("outage",)
"""What is done, as often as it is here."""
OUTAGE = (8.0, 25.0)
"""Seconds that NATS is away in an outage: leases lapse, acks time out, runs could fall asleep."""


class Killer:
    """Torments a cluster.

    Args:
        cluster: The victims.
        chance: Picks victims, ways and pauses.
    """

    def __init__(self, cluster: Cluster, chance: random.Random) -> None:
        self._cluster = cluster
        self._chance = chance
        self.done: Counter[str] = Counter()

    async def torment(self) -> None:
        """Go on for ever."""
        while True:
            await asyncio.sleep(self._chance.uniform(0.3, 2.0))
            await self._once()

    async def mend(self) -> None:
        """Bring everything up that is down."""
        if not self._cluster.nats.running:
            await self._cluster.nats.start()
        for name, process in list(self._cluster.processes.items()):
            process.send(signal.SIGCONT)
            if not process.running:
                await self._cluster.start(name)

    async def _once(self) -> None:
        way = self._chance.choice(WAYS)
        name = self._chance.choice(list(self._cluster.processes))
        process = self._cluster.processes[name]
        pause = self._chance.choice((0.0, self._chance.uniform(0, 3)))
        if way == "outage":
            pause = self._chance.uniform(*OUTAGE)
        victim = "nats" if way in ("nats", "outage") else name
        log.info("torment", way=way, victim=victim, pause=round(pause, 1))
        self.done[f"{way} {victim}"] += 1
        match way:
            case "kill":
                await process.kill()
                await asyncio.sleep(pause)
                await self._start(name)
            case "stop":
                await process.stop()
                await asyncio.sleep(pause)
                await self._start(name)
            case "freeze":
                process.send(signal.SIGSTOP)
                await asyncio.sleep(self._chance.uniform(0.5, 9.0))
                process.send(signal.SIGCONT)
            case _:
                await self._cluster.kill_nats()
                await asyncio.sleep(pause)
                await self._cluster.nats.start()

    async def _start(self, name: str) -> None:
        try:
            await self._cluster.start(name)
        except ConfigurationError as error:
            log.warning("did not come up", victim=name, reason=str(error))
