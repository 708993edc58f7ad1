"""A case made of a run that has ended: what went in, what nodes and people gave, what came out.

Read off the log alone. What a case cannot say is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from runfold.cases.document import KEPT, Case, Reply, ReplyError
from runfold.cases.recording import recorded
from runfold.contracts.events import (
    AnswerExtracted,
    InputReceived,
    NodeRunFailed,
    NodeRunSucceeded,
    Recorded,
    TimerFired,
)
from runfold.engine.history.fold import Folder, Plans, beginning
from runfold.engine.state.runs import RunState
from runfold.engine.state.scopes import planned_at
from runfold.engine.views.runs import run_view
from runfold.errors import Conflict
from runfold.graph.definition import OUT
from runfold.graph.kinds import INLINE
from runfold.graph.kinds.asking import ANSWERED
from runfold.graph.kinds.human_review import APPROVED
from runfold.graph.kinds.sub_workflow import is_detached
from runfold.ids import address_of
from runfold.values.files import is_file


class NotInCase(msgspec.Struct, frozen=True):
    """Something of the run that the case does not have."""

    node: Annotated[str, Meta(description="Its address; empty: the run as a whole.")]
    reason: str


class MadeCase(msgspec.Struct, frozen=True):
    """A case, and what it lacks."""

    case: Case
    left_out: tuple[NotInCase, ...]


def case_of(records: Sequence[Recorded], plans: Plans, name: str) -> MadeCase:
    """The case of an ended run.

    Args:
        records: Its log, `run_started` first.
        plans: Compiled plans.
        name: What the case is called.

    Raises:
        Conflict: `run.not_ended`.
    """
    started = beginning(records)
    folder, _ = Folder.begin(records[0], plans)
    making = _Making(folder)
    for record in records[1:]:
        before = folder.state
        if folder.apply(record):
            making.note(record, before)
    if not folder.state.ended:
        message = (
            f"run {started.run_id!r} is {folder.state.status}: a case is made of a run that has "
            "ended"
        )
        raise Conflict(message, code="run.not_ended")
    if _has_file(started.inputs):
        making.leave_out("", "cases have no files: the inputs name some whose bytes are not in it")
    if started.turn is not None and started.turn.history:
        making.leave_out("", "cases have no conversation: what was said before is not in it")
    case = Case(
        name=name,
        inputs=started.inputs,
        query=started.turn.query if started.turn is not None else "",
        answers={node: _one_or_all(given) for node, given in making.answers.items()},
    )
    made = recorded(case, run_view(folder.plan, folder.state), making.replies)
    return MadeCase(made, tuple(dict.fromkeys(making.left_out)))


class _Making:
    """What has been found so far.

    Args:
        folder: The run, as far as it was read.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self.replies: dict[str, list[Reply]] = {}
        self.answers: dict[str, list[Any]] = {}
        self.left_out: list[NotInCase] = []

    def leave_out(self, node: str, reason: str) -> None:
        """Note what the case cannot say."""
        self.left_out.append(NotInCase(node, reason))

    def note(self, record: Recorded, before: RunState) -> None:
        """Note what an event gave that counted."""
        event = record.event
        match event:
            case NodeRunSucceeded():
                self._gave(event, Reply(event.outputs, "" if event.port == OUT else event.port))
            case NodeRunFailed(error=error):
                failure = ReplyError(error.message, error.code, error.kind, error.retryable)
                self._gave(event, Reply(error=failure))
            case InputReceived():
                self._answered(event, before)
            case TimerFired(timer="human"):
                address = address_of(event.scope, event.node_id)
                self.leave_out(address, "it was not answered in time, and cases answer at once")
            case AnswerExtracted():
                address = address_of(event.scope, event.node_id)
                self.leave_out(address, "what a model took out of the answer")
            case _:
                pass

    def _gave(self, event: NodeRunSucceeded | NodeRunFailed, reply: Reply) -> None:
        address = address_of(event.scope, event.node_id)
        planned = planned_at(self._folder.plan, address)
        if planned is None:
            return
        if planned.group not in KEPT and planned.group != INLINE:
            self.replies.setdefault(address, []).append(reply)
        elif is_detached(planned.config):
            self.leave_out(address, "it begins a run of its own, which has no reply in a case")

    def _answered(self, event: InputReceived, before: RunState) -> None:
        address = address_of(event.scope, event.node_id)
        node = before.nodes.get(address)
        waiting = node.waiting if node is not None else None
        if waiting is None or waiting.waiting_for != "human":
            self.leave_out(address, "events from outside are not in cases: send it, or script it")
            return
        if waiting.options or waiting.allow_text:
            is_option = any(one.id == event.action for one in waiting.options)
            self._said(address, event.action if is_option else event.feedback)
        elif not event.values or event.action not in (APPROVED, ANSWERED):
            said = f"{event.action}:{event.feedback}" if event.feedback else event.action
            self._said(address, said)
            if event.values:
                self.leave_out(address, f"values that came with {event.action!r}")
        else:
            self._said(address, event.values)
            if event.feedback:
                self.leave_out(address, "words that came with the values")

    def _said(self, address: str, answer: Any) -> None:
        self.answers.setdefault(address, []).append(answer)


def _one_or_all(given: list[Any]) -> Any:
    return given[0] if len(given) == 1 else given


def _has_file(value: Any) -> bool:
    if is_file(value):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(_has_file, inner))
