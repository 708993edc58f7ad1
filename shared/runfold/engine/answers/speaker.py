"""One answer while it is being produced: the parts of its template, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from runfold.engine.answers.graph_context import GraphContext, has_ended
from runfold.engine.answers.parts import ANSWER, REASONING, PartReader, PartText, TextInside
from runfold.graph.plan.plan import PlanNode
from runfold.values.json_text import text_of
from runfold.values.template_scan import scan

ANSWER_FIELDS = {"answer": ("answer",), "end": ("answer", "output")}
"""Kind whose nodes may answer → the settings of which the first that is text is the answer."""


class AnswerDelta(msgspec.Struct, frozen=True, omit_defaults=True):
    """A piece of an answer's text."""

    node_id: str
    text: str
    index: int
    """0, 1, 2, … within the answer."""
    replace: bool = False
    """Whether the text replaces everything that was sent of this answer and kind before."""
    kind: Literal["text", "reasoning"] = "text"
    """`reasoning`: what a model thought before the text that follows; not a part of the answer."""
    scope: str = ""


class Speaker:
    """An `answer` node, or an `end` node that answers.

    Args:
        ctx: The graph that the node is in.
        node: The node.
        text_inside: The text of answers inside a composite of that graph.
    """

    def __init__(self, ctx: GraphContext, node: PlanNode, text_inside: TextInside) -> None:
        self._ctx, self._node = ctx, node
        self._field = field_of(node)
        self._parts = scan(template_of(node)).parts
        """None: the template has more than references, and is sent as a whole at the end."""
        shown = {(ref.root, *ref.path) for ref in node.refs}
        shows_reasoning = {root for root, *path in shown if path == [REASONING]}
        profile = node.profile if node.type == ANSWER else ""
        self._reader = PartReader(ctx, text_inside, shows_reasoning, profile)
        self._at = 0
        self._before = PartText("", done=True)
        """The text and reasoning of the parts that are done."""
        self._sent: dict[Literal["text", "reasoning"], str] = {"text": "", "reasoning": ""}
        self._index = 0

    @property
    def text(self) -> str:
        """The text that was sent so far."""
        return self._sent["text"]

    @property
    def done(self) -> bool:
        """Whether no further piece follows."""
        return has_ended(self._ctx.node(self._node.id))

    def advance(self) -> Iterator[AnswerDelta]:
        """The pieces that are ready now."""
        held = self._ctx.node(self._node.id)
        while self._parts is not None and self._at < len(self._parts):
            part = self._reader.read(self._parts[self._at])
            reasoning = self._before.reasoning + part.reasoning
            yield from self._become("reasoning", reasoning, final=part.done)
            if not has_ended(held):
                yield from self._become("text", self._before.text + part.text, final=part.done)
            if not part.done:
                break
            self._before = PartText(self._before.text + part.text, done=True, reasoning=reasoning)
            self._at += 1
        if held is not None and has_ended(held):
            whole = text_of(held.outputs.get(self._field, ""))
            yield from self._become("text", whole, final=True)

    def retract(self) -> Iterator[AnswerDelta]:
        """Take back the text that was sent: the node will not answer."""
        for kind in self._sent:
            yield from self._become(kind, "", final=True)

    def _become(
        self, kind: Literal["text", "reasoning"], text: str, *, final: bool
    ) -> Iterator[AnswerDelta]:
        """The piece that makes the text that was sent equal to `text`.

        A text that begins anew is not taken back as long as it may grow into the one that was sent.
        """
        sent, node_id = self._sent[kind], self._node.id
        if text == sent or (not final and sent.startswith(text)):
            return
        more = text.startswith(sent)
        yield AnswerDelta(
            node_id=node_id,
            text=text[len(sent) :] if more else text,
            index=self._index,
            replace=not more,
            kind=kind,
            scope=self._ctx.scope,
        )
        self._sent[kind] = text
        self._index += 1


def field_of(node: PlanNode) -> str:
    """The setting that is a node's answer; empty when it has none."""
    fields = ANSWER_FIELDS.get(node.type, ())
    return next((name for name in fields if isinstance(node.config.get(name), str)), "")


def template_of(node: PlanNode) -> str:
    """The template of a node's answer."""
    return str(node.config.get(field_of(node), ""))
