"""One answer as it comes to be: the parts of its template, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from runfold.engine.answers.chunks import Heard
from runfold.engine.history.fold import Folder
from runfold.engine.state.run import ENDED, NodeState
from runfold.engine.state.scopes import lookup_in_scope
from runfold.errors import ReferenceMissing
from runfold.graph.kinds import kind_of
from runfold.graph.plan.pipes import READABLE
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of
from runfold.values.json_text import text_of
from runfold.values.references import Ref, exact_ref, resolve
from runfold.values.template_scan import scan

OUTPUT, REASONING = "output", "reasoning"


class AnswerDelta(msgspec.Struct, frozen=True, omit_defaults=True):
    """A piece of an answer's text."""

    node_id: str
    text: str
    index: int
    """0, 1, 2, … within the answer."""
    replace: bool = False
    """The text stands for all that was sent of this answer's kind before."""
    kind: Literal["text", "reasoning"] = "text"
    """`reasoning`: what a model thought before it said what follows; no part of the answer."""
    scope: str = ""


class Told(NamedTuple):
    """A part's text so far, what was thought before it, and whether that is all."""

    text: str
    done: bool
    reasoning: str = ""


Through = Callable[[PlanNode], str]
"""What the answers inside a composite have said so far."""


class Speaker:
    """An `answer`, or an `end` that answers.

    Args:
        folder: The run.
        heard: What streaming nodes have said.
        plan: The graph it is in.
        scope: Its scope.
        node: Itself.
        through: What answers inside composites of the graph have said.
    """

    def __init__(
        self,
        folder: Folder,
        heard: Heard,
        plan: Plan,
        scope: str,
        node: PlanNode,
        through: Through,
    ) -> None:
        self._folder, self._heard, self._through = folder, heard, through
        self._plan, self._scope, self._node = plan, scope, node
        self._field = field_of(node)
        self._parts = scan(str(node.config.get(self._field, ""))).parts
        """None: the template has more than references, and is told as a whole at the end."""
        shown = {(ref.root, *ref.path) for ref in node.refs}
        self._shows_reasoning = {root for root, *path in shown if path == [REASONING]}
        self._at = 0
        self._before = Told("", done=True)
        """What the parts that are done came to."""
        self._sent: dict[Literal["text", "reasoning"], str] = {"text": "", "reasoning": ""}
        self._index = 0

    @property
    def text(self) -> str:
        """What was said so far."""
        return self._sent["text"]

    @property
    def done(self) -> bool:
        """Whether nothing more will be said."""
        return self._ended(self._held(self._node.id))

    def speak(self) -> Iterator[AnswerDelta]:
        """Go on as far as the sources are."""
        held = self._held(self._node.id)
        while self._parts is not None and self._at < len(self._parts):
            told = self._told(self._parts[self._at])
            reasoning = self._before.reasoning + told.reasoning
            yield from self._upto("reasoning", reasoning, final=told.done)
            if not self._ended(held):
                yield from self._upto("text", self._before.text + told.text, final=told.done)
            if not told.done:
                break
            self._before = Told(self._before.text + told.text, done=True, reasoning=reasoning)
            self._at += 1
        if held is not None and self._ended(held):
            whole = text_of(held.outputs.get(self._field, ""))
            yield from self._upto("text", whole, final=True)

    def retract(self) -> Iterator[AnswerDelta]:
        """Take back what was said: the answer will not come about."""
        for kind in self._sent:
            yield from self._upto(kind, "", final=True)

    def _upto(
        self, kind: Literal["text", "reasoning"], text: str, *, final: bool
    ) -> Iterator[AnswerDelta]:
        """What is to be sent so that `text` is what was sent.

        A text that begins anew like the one before is not taken back as long as it may become it.
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
            scope=self._scope,
        )
        self._sent[kind] = text
        self._index += 1

    def _told(self, part: str | Ref) -> Told:
        if isinstance(part, str):
            return Told(part, done=True)
        source = self._plan.nodes.get(part.root)
        held = self._held(part.root) if source is not None else None
        if source is None:
            return Told(text_of(self._value(part)), done=True)
        if held is not None and held.status in ("skipped", "cancelling", "cancelled"):
            return Told("", done=True)
        if held is not None and self._ended(held):
            return Told(text_of(self._value(part)), done=True, reasoning=self._thought(part, held))
        if source.type == "aggregate":
            return self._first_of(source, part)
        if source.bodies or source.calls:
            passes = part.path == ("answer",)
            return Told(self._through(source) if passes else "", done=False)
        if not _streams(source, part):
            return Told("", done=False)
        attempt = None if held is None else held.attempt
        address, output = self._address(part.root), str(part.path[0])
        text = self._heard.text(address, output, attempt)
        return Told(text, done=False, reasoning=self._thought(part, held))

    def _first_of(self, aggregate: PlanNode, part: Ref) -> Told:
        """What will come through an `aggregate`, as soon as that is decided."""
        for candidate in passed_on(aggregate, part):
            held = self._held(candidate.root)
            if held is not None and self._ended(held):
                if self._value(candidate) is None:
                    continue
            elif held is None and not self._heard.anything(self._address(candidate.root)):
                break
            told = self._told(candidate)
            return Told(told.text, done=False, reasoning=told.reasoning)
        return Told("", done=False)

    def _thought(self, part: Ref, held: NodeState | None) -> str:
        """What a model thought: its result says it when there is one."""
        if part.path != (OUTPUT,) or part.root in self._shows_reasoning:
            return ""
        said = held.outputs.get(REASONING) if held is not None and self._ended(held) else None
        if isinstance(said, str):
            return said
        attempt = None if held is None else held.attempt
        return self._heard.text(self._address(part.root), REASONING, attempt)

    def _value(self, ref: Ref) -> Any:
        """A value; None when there is none: the node itself says so, when it fails."""
        lookup = lookup_in_scope(self._folder.plan, self._folder.state, self._scope)
        try:
            return resolve(ref, lookup)
        except ReferenceMissing:
            return None

    def _address(self, node_id: str) -> str:
        return address_of(self._scope, node_id)

    def _held(self, node_id: str) -> NodeState | None:
        return self._folder.state.nodes.get(self._address(node_id))

    @staticmethod
    def _ended(held: NodeState | None) -> bool:
        return held is not None and held.status in ENDED


def field_of(node: PlanNode) -> str:
    """The configuration field that is a node's answer, empty when it has none."""
    fields = ("answer",) if node.type == "answer" else ("answer", "output")
    return next((name for name in fields if isinstance(node.config.get(name), str)), "")


def passed_on(aggregate: PlanNode, part: Ref) -> list[Ref]:
    """The references of which an `aggregate` passes on the first that there is, under a name."""
    config = aggregate.config
    values: Any = None
    if config.get("groups"):
        values = config["groups"].get(part.path[0]) if len(part.path) == 1 else None
    elif config.get("mode", "first") == "first" and part.path == (OUTPUT,):
        values = config.get("values")
    refs = [exact_ref(value) for value in values] if isinstance(values, list) else []
    # After something that is no reference, nothing can be said beforehand.
    known = refs.index(None) if None in refs else len(refs)
    return [ref for ref in refs[:known] if ref is not None]


def may_stream(plan: Plan, node: PlanNode) -> bool:
    """Whether a node's answer has parts that come piece by piece."""
    parts = scan(str(node.config.get(field_of(node), ""))).parts
    left = [part for part in parts or () if isinstance(part, Ref)]
    while left:
        ref = left.pop()
        source = plan.nodes.get(ref.root)
        if source is None:
            continue
        if _streams(source, ref) or (source.calls and ref.path == ("answer",)):
            return True
        if source.type == "aggregate":
            left += [one for one in passed_on(source, ref) if one.root != source.id]
    return False


def _streams(node: PlanNode, ref: Ref) -> bool:
    kind = kind_of(node.type)
    return kind is not None and kind.streams and len(ref.path) == 1 and ref.path[0] in READABLE
