"""Answering human nodes: as told beforehand, by asking at the terminal, or by saying how."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable

import msgspec

from runfold.bus.ports import Bus
from runfold.cli.outcome import say
from runfold.cli.progress import Progress
from runfold.contracts.events import NodeRunWaiting
from runfold.contracts.requests import AnswerRequest
from runfold.errors import InvalidInputs
from runfold.ids import address_of

ACTIONS = ("approved", "rejected")


class Answer(msgspec.Struct, frozen=True):
    """An answer given beforehand."""

    action: str
    feedback: str = ""


def parse_answers(given: Iterable[str]) -> dict[str, Answer]:
    """`node=approved` and `node=rejected:feedback`, by node.

    Raises:
        InvalidInputs: When one is written otherwise.
    """
    answers = {}
    for text in given:
        node, equals, rest = text.partition("=")
        action, _, feedback = rest.partition(":")
        if not equals or action not in ACTIONS:
            message = f"--answer {text!r}: write node=approved or node=rejected:why"
            raise InvalidInputs(message)
        answers[node] = Answer(action, feedback)
    return answers


class Answers:
    """Deals with waiting human nodes while a run is shown.

    Args:
        bus: Where answers are sent.
        given: Answers by node id or address.
        progress: Shown around a question.
    """

    def __init__(self, bus: Bus, given: dict[str, Answer], progress: Progress) -> None:
        self._bus = bus
        self._given = given
        self._progress = progress
        self._tasks: set[asyncio.Task[None]] = set()
        self._impossible: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.given_up = False

    def on_waiting(self, event: NodeRunWaiting) -> None:
        """A node waits."""
        if event.waiting_for != "human":
            return
        address = address_of(event.scope, event.node_id)
        answer = self._given.get(address) or self._given.get(event.node_id)
        if answer is not None:
            self._start(self._send(event, answer))
        elif sys.stdin.isatty() and sys.stdout.isatty():
            self._start(self._ask(event, address))
        else:
            self._say_how(event, address)

    async def impossible(self) -> str:
        """Wait until a node waits for an answer that cannot come."""
        return await self._impossible

    async def close(self) -> None:
        """Stop asking."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._impossible.cancel()

    def _start(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]  # a coroutine
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, event: NodeRunWaiting, answer: Answer) -> None:
        request = AnswerRequest(token=event.token, action=answer.action, feedback=answer.feedback)
        await self._bus.requests.send(request)

    async def _ask(self, event: NodeRunWaiting, address: str) -> None:
        with self._progress.paused():
            print(f"\n{address}: {event.message or 'your review is wanted'}")
            if event.content is not None:
                content = event.content
                as_text = isinstance(content, str)
                print(content if as_text else msgspec.json.encode(content).decode())
            action = ""
            while not action:
                reply = (await read_line("approve or reject? [a/r] ")).strip().lower()
                action = {"a": "approved", "r": "rejected"}.get(reply[:1], "")
            feedback = (await read_line("feedback (Enter for none): ")).strip()
        await self._send(event, Answer(action, feedback))

    def _say_how(self, event: NodeRunWaiting, address: str) -> None:
        how = f"answer it with --answer {event.node_id}=approved (or =rejected:why)"
        if event.due is not None:
            say(f"{address} waits for a person, and goes on at its timeout; {how}")
            return
        self.give_up(f"{address} waits for a person and nobody can be asked here: {how}")

    def give_up(self, message: str) -> None:
        """What a node waits for cannot come."""
        self.given_up = True
        if not self._impossible.done():
            self._impossible.set_result(message)


async def read_line(prompt: str) -> str:
    """A line from the terminal, without holding up anything else."""
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[str] = loop.create_future()
    print(prompt, end="", flush=True)

    def on_readable() -> None:
        if not typed.done():
            typed.set_result(sys.stdin.readline())

    loop.add_reader(sys.stdin.fileno(), on_readable)
    try:
        return await typed
    finally:
        loop.remove_reader(sys.stdin.fileno())
