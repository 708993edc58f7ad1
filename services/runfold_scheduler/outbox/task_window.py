"""Handing tasks out fairly: few wait in a group's queue, the rest wait here, in turn by workflow.

A queue is first come, first served; one workflow's flood of tasks would hold up everybody else's
behind it. So only as many tasks as executors can take up soon are put in a group's queue. What
waits beyond that is let in by priority, and workflows of the same priority take turns.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable

from runfold.engine.decide.effects import Dispatch
from runfold.engine.state.runs import may_decide
from runfold_scheduler.actor import RunActor

SIZE = 512
"""Tasks of one group that may be in its queue and not begun."""

_Waiting = tuple[RunActor, Dispatch]


class _Group:
    __slots__ = ("lanes", "unbegun")

    def __init__(self) -> None:
        self.unbegun = 0
        self.lanes: dict[int, OrderedDict[str, deque[_Waiting]]] = {}

    def add(self, actor: RunActor, effect: Dispatch) -> None:
        lane = self.lanes.setdefault(actor.state.priority, OrderedDict())
        lane.setdefault(actor.state.workflow_id, deque()).append((actor, effect))

    def take(self) -> _Waiting | None:
        """The next one: of the highest priority, of the workflow whose turn it is."""
        while self.lanes:
            priority = max(self.lanes)
            lane = self.lanes[priority]
            if not lane:
                del self.lanes[priority]
                continue
            workflow_id, waiting = next(iter(lane.items()))
            actor, effect = waiting.popleft()
            if waiting:
                lane.move_to_end(workflow_id)
            else:
                del lane[workflow_id]
            if effect.key not in actor.tasks:
                continue
            if may_decide(actor.state):
                return actor, effect
            # Paused meanwhile: it is decided again when the run is resumed.
            actor.tasks.discard(effect.key)
            actor.forget(effect)
        return None


class TaskWindow:
    """Offers tasks to their groups.

    Args:
        push: Puts one in its group's queue.
        size: Tasks of a group that may be in its queue and not begun.
    """

    def __init__(self, push: Callable[[RunActor, Dispatch], None], size: int = SIZE) -> None:
        self._push = push
        self._size = size
        self._groups: dict[str, _Group] = {}
        self._pushed: dict[str, str] = {}
        """Task in a queue and not begun → its group."""

    def offer(self, actor: RunActor, effect: Dispatch) -> None:
        """Hand a task out now, or when its turn comes.

        One in a queue already is handed out again: the asker was told that it may be lost.
        """
        if effect.key in self._pushed:
            self._push(actor, effect)
            return
        group = self._groups.setdefault(effect.group, _Group())
        waits = effect.key in actor.tasks
        actor.tasks.add(effect.key)
        if group.unbegun >= self._size:
            if not waits:
                group.add(actor, effect)
            return
        self._let_in(group, actor, effect)

    def begun(self, actor: RunActor, key: str) -> None:
        """An executor began a task, or it is settled without that: the next may come."""
        if key in actor.tasks:
            actor.tasks.discard(key)
            self._settle(key)

    def drop(self, actor: RunActor) -> None:
        """A run is over: none of its tasks waits any more."""
        tasks = list(actor.tasks)
        actor.tasks.clear()
        for key in tasks:
            self._settle(key)

    def _settle(self, key: str) -> None:
        group_name = self._pushed.pop(key, None)
        if group_name is None:
            return
        group = self._groups[group_name]
        group.unbegun -= 1
        while group.unbegun < self._size and (following := group.take()) is not None:
            self._let_in(group, *following)

    def _let_in(self, group: _Group, actor: RunActor, effect: Dispatch) -> None:
        group.unbegun += 1
        self._pushed[effect.key] = effect.group
        self._push(actor, effect)
