"""The text of answers as it comes to be, piece by piece, in the order of their templates.

Another fold of the log, with the chunks beside it. One answer speaks at a time; the next begins
when it is sure to run and the one before is done. What was sent is always set right in the end:
the pieces of an answer, the last `replace` among them and what follows it, are the node's output.

Who speaks: `answer` nodes; those inside composites and sub-workflows, item by item, unless an
answer refers to the composite; and in a workflow without `answer` nodes its `end` nodes.
"""

from __future__ import annotations

from collections.abc import Iterator

from runfold.contracts.events import Recorded, RecordedChunk
from runfold.engine.answers.certainty import is_sure
from runfold.engine.answers.chunks import Heard
from runfold.engine.answers.speaker import AnswerDelta, Speaker, field_of, may_stream
from runfold.engine.history.fold import Folder
from runfold.engine.state.run import ENDED, Loop, NodeState
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of, child_scope

__all__ = ["AnswerDelta", "AnswerStream"]


class AnswerStream:
    """The answers of one run; fed with its events and chunks from the first on.

    Args:
        folder: The run after its first event; stepped by `feed`.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._heard = Heard()
        self._session = _Session(folder, self._heard, folder.plan, "")

    def feed(self, message: Recorded | RecordedChunk) -> list[AnswerDelta]:
        """The pieces that a message makes ready."""
        if isinstance(message, RecordedChunk):
            self._heard.add(message.chunk)
        else:
            self._folder.apply(message)
        return list(self._session.speak())


class _Session:
    """The answers of one graph in one scope, one at a time."""

    def __init__(self, folder: Folder, heard: Heard, plan: Plan, scope: str) -> None:
        self._folder, self._heard = folder, heard
        self._plan, self._scope = plan, scope
        self._told: dict[str, _Rounds] = {}
        """Composites whose answers are told as parts of another."""
        self._unsure = {node.id: self._speaker(node) for node in _speaking(plan, is_run=not scope)}
        self._turns = frozenset(self._unsure)
        self._spoken: list[Speaker | _Rounds] = []
        self._at = 0
        self._settled_at = -1

    @property
    def text(self) -> str:
        """What was said so far."""
        return "".join(one.text for one in self._spoken)

    def speak(self) -> Iterator[AnswerDelta]:
        """Go on as far as the sources are."""
        if self._unsure and self._settled_at != self._folder.read_seq:
            self._settled_at = self._folder.read_seq
            self._settle()
        while self._at < len(self._spoken):
            one = self._spoken[self._at]
            yield from one.speak()
            if not one.done:
                return
            self._at += 1

    def close(self) -> Iterator[AnswerDelta]:
        """Take back what was begun: the scope is over."""
        for one in self._spoken[self._at :]:
            yield from one.retract()

    def _settle(self) -> None:
        known: dict[str, bool] = {}
        state = self._folder.state
        for node_id in list(self._unsure):
            held = state.nodes.get(address_of(self._scope, node_id))
            if held is not None and held.status in ("skipped", "skipping"):
                del self._unsure[node_id]
            elif is_sure(self._plan, state, self._scope, node_id, known, self._turns):
                self._spoken.append(self._unsure.pop(node_id))

    def _speaker(self, node: PlanNode) -> Speaker | _Rounds:
        if node.type in ("answer", "end"):
            return Speaker(
                self._folder, self._heard, self._plan, self._scope, node, self._said_inside
            )
        return _Rounds(self._folder, self._heard, self._plan, self._scope, node)

    def _said_inside(self, node: PlanNode) -> str:
        rounds = self._told.get(node.id)
        if rounds is None:
            rounds = _Rounds(self._folder, self._heard, self._plan, self._scope, node)
            self._told[node.id] = rounds
        for _ in rounds.speak():
            pass  # told by the answer that refers to it
        return rounds.text


class _Rounds:
    """The answers inside a composite, round by round, or item by item."""

    def __init__(
        self, folder: Folder, heard: Heard, plan: Plan, scope: str, node: PlanNode
    ) -> None:
        self._folder, self._heard = folder, heard
        self._plan, self._node = plan, node
        self._address = address_of(scope, node.id)
        self._session: _Session | None = None
        self._index = 0
        self._before = ""

    @property
    def text(self) -> str:
        """What was said so far."""
        return self._before + (self._session.text if self._session else "")

    @property
    def done(self) -> bool:
        """Whether nothing more will be said."""
        held = self._held
        return held is not None and held.status in ENDED and self._session is None

    def speak(self) -> Iterator[AnswerDelta]:
        """Go on as far as the sources are."""
        held = self._held
        if held is None:
            return
        loop = held.loop
        while loop is not None and self._index < loop.begun:
            self._session = self._session or self._opened(loop)
            if self._session is not None:
                yield from self._session.speak()
            if held.status == "looping" and self._index in loop.under_way:
                return
            yield from self.retract()
            self._index += 1
        if held.status in ENDED:
            yield from self.retract()

    def retract(self) -> Iterator[AnswerDelta]:
        """Take back what was begun and will not be ended: the scope is over."""
        if self._session is not None:
            yield from self._session.close()
            self._before += self._session.text
            self._session = None

    @property
    def _held(self) -> NodeState | None:
        return self._folder.state.nodes.get(self._address)

    def _opened(self, loop: Loop) -> _Session | None:
        name = loop.items[self._index] if self._node.type == "parallel" else ""
        body = self._plan.body(self._node.id, name)
        scope = child_scope(self._address, self._index, name)
        return _Session(self._folder, self._heard, body, scope) if body else None


def _speaking(plan: Plan, *, is_run: bool) -> list[PlanNode]:
    """The nodes of a graph that speak, in the definition's order."""
    answers = [node for node in plan.nodes.values() if node.type == "answer"]
    ends = [node for node in plan.nodes.values() if node.type == "end" and field_of(node)]
    speaking = answers
    if is_run and not answers:
        speaking = [node for node in ends if field_of(node) == "answer" or may_stream(plan, node)]
    referred = {ref.root for node in (*answers, *ends) for ref in node.refs}
    inside = [
        node
        for node in plan.nodes.values()
        if node.id not in referred and _has_answers(plan, node, frozenset())
    ]
    return sorted((*speaking, *inside), key=lambda node: node.order)


def _has_answers(plan: Plan, node: PlanNode, seen: frozenset[int]) -> bool:
    """Whether there are answers inside a composite, however deep."""
    for name in node.bodies or ([""] if node.calls else []):
        body = plan.body(node.id, name)
        if body is None or id(body) in seen:
            continue
        inner = body.nodes.values()
        deeper = seen | {id(body)}
        if any(one.type == "answer" or _has_answers(body, one, deeper) for one in inner):
            return True
    return False
