"""Messages that could not be handled, in memory."""

from __future__ import annotations

import builtins
from collections.abc import Awaitable, Callable

from runfold.bus.memory.notices import MemoryNotices
from runfold.bus.memory.queues import MemoryRequests, MemoryTasks
from runfold.bus.ports.messages import Ack
from runfold.bus.ports.notices import Notice
from runfold.bus.ports.stores import KeptLetter
from runfold.bus.requeue import REQUESTS, TASKS, again, no_letter
from runfold.bus.run_log import RunLog
from runfold.contracts import subjects
from runfold.contracts.tasks import DeadLetter
from runfold.ids import is_token


class MemoryDeadLetters:
    """`runfold.bus.ports.stores.DeadLetters` in a dict."""

    def __init__(
        self,
        clock: Callable[[], float],
        notices: MemoryNotices,
        runs: RunLog,
        tasks: MemoryTasks,
        requests: MemoryRequests,
    ) -> None:
        self._clock = clock
        self._notices = notices
        self._runs = runs
        self._tasks = tasks
        self._requests = requests
        self._letters: dict[int, KeptLetter] = {}
        self._refused: dict[str, set[int]] = {}
        self._watchers: dict[str, builtins.list[Callable[[DeadLetter], None]]] = {}
        self._last_seq = 0

    async def bury(self, stream: str, letter: DeadLetter) -> None:
        """Keep a message with the reason."""
        self._last_seq += 1
        kept = self._letters[self._last_seq] = KeptLetter(self._last_seq, self._clock(), letter)
        self._notices.tell("dead", Notice(kept.seq, kept.time))
        if stream == subjects.REQUESTS and is_token(letter.run_id):
            self._refused.setdefault(letter.run_id, set()).add(self._last_seq)
            for on_letter in list(self._watchers.get(letter.run_id, ())):
                on_letter(letter)

    async def refusals(self, run_id: str) -> builtins.list[DeadLetter]:
        """Requests about a run that were refused, or that were to begin it; newest last."""
        places = sorted(self._refused.get(run_id, ()))
        return [self._letters[seq].letter for seq in places if seq in self._letters]

    async def watch_refusals(
        self, run_id: str, on_letter: Callable[[DeadLetter], None]
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_letter` for each such letter that is buried from now on."""
        watchers = self._watchers.setdefault(run_id, [])
        watchers.append(on_letter)

        async def stop() -> None:
            watchers.remove(on_letter)

        return stop

    async def read(self, *, limit: int = 100) -> builtins.list[DeadLetter]:
        """The newest ones, newest last."""
        return [kept.letter for kept in await self.list(limit=limit)]

    async def list(
        self,
        *,
        limit: int = 100,
        before: int | None = None,
        fits: Callable[[DeadLetter], bool] | None = None,
    ) -> builtins.list[KeptLetter]:
        """The newest ones with their places, newest last."""
        found = [
            kept
            for kept in self._letters.values()
            if (before is None or kept.seq < before) and (fits is None or fits(kept.letter))
        ]
        return found[-limit:]

    async def get(self, seq: int) -> KeptLetter:
        """One of them. Raises `NotFound`."""
        if seq not in self._letters:
            raise no_letter(seq)
        return self._letters[seq]

    async def drop(self, seq: int) -> None:
        """Remove one of them. Raises `NotFound`."""
        await self.get(seq)
        del self._letters[seq]

    async def requeue(self, seq: int) -> Ack:
        """Put a task or a request back in its queue, and remove the letter."""
        message = await again(await self.get(seq), self._runs)
        if message.subject.startswith(TASKS):
            group, _, node_type = message.subject.removeprefix(TASKS).partition(".")
            ack = self._tasks.put(group, node_type, message.body, message.msg_id)
        else:
            ack = self._requests.put(message.subject.removeprefix(REQUESTS), message.body)
        del self._letters[seq]
        return ack
