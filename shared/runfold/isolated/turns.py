"""Turns at something scarce, shared fairly between workflows, runs, or other groups of askers."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

Asker = tuple[str, ...]
"""Who asks, from the outermost group inwards: a workflow, then one of its runs."""


class FairTurns:
    """Gives at most `size` turns at a time; those who wait get theirs group by group.

    Args:
        size: Turns at a time.
        shares: Of these, the most that one group of each depth may have.
    """

    def __init__(self, size: int, shares: tuple[int, ...]) -> None:
        self._free = size
        self._shares = shares
        self._taken: dict[Asker, int] = {}
        self._waiting = _Ring()

    @asynccontextmanager
    async def turn(self, asker: Asker) -> AsyncIterator[None]:
        """Wait for a turn, and have it inside the block."""
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put(asker, (asker, mine))
        self._give()
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._release(asker)
            raise
        try:
            yield
        finally:
            self._release(asker)

    def _give(self) -> None:
        while self._free:
            found = self._waiting.take((), self._may_have)
            if found is None:
                return
            asker, turn = found
            if turn.done():  # given up while it waited
                continue
            self._free -= 1
            for group in _groups(asker):
                self._taken[group] = self._taken.get(group, 0) + 1
            turn.set_result(None)

    def _release(self, asker: Asker) -> None:
        self._free += 1
        for group in _groups(asker):
            self._taken[group] -= 1
            if not self._taken[group]:
                del self._taken[group]
        self._give()

    def _may_have(self, group: Asker) -> bool:
        """Whether a group has less than its share."""
        depth = len(group)
        if not 0 < depth <= len(self._shares):
            return True
        return self._taken.get(group, 0) < self._shares[depth - 1]


_Turn = tuple[Asker, "asyncio.Future[None]"]


class _Ring:
    """Those who wait in one group, and the groups in it, in turn."""

    def __init__(self) -> None:
        self._own: deque[_Turn] = deque()
        self._groups: OrderedDict[str, _Ring] = OrderedDict()

    def put(self, path: Asker, turn: _Turn) -> None:
        """Line up in the group at the end of a path."""
        if path:
            self._groups.setdefault(path[0], _Ring()).put(path[1:], turn)
        else:
            self._own.append(turn)

    def take(self, here: Asker, may_have: Callable[[Asker], bool]) -> _Turn | None:
        """The next turn of a group that may have one."""
        if not may_have(here):
            return None
        if self._own:
            return self._own.popleft()
        for name in tuple(self._groups):
            group = self._groups[name]
            found = group.take((*here, name), may_have)
            if not group:
                del self._groups[name]
            elif found is not None:
                self._groups.move_to_end(name)
            if found is not None:
                return found
        return None

    def __bool__(self) -> bool:
        """Whether somebody waits."""
        return bool(self._own or self._groups)


def _groups(asker: Asker) -> Iterator[Asker]:
    for depth in range(1, len(asker) + 1):
        yield asker[:depth]
