"""Every fact about a run, as frozen structs in one tagged union.

A class's tag (`NodeRunSucceeded` → `node_run_succeeded`) is its `type` on the wire and the last
token of its subject. `seq` and `time` are not in the body: the stream gives them, see `Recorded`.
Fields are only ever added, with a default; what old logs need is done in `upcast.py`.
No behaviour here: what an event means is in `runfold.engine.evolve.runs`.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from runfold.contracts import agent_events, envelope, loop_events, machine_events, parts
from runfold.contracts.callbacks import Callback
from runfold.contracts.protection import ServedBy
from runfold.errors import Failure

Event = envelope.Event
NodeEvent = envelope.NodeEvent
Usage = parts.Usage
Origin = parts.Origin
Assignment = parts.Assignment
Turn = parts.Turn
StreamChunk = parts.StreamChunk
RecordedChunk = parts.RecordedChunk
LoopStarted = loop_events.LoopStarted
LoopNext = loop_events.LoopNext
LoopItemSucceeded = loop_events.LoopItemSucceeded
LoopItemFailed = loop_events.LoopItemFailed
LoopSucceeded = loop_events.LoopSucceeded
LoopFailed = loop_events.LoopFailed
ParallelBranchStarted = loop_events.ParallelBranchStarted
ParallelBranchSucceeded = loop_events.ParallelBranchSucceeded
ParallelBranchFailed = loop_events.ParallelBranchFailed
SubWorkflowStarted = loop_events.SubWorkflowStarted
StateMachineStarted = machine_events.StateMachineStarted
StateHandlerStarted = machine_events.StateHandlerStarted
StateHandlerSucceeded = machine_events.StateHandlerSucceeded
StateChanged = machine_events.StateChanged
StateEventIgnored = machine_events.StateEventIgnored
AgentStarted = agent_events.AgentStarted
AgentToolsStarted = agent_events.AgentToolsStarted
AgentToolsSucceeded = agent_events.AgentToolsSucceeded
AgentRoundStarted = agent_events.AgentRoundStarted
AgentRoundSucceeded = agent_events.AgentRoundSucceeded
AgentRoundFailed = agent_events.AgentRoundFailed
ToolApprovalStarted = agent_events.ToolApprovalStarted
ToolApprovalSucceeded = agent_events.ToolApprovalSucceeded
ToolCallStarted = agent_events.ToolCallStarted
ToolCallSucceeded = agent_events.ToolCallSucceeded
ToolCallFailed = agent_events.ToolCallFailed
AgentSucceeded = agent_events.AgentSucceeded
AgentFailed = agent_events.AgentFailed


# --- the run ------------------------------------------------------------------------------------


class RunStarted(Event, frozen=True, kw_only=True):
    """A run was accepted. The definition is pinned here for the run's whole life."""

    definition: msgspec.Raw
    """The canonical workflow definition as JSON."""
    inputs: dict[str, Any] = {}
    version: str = "draft"
    """Published version number as text, or `draft`."""
    priority: int = 0
    """Higher goes first where tasks wait for an executor; -100 to 100."""
    origin: Origin | None = None
    """Set: nothing is decided before `run_forked`, which follows the events taken over."""
    concurrency_key: str = ""
    """Set: the run is queued until `run_admitted`; see the workflow's `concurrency` setting."""
    source: str = ""
    """What asked for it, when no client did: `cron 0 9 * * *`."""
    conversation_id: str = ""
    """The conversation that the run is a part of, if any."""
    conversation: dict[str, Any] = {}
    """The conversation's variables when the run began."""
    environment: dict[str, Any] = {}
    """The workflow's `environment`, with what the deployment sets over it."""
    labels: dict[str, str] = {}
    """What the client calls the run by, to find it again."""
    callbacks: tuple[Callback, ...] = ()
    """Addresses that are told what becomes of it, beside those of its workflow."""
    turn: Turn | None = None
    """What a user said, and to which conversation it belongs."""


class RunForked(Event, frozen=True, kw_only=True):
    """All events taken over from the run of origin are in the log: this run goes on by itself."""

    origin: Origin
    events: int = 0
    """How many were taken over."""


class RunAdmitted(Event, frozen=True, kw_only=True):
    """The run has a place among those of its concurrency key."""


class RunPaused(Event, frozen=True, kw_only=True):
    """Nothing new begins until the run is resumed; what has begun may finish."""

    reason: str = ""
    parked: bool = False
    """Whether the scheduler paused it, because it cannot go on by itself."""


class RunResumed(Event, frozen=True, kw_only=True):
    """The run goes on."""


class RunSucceeded(Event, frozen=True, kw_only=True):
    """All that had to run did, without a failure that was worked around."""

    outputs: Any = None


class RunPartialSucceeded(Event, frozen=True, kw_only=True):
    """The run completed past at least one final node failure."""

    outputs: Any = None
    exceptions_count: int = 0


class RunFailed(Event, frozen=True, kw_only=True):
    """The run ended by a failure."""

    error: Failure
    node_id: str = ""
    scope: str = ""


class RunCancelled(Event, frozen=True, kw_only=True):
    """Somebody ended the run."""

    reason: str = ""


class RunCompensating(Event, frozen=True, kw_only=True):
    """Nothing new begins any more, and what was completed is undone; the run has not ended."""

    cause: Literal["failure", "cancel", "deadline", "node"]
    error: Failure
    """Why: what compensation nodes read as `{{error.message}}`."""
    node_id: str = ""
    """The node that failed the run, or asked for this; empty when none did."""
    scope: str = ""
    reason: str = ""
    """The reason that was given."""


class RunCompensated(Event, frozen=True, kw_only=True):
    """The run did not come to its end, and all that it had completed was undone."""

    undone: int = 0
    """How many nodes were."""


class RunCompensationFailed(Event, frozen=True, kw_only=True):
    """The run did not come to its end, and something it had completed could not be undone."""

    error: Failure
    """Names it."""
    undone: int = 0
    """How many nodes were undone all the same."""


# --- nodes --------------------------------------------------------------------------------------


class NodeRunStarted(NodeEvent, frozen=True, kw_only=True):
    """An executor took the attempt up."""

    executor: str = ""


class NodeRunSucceeded(NodeEvent, frozen=True, kw_only=True):
    """The attempt succeeded. Written by executors, and by the scheduler for inline nodes."""

    outputs: dict[str, Any] = {}
    port: str = "out"
    """Which outgoing edges are taken."""
    usage: Usage | None = None
    ports: tuple[str, ...] = ()
    """All ports whose edges are taken, where there are several."""
    served_by: ServedBy = ""


class RetrieverResource(NodeEvent, frozen=True, kw_only=True):
    """The sources that were found for an answer, before the result of the node that found them."""

    query: str = ""
    resources: list[dict[str, Any]] = []
    """Best first, as the node lists them: of knowledge `number`, `title`, `base`, `document` …"""


class NodeRunFailed(NodeEvent, frozen=True, kw_only=True):
    """The attempt failed; whether the node has is for the scheduler to say."""

    error: Failure


class NodeRunRetry(NodeEvent, frozen=True, kw_only=True):
    """The scheduler will try again. `attempt` is the new attempt's number."""

    error: Failure
    delay: float = 0.0
    """Seconds, chosen back-off with jitter."""
    due: float = 0.0
    """Unix seconds by stream time at which the new attempt may start."""
    backup: bool = False
    """Whether the new attempt is the one with what the node names as a backup."""


class NodeRunException(NodeEvent, frozen=True, kw_only=True):
    """The node failed for good, and its error strategy lets the run go on."""

    error: Failure
    strategy: Literal["skip", "default_value", "error_branch", "continue"]
    outputs: dict[str, Any] = {}
    port: str = "out"


class NodeRunSkipped(NodeEvent, frozen=True, kw_only=True):
    """No path to the node was taken."""


class NodeRunCancelled(NodeEvent, frozen=True, kw_only=True):
    """The node was given up, though the run goes on: a join did not need it."""

    reason: str = ""
    by: str = ""
    """Address of the node that gave it up."""


class VariablesAssigned(NodeEvent, frozen=True, kw_only=True):
    """Variables changed. What each comes to is settled by the order of these in the log.

    It completes its node; an assignment that cannot be done fails it, and none of them counts.
    """

    assignments: tuple[Assignment, ...]


class Option(msgspec.Struct, frozen=True):
    """One thing a person may choose."""

    id: str
    text: str


class NodeRunWaiting(NodeEvent, frozen=True, kw_only=True):
    """The node waits for a person, for a time, or for an event from outside."""

    waiting_for: Literal["human", "timer", "event"]
    token: str = ""
    """For a person's answer, or the event's; see `runfold.ids.review_token`."""
    due: float | None = None
    """Unix seconds at which the wait is over or times out."""
    message: str = ""
    content: Any = None
    form: dict[str, Any] = {}
    assignee: str = ""
    actions: list[str] = []
    """What may be answered; empty: `approved` and `rejected`."""
    answer_schema: dict[str, Any] = {}
    """JSON Schema that the values of an answer must fit; empty: any values."""
    options: list[Option] = []
    """What a person may choose from, by id as the answer's action."""
    allow_text: bool = False
    """Whether it may be answered in words."""
    extracts: bool = False
    """Whether a model takes fields out of what is answered before the node goes on."""
    follow_ups: int = 0
    """How often the node has asked again before this."""
    missing: list[str] = []
    """Fields that it asks for again."""
    subject: str = ""
    """Subject of the event that is waited for; `*` and `>` as in NATS."""
    match: dict[str, Any] = {}
    """What the event must be like: `condition`, and the values it is `bound` to."""


class InputReceived(NodeEvent, frozen=True, kw_only=True):
    """A person answered a waiting node, or an event came to a node that waits for it."""

    token: str
    action: str
    """One of those offered: `approved`, `rejected`, `answered`, an option's id, `received`; to a
    state machine the event's name."""
    values: dict[str, Any] = {}
    """What was filled in; of an event: `subject` and `event`, its payload."""
    feedback: str = ""
    """What was said in words."""
    key: str = ""
    """What tells it from others to the same state machine: with the same key it counts once."""


class AnswerExtracted(NodeEvent, frozen=True, kw_only=True):
    """A model took fields out of what was answered; whether that is all is for the scheduler."""

    outputs: dict[str, Any] = {}
    """`fields` so far by name, and `missing`: the required ones that are not said yet."""
    usage: Usage | None = None


class TimerFired(NodeEvent, frozen=True, kw_only=True):
    """A due time was reached. `node_id` is empty for the run's own deadline."""

    timer: Literal["retry", "timeout", "wait", "human", "deadline", "item", "delay", "state"]
    due: float = 0.0
    index: int = -1
    """Whose time is up: for timer `item` the item or round, for `state` the state's `index`."""


RunEvent = (
    RunStarted
    | RunForked
    | RunAdmitted
    | RunPaused
    | RunResumed
    | RunSucceeded
    | RunPartialSucceeded
    | RunFailed
    | RunCancelled
    | RunCompensating
    | RunCompensated
    | RunCompensationFailed
)
AnyNodeEvent = (
    NodeRunStarted
    | NodeRunSucceeded
    | RetrieverResource
    | NodeRunFailed
    | NodeRunRetry
    | NodeRunException
    | NodeRunSkipped
    | NodeRunCancelled
    | VariablesAssigned
    | NodeRunWaiting
    | InputReceived
    | AnswerExtracted
    | TimerFired
    | LoopStarted
    | LoopNext
    | LoopItemSucceeded
    | LoopItemFailed
    | LoopSucceeded
    | LoopFailed
    | ParallelBranchStarted
    | ParallelBranchSucceeded
    | ParallelBranchFailed
    | SubWorkflowStarted
    | StateMachineStarted
    | StateHandlerStarted
    | StateHandlerSucceeded
    | StateChanged
    | StateEventIgnored
    | AgentStarted
    | AgentToolsStarted
    | AgentToolsSucceeded
    | AgentRoundStarted
    | AgentRoundSucceeded
    | AgentRoundFailed
    | ToolApprovalStarted
    | ToolApprovalSucceeded
    | ToolCallStarted
    | ToolCallSucceeded
    | ToolCallFailed
    | AgentSucceeded
    | AgentFailed
)
AnyEvent = RunEvent | AnyNodeEvent
"""The union the log holds. `StreamChunk` is not in it: chunks have a stream of their own."""

TERMINAL_RUN_EVENTS = (
    RunSucceeded,
    RunPartialSucceeded,
    RunFailed,
    RunCancelled,
    RunCompensated,
    RunCompensationFailed,
)
"""Each ends its run, in every state; readers of types alone rely on that."""
RUN_ENDINGS = tuple(str(kind.__struct_config__.tag) for kind in TERMINAL_RUN_EVENTS)
"""Their types."""
RUN_COMPENSATING = str(RunCompensating.__struct_config__.tag)
RUN_PAUSED = str(RunPaused.__struct_config__.tag)
RUN_GOES_ON = (
    str(RunResumed.__struct_config__.tag),
    RUN_COMPENSATING,
    str(RunAdmitted.__struct_config__.tag),
)
"""Types of the events after which a run is not paused. A pause of a queued run does not count."""


class Recorded(msgspec.Struct, frozen=True):
    """An event as the log holds it."""

    seq: int
    """Sequence in the EVENTS stream: the only order there is."""
    time: float
    """Unix seconds, by the stream's clock."""
    event: AnyEvent


def event_type(event: AnyEvent | StreamChunk) -> str:
    """The event's tag, as in its subject and its `type` field."""
    return str(type(event).__struct_config__.tag)
