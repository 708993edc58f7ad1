"""Sending state machines the events given beforehand, or those somebody at the terminal names."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from runfold.background import Background
from runfold.bus.ports.bus import Bus
from runfold.cli.arguments import json_object
from runfold.cli.outcome import say
from runfold.cli.people import read_line
from runfold.cli.progress import Progress
from runfold.cli.source import named
from runfold.contracts.requests import AnswerRequest
from runfold.engine.accept.state_machines import check_event, is_resting, machine_under_way
from runfold.engine.history.fold import Folder
from runfold.engine.state.scopes import node_at
from runfold.engine.views.runs import WaitingView, node_document
from runfold.errors import Conflict, InvalidInputs, InvalidRequest
from runfold.ids import split_address

Sent = tuple[str, dict[str, Any]]
"""An event's name and what it carries."""

HOW = "node=event or node=event:{...}"


def parse_events(given: Iterable[str]) -> dict[str, list[Sent]]:
    """`node=event` and `node=event:{"amount": 20}`, by node, in their order.

    Raises:
        InvalidInputs: When one is written otherwise.
    """
    events: dict[str, list[Sent]] = {}
    for text in given:
        node, rest = named("--event", text, HOW)
        name, _, body = rest.partition(":")
        values = json_object(f"--event {node}={name}", body) if body else {}
        if not name:
            message = f"--event {text!r}: write {HOW}"
            raise InvalidInputs(message)
        events.setdefault(node, []).append((name, values))
    return events


class MachineEvents:
    """Sends events while a run is shown: the next one each time a machine comes to rest.

    Args:
        bus: Where they are sent.
        given: Events by node id or address.
        progress: Shown around a question.
        give_up: Told why a machine cannot go on.
    """

    def __init__(
        self,
        bus: Bus,
        given: dict[str, list[Sent]],
        progress: Progress,
        give_up: Callable[[str], None],
    ) -> None:
        self._bus = bus
        self._given = given
        self._progress = progress
        self._give_up = give_up
        self._left: dict[str, deque[Sent]] = {}
        self._asked_at: dict[str, int] = {}
        """Machine → how many events had come when one was sent or asked for last."""
        self._tasks = Background()

    def on_event(self, address: str, folder: Folder) -> None:
        """Something happened in a machine or in its handlers."""
        node = folder.state.nodes.get(address)
        machine = None if node is None else machine_under_way(node)
        if node is None or machine is None or folder.state.ended:
            return
        if not is_resting(node_at(folder.plan, address), node):
            return
        if self._asked_at.get(address) == machine.received:
            return
        self._asked_at[address] = machine.received
        waiting = node_document(folder.plan, folder.state, address).waiting
        if waiting is None:
            return
        left = self._left.setdefault(address, deque(self._events_for(address)))
        if left:
            self._tasks.start(self._send(folder, address, waiting, left.popleft()))
        elif sys.stdin.isatty() and sys.stdout.isatty():
            self._tasks.start(self._ask(folder, address, waiting))
        else:
            self._say_how(folder, address, waiting)

    async def close(self) -> None:
        """Stop sending and asking."""
        await self._tasks.end()

    def _events_for(self, address: str) -> list[Sent]:
        _, node_id = split_address(address)
        return self._given.get(address) or self._given.get(node_id) or []

    async def _send(self, folder: Folder, address: str, waiting: WaitingView, sent: Sent) -> None:
        name, values = sent
        try:
            check_event(folder.plan, folder.state, address, name)
        except (InvalidRequest, Conflict) as error:
            self._give_up(error.message)
            return
        request = AnswerRequest(token=waiting.token, action=name, values=values)
        await self._bus.requests.send(request)

    async def _ask(self, folder: Folder, address: str, waiting: WaitingView) -> None:
        with self._progress.paused():
            print(f"\n{address} is in {waiting.state}{waiting.message and ': ' + waiting.message}")
            sent: Sent | None = None
            while sent is None:
                typed = await read_line(f"event ({', '.join(waiting.events)}) [event:{{...}}]: ")
                try:
                    ((sent,),) = parse_events([f"{address}={typed.strip()}"]).values()
                except InvalidInputs as error:
                    print(error.message)
        await self._send(folder, address, waiting, sent)

    def _say_how(self, folder: Folder, address: str, waiting: WaitingView) -> None:
        how = f"name one with --event {address}=event, of: {', '.join(waiting.events) or 'none'}"
        what = f"{address} waits for an event in {waiting.state!r}"
        if waiting.due is not None or node_at(folder.plan, address).timeout is not None:
            say(f"{what}, and goes on when its time is up; {how}")
            return
        self._give_up(f"{what} and none is given: {how}")
