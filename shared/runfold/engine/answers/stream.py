"""The text of a run's answers while it is being produced, in the order of their templates.

This is another fold of the log, together with the chunks. One answer is sent at a time. The next
begins when it is certain to run and the one before is done. In the end what was sent is right: the
last piece with `replace`, and the pieces after it, are together the node's output.

Answers come from `answer` nodes, and from those inside composites and sub-workflows, scope by
scope. That something refers to the composite changes nothing; only an answer that passes on
`{{call.answer}}` of a sub-workflow sends those as its own part. In a workflow without `answer`
nodes they come from its `end` nodes.
"""

from __future__ import annotations

from collections.abc import Iterator

from runfold.contracts.events import Recorded, RecordedChunk
from runfold.engine.answers.certainty import is_certain
from runfold.engine.answers.chunks import StreamedTexts
from runfold.engine.answers.graph_context import GraphContext, has_ended
from runfold.engine.answers.parts import may_stream, passed_by
from runfold.engine.answers.speaker import (
    ANSWER_FIELDS,
    AnswerDelta,
    Speaker,
    field_of,
    template_of,
)
from runfold.engine.decide.outputs import ANSWER, END
from runfold.engine.history.fold import Folder
from runfold.engine.state.composites import Composite
from runfold.engine.state.state_machines import Machine
from runfold.graph.plan.plan import Plan, PlanNode

__all__ = ["AnswerDelta", "AnswerStream"]


class AnswerStream:
    """The answers of one run; fed with its events and chunks from the first on.

    Args:
        folder: The run after its first event; stepped by `feed`.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._streamed = StreamedTexts()
        ctx = GraphContext(folder, self._streamed, folder.plan, "")
        self._answers = _GraphAnswers(ctx)

    def feed(self, message: Recorded | RecordedChunk) -> list[AnswerDelta]:
        """The pieces that a message makes ready."""
        if isinstance(message, RecordedChunk):
            self._streamed.add(message.chunk)
        else:
            self._folder.apply(message)
        return list(self._answers.advance())


class _GraphAnswers:
    """The answers of one graph in one scope, one at a time."""

    def __init__(self, ctx: GraphContext) -> None:
        self._ctx = ctx
        self._referred: dict[str, _CompositeAnswers] = {}
        """Composites whose answers are sent as parts of another answer."""
        answering = _answering(ctx.graph, is_run=not ctx.scope)
        self._passed = _passed(ctx.graph, answering)
        """Composite → the answers that pass on those inside it, as long as they may run."""
        self._uncertain = {
            node.id: self._speaker(node) for node in answering if node.id not in self._passed
        }
        self._barriers = set(self._uncertain)
        self._certain: list[Speaker | _CompositeAnswers] = []
        self._at = 0
        self._sorted_at = -1

    @property
    def text(self) -> str:
        """The text that was sent so far."""
        return "".join(one.text for one in self._certain)

    def advance(self) -> Iterator[AnswerDelta]:
        """The pieces that are ready now."""
        if self._uncertain and self._sorted_at != self._ctx.folder.read_seq:
            self._sorted_at = self._ctx.folder.read_seq
            self._sort_out()
        while self._at < len(self._certain):
            one = self._certain[self._at]
            yield from one.advance()
            if not one.done:
                return
            self._at += 1

    def close(self) -> Iterator[AnswerDelta]:
        """Take back answers that have begun and not ended: the scope is closed."""
        for one in self._certain[self._at :]:
            yield from one.retract()

    def _sort_out(self) -> None:
        """Drop answers that will not run, and line up those that will."""
        for node_id in list(self._uncertain):
            held = self._ctx.node(node_id)
            if held is not None and held.status in ("skipped", "skipping"):
                del self._uncertain[node_id]
                self._take_back(node_id)
        known: dict[str, bool] = {}
        for node_id in list(self._uncertain):
            if is_certain(self._ctx, node_id, known, self._barriers):
                self._certain.append(self._uncertain.pop(node_id))

    def _take_back(self, answer_id: str) -> None:
        """Send the answers of composites by themselves that a skipped answer would have sent."""
        for node_id, by in list(self._passed.items()):
            by.discard(answer_id)
            if not by:
                del self._passed[node_id]
                self._uncertain[node_id] = self._speaker(self._ctx.graph.nodes[node_id])
                self._barriers.add(node_id)

    def _speaker(self, node: PlanNode) -> Speaker | _CompositeAnswers:
        if node.type in ANSWER_FIELDS:
            return Speaker(self._ctx, node, self._text_inside)
        return _CompositeAnswers(self._ctx, node)

    def _text_inside(self, node: PlanNode) -> str:
        answers = self._referred.get(node.id)
        if answers is None:
            answers = self._referred[node.id] = _CompositeAnswers(self._ctx, node)
        for _ in answers.advance():
            pass  # sent by the answer that refers to it
        return answers.text


class _CompositeAnswers:
    """The answers inside a composite, scope by scope."""

    def __init__(self, ctx: GraphContext, node: PlanNode) -> None:
        self._ctx, self._node = ctx, node
        self._inside: _GraphAnswers | None = None
        self._index = 0
        self._before = ""

    @property
    def text(self) -> str:
        """The text that was sent so far."""
        return self._before + (self._inside.text if self._inside else "")

    @property
    def done(self) -> bool:
        """Whether no further piece follows."""
        return has_ended(self._ctx.node(self._node.id)) and self._inside is None

    def advance(self) -> Iterator[AnswerDelta]:
        """The pieces that are ready now."""
        held = self._ctx.node(self._node.id)
        if held is None:
            return
        composite = held.composite
        while composite is not None and self._index < composite.begun:
            self._inside = self._inside or self._opened(composite)
            if self._inside is not None:
                yield from self._inside.advance()
            if held.status == "active" and self._index in composite.under_way:
                return
            yield from self.retract()
            self._index += 1
        if has_ended(held):
            yield from self.retract()

    def retract(self) -> Iterator[AnswerDelta]:
        """Take back answers that have begun and not ended: the scope is closed."""
        if self._inside is not None:
            yield from self._inside.close()
            self._before += self._inside.text
            self._inside = None

    def _opened(self, composite: Composite) -> _GraphAnswers | None:
        if isinstance(composite, Machine):
            return None
        ctx = self._ctx.inside(self._node.id, self._index, composite.body_name(self._index))
        return _GraphAnswers(ctx) if ctx else None


def _answering(graph: Plan, *, is_run: bool) -> list[PlanNode]:
    """The nodes of a graph that answer, or have answers inside, in the definition's order."""
    answers = [node for node in graph.nodes.values() if node.type == ANSWER]
    ends = [node for node in graph.nodes.values() if node.type == END and field_of(node)]
    answering = answers
    if is_run and not answers:
        answering = [node for node in ends if _is_answer(graph, node)]
    inside = [node for node in graph.nodes.values() if _has_answers(graph, node, frozenset())]
    return sorted((*answering, *inside), key=lambda node: node.order)


def _passed(graph: Plan, answering: list[PlanNode]) -> dict[str, set[str]]:
    """Composites with answers inside → the answers that pass those on."""
    found: dict[str, set[str]] = {}
    composites = {node.id for node in answering if node.type not in ANSWER_FIELDS}
    for node in answering:
        if node.type in ANSWER_FIELDS:
            for composite in composites & passed_by(graph, template_of(node)):
                found.setdefault(composite, set()).add(node.id)
    return found


def _is_answer(graph: Plan, end: PlanNode) -> bool:
    return field_of(end) == "answer" or may_stream(graph, template_of(end))


def _has_answers(graph: Plan, node: PlanNode, seen: frozenset[int]) -> bool:
    """Whether there are answers inside a composite, however deep."""
    for name in node.bodies or ([""] if node.calls else []):
        body = graph.body(node.id, name)
        if body is None or id(body) in seen:
            continue
        deeper = seen | {id(body)}
        for one in body.nodes.values():
            if one.type == ANSWER or _has_answers(body, one, deeper):
                return True
    return False
