"""What each service receives and sends: subject family and the type its handlers work with.

The AsyncAPI document is made from this table, and a contract test holds it against the codec and
the subjects. A service that begins to use another subject says so here.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from runfold.archive.record import Header
from runfold.contracts.events import (
    AnswerExtracted,
    AnyEvent,
    NodeRunFailed,
    NodeRunStarted,
    NodeRunSucceeded,
    RunCancelled,
    RunCompensated,
    RunCompensating,
    RunCompensationFailed,
    RunFailed,
    RunPartialSucceeded,
    RunSucceeded,
    StreamChunk,
    TimerFired,
)
from runfold.contracts.queries import (
    GET_RUN,
    GET_WAITING,
    LIST_RUNS,
    Answer,
    GetRun,
    GetWaiting,
    ListRuns,
)
from runfold.contracts.requests import REQUEST_VERBS
from runfold.contracts.status import ServiceStatus
from runfold.contracts.subjects import PATTERNS
from runfold.contracts.tasks import DeadLetter, Task


class Channel(msgspec.Struct, frozen=True):
    """One direction of one family of subjects."""

    direction: Literal["receive", "send"]
    family: str
    """Key of `runfold.contracts.subjects.PATTERNS`, or `inbox` for answers `to` a request."""
    payload: Any
    """Type of the body; None: empty."""
    description: str
    tokens: dict[str, str] = {}
    """Tokens of the subject that are fixed here."""

    @property
    def address(self) -> str:
        """The subject, with the tokens that vary named in braces."""
        address = PATTERNS.get(self.family, "{reply_to}")
        for name, value in self.tokens.items():
            address = address.replace(f"{{{name}}}", value)
        return address

    @property
    def title(self) -> str:
        """Unique within a service."""
        return ".".join((self.direction, self.family, *self.tokens.values()))


def receive(family: str, payload: Any, description: str, **tokens: str) -> Channel:
    """A channel that is read."""
    return Channel("receive", family, payload, description, tokens)


def send(family: str, payload: Any, description: str, **tokens: str) -> Channel:
    """A channel that is written to."""
    return Channel("send", family, payload, description, tokens)


QUERIES: dict[str, type[msgspec.Struct]] = {
    GET_RUN: GetRun,
    LIST_RUNS: ListRuns,
    GET_WAITING: GetWaiting,
}
"""Verb in the subject → what is asked."""

STATUS = (
    receive("status", None, "Who is there, and how are you; answered by every process"),
    send("inbox", ServiceStatus, "Answer to a status request", to="status"),
)


def executor_channels(group: str) -> tuple[Channel, ...]:
    """What the executors of a group receive and send."""
    return (
        *STATUS,
        receive("tasks", Task, "Work of the group, a queue shared by its processes", group=group),
        receive(
            "live",
            RunSucceeded
            | RunPartialSucceeded
            | RunFailed
            | RunCancelled
            | RunCompensated
            | RunCompensationFailed
            | RunCompensating,
            "Ended runs, whose attempts are cut off; and those that only undo from then on",
        ),
        send(
            "events",
            NodeRunStarted | NodeRunSucceeded | AnswerExtracted | NodeRunFailed,
            "What became of attempts",
        ),
        send("chunks", StreamChunk, "Output while it is being produced"),
        send("dead", DeadLetter, "Tasks that cannot be read, or that nobody survives"),
    )


CHANNELS: dict[str, tuple[Channel, ...]] = {
    "scheduler": (
        *STATUS,
        *(
            receive("requests", kind, f"Clients' request to {verb}", verb=verb)
            for verb, kind in REQUEST_VERBS.items()
        ),
        receive("events", AnyEvent, "Every fact about the runs of its partitions, in stream order"),
        send("timers", TimerFired, "Schedules of timers that are far away"),
        send("events", AnyEvent, "Decisions"),
        send("tasks", Task, "Node work for executor groups"),
        send("dead", DeadLetter, "Requests and events that cannot be read"),
    ),
    "projection": (
        *STATUS,
        receive("events", AnyEvent, "Every fact, folded into the read model"),
        receive("archive", Header, "Runs that are no longer in the log, for a new read model"),
        *(
            receive("query", kind, "A question about runs, answered from the read model", verb=verb)
            for verb, kind in QUERIES.items()
        ),
        send("inbox", Answer, "Answer to a query", to="query"),
    ),
    "gateway": (
        *STATUS,
        *(
            send("requests", kind, f"A client's request to {verb}", verb=verb)
            for verb, kind in REQUEST_VERBS.items()
        ),
        *(
            send("query", kind, "A question about runs", verb=verb)
            for verb, kind in QUERIES.items()
        ),
        send("published", Any, "A version of a workflow was published"),
        receive("live", AnyEvent | StreamChunk, "Events and chunks of runs being viewed"),
    ),
    "archiver": (
        *STATUS,
        receive("events", AnyEvent, "Every fact, once it is old enough: which runs ended"),
        receive("archive", Header, "The newest record of a partition, which the next one names"),
        send("archive", Header, "A run, whole: gzipped lines of JSON, of which this is the first"),
    ),
    **{f"executor-{group}": executor_channels(group) for group in ("llm", "http", "code", "text")},
}
"""Service name → channels."""


def channels_of(service: str) -> tuple[Channel, ...]:
    """The channels of a service, of a custom executor group too."""
    known = CHANNELS.get(service)
    return known if known is not None else executor_channels(service.removeprefix("executor-"))
