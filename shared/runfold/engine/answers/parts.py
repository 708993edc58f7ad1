"""One part of an answer's template: its text so far, and where that comes from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from runfold.engine.answers.graph_context import GraphContext, has_ended
from runfold.engine.state.agents import Agent
from runfold.engine.state.nodes import NodeState
from runfold.graph.kinds import kind_of
from runfold.graph.kinds.agent_tools import CALL
from runfold.graph.plan.pipes import READABLE
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of, child_scope
from runfold.values.references import Ref, exact_ref
from runfold.values.template_scan import scan

OUTPUT, REASONING = "output", "reasoning"
ANSWER, END = "answer", "end"
"""Kinds that answer; `answer` is also the output in which they do."""
AGGREGATE = "aggregate"
"""The kind that passes on the outputs of other nodes."""
SILENT = ("skipped", "cancelling", "cancelled")
"""Statuses of nodes whose part is empty."""

TextInside = Callable[[PlanNode], str]
"""The text so far of the answers inside a composite."""


class PartText(NamedTuple):
    """The text of a part so far, the reasoning that came before it, and whether that is all."""

    text: str
    done: bool
    reasoning: str = ""


class PartReader:
    """Reads the parts of one answer.

    Args:
        ctx: The graph that the answer is in.
        text_inside: The text of answers inside a composite of that graph.
        shows_reasoning: Nodes whose reasoning the answer itself refers to.
        profile: By whose rules the answer writes values.
    """

    def __init__(
        self,
        ctx: GraphContext,
        text_inside: TextInside,
        shows_reasoning: Collection[str | int],
        profile: str = "",
    ) -> None:
        self._ctx = ctx
        self._profile = profile
        self._text_inside = text_inside
        self._shows_reasoning = shows_reasoning

    def read(self, part: str | Ref) -> PartText:
        """The text of a part so far."""
        if isinstance(part, str):
            return PartText(part, done=True)
        source = self._ctx.graph.nodes.get(part.root)
        if source is None:
            return PartText(self._ctx.text(part, self._profile), done=True)
        held = self._ctx.node(part.root)
        if held is not None and held.status in SILENT:
            return PartText("", done=True)
        if has_ended(held):
            text = self._ctx.text(part, self._profile)
            return PartText(text, done=True, reasoning=self._reasoning(part, held))
        return self._so_far(source, part, held)

    def _so_far(self, source: PlanNode, part: Ref, held: NodeState | None) -> PartText:
        """The text of a part whose node has not ended."""
        if source.type == AGGREGATE:
            return self._passed_on(source, part)
        if held is not None and isinstance(held.composite, Agent):
            return self._round_so_far(part, held.composite)
        if source.bodies or source.calls:
            passes = passes_answers(self._ctx.graph, part)
            return PartText(self._text_inside(source) if passes else "", done=False)
        if not streams(source, part):
            return PartText("", done=False)
        attempt = None if held is None else held.attempt
        address, output = self._ctx.address(part.root), str(part.path[0])
        text = self._ctx.streamed.text(address, output, attempt)
        return PartText(text, done=False, reasoning=self._reasoning(part, held))

    def _round_so_far(self, part: Ref, agent: Agent) -> PartText:
        """The text of an agent's newest round: if calls follow it, the next one replaces it."""
        if part.path != (OUTPUT,) or not agent.asking:
            return PartText("", done=False)
        newest = max(agent.under_way, default=agent.begun - 1)
        address = address_of(
            child_scope(self._ctx.address(part.root), newest, agent.body_name(newest)), CALL
        )
        streamed = self._ctx.streamed
        shows = part.root not in self._shows_reasoning
        thought = streamed.text(address, REASONING, None) if shows else ""
        return PartText(streamed.text(address, OUTPUT, None), done=False, reasoning=thought)

    def _passed_on(self, aggregate: PlanNode, part: Ref) -> PartText:
        """The text that an `aggregate` will pass on, as soon as it is known which that is."""
        for candidate in passed_on(aggregate, part):
            held = self._ctx.node(candidate.root)
            if has_ended(held):
                if self._ctx.value(candidate) is None:
                    continue
            elif held is None and not self._ctx.streamed.has_any(self._ctx.address(candidate.root)):
                break
            found = self.read(candidate)
            return PartText(found.text, done=False, reasoning=found.reasoning)
        return PartText("", done=False)

    def _reasoning(self, part: Ref, held: NodeState | None) -> str:
        """The reasoning of a model: from its result once there is one, else as it was streamed."""
        if part.path != (OUTPUT,) or part.root in self._shows_reasoning:
            return ""
        final = held.outputs.get(REASONING) if held is not None and has_ended(held) else None
        if isinstance(final, str):
            return final
        attempt = None if held is None else held.attempt
        return self._ctx.streamed.text(self._ctx.address(part.root), REASONING, attempt)


def passed_on(aggregate: PlanNode, part: Ref) -> list[Ref]:
    """The references of which an `aggregate` passes on the first that has a value."""
    config = aggregate.config
    values: object = None
    if config.get("groups"):
        values = config["groups"].get(part.path[0]) if len(part.path) == 1 else None
    elif config.get("mode", "first") == "first" and part.path == (OUTPUT,):
        values = config.get("values")
    refs = [exact_ref(value) for value in values] if isinstance(values, list) else []
    # Behind a value that is not a reference, nothing is known beforehand.
    known = refs.index(None) if None in refs else len(refs)
    return [ref for ref in refs[:known] if ref is not None]


def may_stream(graph: Plan, template: str) -> bool:
    """Whether the template of an answer has parts that arrive in pieces."""
    return any(
        streams(graph.nodes[ref.root], ref) or passes_answers(graph, ref)
        for ref in _live_refs(graph, template)
    )


def passed_by(graph: Plan, template: str) -> set[str]:
    """The sub-workflows whose answers the template of an answer passes on."""
    return {ref.root for ref in _live_refs(graph, template) if passes_answers(graph, ref)}


def passes_answers(graph: Plan, ref: Ref) -> bool:
    """Whether a reference reads the answers inside a sub-workflow: `{{call.answer}}`.

    It does not where the workflow's `end` gives another `answer` in their place.
    """
    source = graph.nodes.get(ref.root)
    if source is None or not source.calls or ref.path != (ANSWER,):
        return False
    child = graph.body(source.id)
    if child is None:
        return False
    given = [value for node in child.nodes.values() for value in _answers_of_end(node)]
    return not given or any(_tells(child, value) for value in given)


def _answers_of_end(node: PlanNode) -> Iterator[object]:
    """What an `end` node gives as `answer`, if it does."""
    config = node.config if node.type == END else {}
    outputs = config.get("outputs", config)
    if isinstance(outputs, dict) and ANSWER in outputs:
        yield outputs[ANSWER]


def _tells(graph: Plan, value: object) -> bool:
    """Whether an answer of an `end` repeats answers of the same graph."""
    refs = _live_refs(graph, value) if isinstance(value, str) else ()
    return any(graph.nodes[ref.root].type == ANSWER or passes_answers(graph, ref) for ref in refs)


def _live_refs(graph: Plan, template: str) -> Iterator[Ref]:
    """The nodes' references of a template that has nothing else, through what passes them on."""
    left = [part for part in scan(template).parts or () if isinstance(part, Ref)]
    while left:
        ref = left.pop()
        source = graph.nodes.get(ref.root)
        if source is None:
            continue
        yield ref
        if source.type == AGGREGATE:
            left += [one for one in passed_on(source, ref) if one.root != source.id]


def streams(node: PlanNode, ref: Ref) -> bool:
    """Whether a reference reads an output that a node streams."""
    kind = kind_of(node.type)
    return kind is not None and kind.streams and len(ref.path) == 1 and ref.path[0] in READABLE
