"""Answering for people: as told beforehand, by asking at the terminal, or by saying how."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import msgspec

from runfold.background import Background
from runfold.bus.ports.bus import Bus
from runfold.cli.answering import checked, how_to_answer, reply_to, typed
from runfold.cli.outcome import say
from runfold.cli.progress import Progress
from runfold.contracts.events import NodeRunWaiting
from runfold.contracts.requests import AnswerRequest
from runfold.errors import InvalidInputs, InvalidRequest
from runfold.graph.forms import field_types
from runfold.graph.kinds.asking import ANSWERED
from runfold.graph.kinds.human_review import APPROVED, REJECTED
from runfold.ids import address_of


class Answers:
    """Deals with nodes that wait for a person while a run is shown.

    Args:
        bus: Where answers are sent.
        given: Answers by node id or address, in turn; the last of them counts for all further.
        progress: Shown around a question.
    """

    def __init__(self, bus: Bus, given: dict[str, list[str]], progress: Progress) -> None:
        self._bus = bus
        self._given = given
        self._progress = progress
        self._tasks = Background()
        self._terminal = asyncio.Lock()
        self._impossible: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.given_up = False

    def on_waiting(self, event: NodeRunWaiting) -> None:
        """A node waits."""
        if event.waiting_for != "human":
            return
        address = address_of(event.scope, event.node_id)
        answers = self._given.get(address) or self._given.get(event.node_id)
        if answers:
            self._tasks.start(self._send_given(event, address, answers))
        elif sys.stdin.isatty() and sys.stdout.isatty():
            self._tasks.start(self._ask(event, address))
        else:
            self._say_how(event, address)

    async def impossible(self) -> str:
        """Wait until a node waits for an answer that cannot come."""
        return await self._impossible

    async def close(self) -> None:
        """Stop asking."""
        await self._tasks.end()
        self._impossible.cancel()

    async def _send_given(self, event: NodeRunWaiting, address: str, answers: list[str]) -> None:
        said = answers.pop(0) if len(answers) > 1 else answers[0]
        try:
            request = reply_to(event, said)
        except (InvalidInputs, InvalidRequest) as error:
            self.give_up(f"--answer {address}={said}: {error.message}")
        else:
            await self._bus.requests.send(request)

    async def _ask(self, event: NodeRunWaiting, address: str) -> None:
        # One at a time: several nodes may wait at once, and there is one terminal.
        async with self._terminal:
            with self._progress.paused():
                print(f"\n{address}: {event.message or 'your answer is wanted'}")
                if event.content is not None:
                    content = event.content
                    as_text = isinstance(content, str)
                    print(content if as_text else msgspec.json.encode(content).decode())
                request: AnswerRequest | None = None
                while request is None:
                    try:
                        request = await _typed_answer(event)
                    except InvalidRequest as error:
                        print(error.message)
                    except EOFError:
                        self.give_up(f"{address} waits for a person, and the terminal has ended")
                        return
        await self._bus.requests.send(request)

    def _say_how(self, event: NodeRunWaiting, address: str) -> None:
        how = f"answer it with {how_to_answer(event)}"
        if event.due is not None:
            say(f"{address} waits for a person, and goes on at its timeout; {how}")
            return
        self.give_up(f"{address} waits for a person and there is no terminal to ask at: {how}")

    def give_up(self, message: str) -> None:
        """What a node waits for cannot come."""
        self.given_up = True
        if not self._impossible.done():
            self._impossible.set_result(message)


async def _typed_answer(event: NodeRunWaiting) -> AnswerRequest:
    """Ask for what a node wants, once; raises `InvalidRequest` for what it does not take."""
    if event.options or event.allow_text:
        for number, option in enumerate(event.options, start=1):
            print(f"  {number}. {option.text}")
        words = " or your own words" if event.options and event.allow_text else ""
        prompt = f"number{words}: " if event.options else "answer: "
        return reply_to(event, _numbered(event, (await read_line(prompt)).strip()))
    if ANSWERED in event.actions:
        return checked(event, ANSWERED, await _filled(event), "")
    action = ""
    while not action:
        reply = (await read_line("approve or reject? [a/r] ")).strip().lower()
        action = {"a": APPROVED, "r": REJECTED}.get(reply[:1], "")
    values = await _filled(event) if action == APPROVED else {}
    return checked(event, action, values, (await read_line("feedback (Enter for none): ")).strip())


def _numbered(event: NodeRunWaiting, said: str) -> str:
    """The option that a number stands for, unless an option is itself called so."""
    names = {name for option in event.options for name in (option.id, option.text)}
    if said not in names and said.isdecimal() and 0 < int(said) <= len(event.options):
        return event.options[int(said) - 1].id
    return said


async def _filled(event: NodeRunWaiting) -> dict[str, Any]:
    """The values of a form, a line each; an empty line leaves one out."""
    required = event.answer_schema.get("required", ())
    values = {}
    for name, type_name in field_types(event.answer_schema).items():
        need = "required" if name in required else "Enter for none"
        said = (await read_line(f"{name} ({type_name}, {need}): ")).strip()
        if said:
            values[name] = typed(said, type_name)
    return values


async def read_line(prompt: str) -> str:
    """A line from the terminal, without holding up anything else; raises `EOFError` at its end."""
    loop = asyncio.get_running_loop()
    typed_line: asyncio.Future[str] = loop.create_future()
    print(prompt, end="", flush=True)

    def on_readable() -> None:
        if not typed_line.done():
            # Bytes that are not text must not end the reading: what they are is asked again.
            line = sys.stdin.buffer.readline()
            if line:
                typed_line.set_result(line.decode(sys.stdin.encoding, "replace"))
            else:
                typed_line.set_exception(EOFError())

    loop.add_reader(sys.stdin.fileno(), on_readable)
    try:
        return await typed_line
    finally:
        loop.remove_reader(sys.stdin.fileno())
