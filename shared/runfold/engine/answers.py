"""The text of `answer` nodes as it comes to be, piece by piece, in the order of their templates.

Another fold of the log, with the chunks beside it. One answer speaks at a time; the next begins
when it is sure to run and the one before is done. What was sent is always set right in the end:
the pieces of an answer, the last `replace` among them and what follows it, are the node's output.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from runfold.contracts.events import Recorded, RecordedChunk, StreamChunk
from runfold.engine.fold import Folder
from runfold.engine.scopes import node_view
from runfold.engine.state import ENDED, NodeState
from runfold.errors import ReferenceMissing
from runfold.graph.definition import OUT
from runfold.graph.kinds import kind_of
from runfold.graph.plan import Plan, PlanNode
from runfold.ids import address_of
from runfold.values.json_text import text_of
from runfold.values.references import Ref, lookup_in, resolve
from runfold.values.template_scan import scan

STREAMED = ("output",)
"""The path whose text a streaming node sends ahead."""


class AnswerDelta(msgspec.Struct, frozen=True, omit_defaults=True):
    """A piece of an answer's text."""

    node_id: str
    text: str
    index: int
    """0, 1, 2, … within the answer."""
    replace: bool = False
    """The text stands for all that was sent of this answer before."""


class _Spoken:
    """How far one answer is."""

    def __init__(self, node: PlanNode) -> None:
        self.node = node
        self.parts = scan(str(node.config.get("answer", ""))).parts
        """None: the template has more than references, and is told as a whole at the end."""
        self.at = 0
        self.before = ""
        """Text of the parts that are done."""
        self.sent = ""
        self.index = 0

    def up_to(self, text: str) -> Iterator[AnswerDelta]:
        """What is to be sent so that `text` is what was sent."""
        if text == self.sent:
            return
        if text.startswith(self.sent):
            yield AnswerDelta(self.node.id, text[len(self.sent) :], self.index)
        else:
            yield AnswerDelta(self.node.id, text, self.index, replace=True)
        self.sent = text
        self.index += 1


class _Text:
    """What one streaming node has said in its newest attempt."""

    __slots__ = ("attempt", "last_index", "pieces")

    def __init__(self, attempt: int = 0) -> None:
        self.attempt = attempt
        self.last_index = -1
        self.pieces: list[str] = []


class AnswerStream:
    """The answers of one run; fed with its events and chunks from the first on.

    Args:
        folder: The run after its first event; stepped by `feed`.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        answers = [node for node in folder.plan.nodes.values() if node.type == "answer"]
        self._unsure = {node.id: _Spoken(node) for node in answers}
        self._queue: list[_Spoken] = []
        self._texts: dict[str, _Text] = {}
        """What streaming nodes have said so far."""

    def feed(self, message: Recorded | RecordedChunk) -> list[AnswerDelta]:
        """The pieces that a message makes ready."""
        if isinstance(message, RecordedChunk):
            self._add(message.chunk)
        else:
            self._folder.apply(message)
        if self._unsure and isinstance(message, Recorded):
            self._settle_unsure()
        deltas: list[AnswerDelta] = []
        while self._queue:
            spoken = self._queue[0]
            deltas += self._speak(spoken)
            if self._status(spoken.node.id) not in ENDED:
                break
            self._queue.pop(0)
        return deltas

    def _add(self, chunk: StreamChunk) -> None:
        if chunk.scope or chunk.kind != "text" or (chunk.name,) != STREAMED:
            return
        text = self._texts.setdefault(chunk.node_id, _Text())
        if chunk.attempt < text.attempt:
            return
        if chunk.attempt > text.attempt or chunk.index == 0:
            # Another attempt, or the same one taken up by another executor, begins anew.
            text = self._texts[chunk.node_id] = _Text(chunk.attempt)
        elif chunk.index <= text.last_index:
            return
        text.last_index = chunk.index
        text.pieces.append(chunk.text)

    def _settle_unsure(self) -> None:
        known: dict[str, bool] = {}
        for node_id in list(self._unsure):
            if self._status(node_id) in ("skipped", "skipping"):
                del self._unsure[node_id]
            elif _is_sure(self._folder, node_id, known):
                self._queue.append(self._unsure.pop(node_id))

    def _speak(self, spoken: _Spoken) -> Iterator[AnswerDelta]:
        """Go on with an answer as far as its sources are."""
        held = self._node(spoken.node.id)
        if held is not None and held.status in ENDED:
            yield from spoken.up_to(text_of(held.outputs.get("answer", "")))
            return
        if spoken.parts is None:
            return
        while spoken.at < len(spoken.parts):
            text, done = self._text_of_part(spoken.parts[spoken.at])
            yield from spoken.up_to(spoken.before + text)
            if not done:
                return
            spoken.before += text
            spoken.at += 1

    def _text_of_part(self, part: str | Ref) -> tuple[str, bool]:
        """A part's text so far, and whether it is all of it."""
        if isinstance(part, str):
            return part, True
        source = self._folder.plan.nodes.get(part.root)
        if source is None:
            return _resolved(part, self._folder.state.values), True
        held = self._node(part.root)
        if held is not None and held.status == "skipped":
            return "", True
        if held is not None and held.status in ENDED:
            return _resolved(part, {part.root: node_view(held)}), True
        if part.path == STREAMED and _streams(source):
            text = self._texts.get(part.root, _Text())
            current = held is None or held.attempt == text.attempt
            return ("".join(text.pieces) if current else ""), False
        return "", False

    def _node(self, node_id: str) -> NodeState | None:
        return self._folder.state.nodes.get(address_of("", node_id))

    def _status(self, node_id: str) -> str:
        held = self._node(node_id)
        return held.status if held is not None else ""


def _resolved(ref: Ref, values: dict[str, Any]) -> str:
    """A value's text; what is missing is said by the answer node itself, when it fails."""
    try:
        return text_of(resolve(ref, lookup_in(values)))
    except ReferenceMissing:
        return ""


def _streams(node: PlanNode) -> bool:
    kind = kind_of(node.type)
    return kind is not None and kind.streams


def _is_sure(folder: Folder, node_id: str, known: dict[str, bool]) -> bool:
    """Whether a node will run unless something fails: some path to it is decided all along."""
    plan, state = folder.plan, folder.state
    sources = _sources(plan)
    stack = [node_id]
    while stack:
        here = stack[-1]
        held = state.nodes.get(here)
        if here in known or held is not None:
            known.setdefault(here, held is not None and held.status not in ("skipped", "skipping"))
            stack.pop()
            continue
        unknown = [source for source, _ in sources[here] if source not in known]
        if unknown:
            stack += unknown
            continue
        known[here] = any(
            known[source] and _leads(plan.nodes[source], state.nodes.get(source), port)
            for source, port in sources[here]
        )
        stack.pop()
    return known[node_id]


def _sources(plan: Plan) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {node_id: [] for node_id in plan.nodes}
    for node in plan.nodes.values():
        for port, targets in node.targets.items():
            for target in targets:
                found[target].append((node.id, port))
    return found


def _leads(source: PlanNode, held: NodeState | None, port: str) -> bool:
    """Whether an edge is taken, or can be nothing else."""
    if held is not None and held.status in ENDED:
        return held.port == port
    return source.ports == (OUT,) and port == OUT
