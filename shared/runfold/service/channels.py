"""What each service receives and sends: the subjects, the types, and how they are read.

The AsyncAPI page is made of this table. The subscribers that FastStream runs are made of it too
(`answers`); what the bus reads in loops of its own is declared, and a test holds the table against
what services really subscribe to and publish. A service that begins to use another subject says so
here.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from runfold.archive.record import Header
from runfold.contracts import conversations as m
from runfold.contracts import events as e
from runfold.contracts import queries as q
from runfold.contracts import subjects
from runfold.contracts.fetching import Fetch, Fetched
from runfold.contracts.knowledge_queries import KnowledgeAnswer, Question
from runfold.contracts.requests import REQUEST_VERBS, RunRequest
from runfold.contracts.status import ServiceStatus
from runfold.contracts.tasks import DeadLetter, Task

STREAMS = {
    "events": subjects.EVENTS,
    "timers": subjects.TIMERS,
    "crons": subjects.TIMERS,
    "due_events": subjects.TIMERS,
    "due_requests": subjects.TIMERS,
    "chunks": subjects.CHUNKS,
    "tasks": subjects.TASKS,
    "requests": subjects.REQUESTS,
    "dead": subjects.DEAD,
    "refused": subjects.DEAD,
    "archive": subjects.ARCHIVE,
    "messages": subjects.MESSAGES,
}
"""Family of subjects → the stream that stores it; the others are not stored."""


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One direction of one family of subjects, as one service uses it."""

    direction: Literal["receive", "send"]
    family: str
    """Key of `runfold.contracts.subjects.PATTERNS`."""
    payloads: tuple[type[msgspec.Struct], ...] = ()
    """Types that the body may have; none: the body is empty."""
    description: str
    tokens: dict[str, str] = {}
    """Tokens of the subject that are fixed here."""
    reply: type[msgspec.Struct] | None = None
    """Type of the answer, of a request that is answered."""
    shared_by: str = ""
    """Queue group or durable consumer whose members share what comes."""
    direct: bool = False
    """Whether a stored message is fetched when it is needed, and none is waited for."""

    @property
    def address(self) -> str:
        """The subject, with the tokens that vary named in braces."""
        address = subjects.PATTERNS[self.family]
        for name, value in self.tokens.items():
            address = address.replace(f"{{{name}}}", value)
        return address

    @property
    def key(self) -> str:
        """What tells the subject from others: `requests.run`."""
        return ".".join((self.family, *self.tokens.values()))

    @property
    def title(self) -> str:
        """Unique within a service: `receive.requests.run`."""
        return f"{self.direction}.{self.key}"

    @property
    def means(self) -> str:
        """What stands behind it: FastStream, or a loop of the bus."""
        if self.reply is not None:
            return "FastStream subscriber" if self.direction == "receive" else "request"
        if self.direction == "send":
            return "JetStream publish" if self.stream else "publish"
        if self.direct:
            return "direct get"
        if self.stream:
            return "pull consumer" if self.shared_by else "ordered consumer"
        return "subscription"

    @property
    def stream(self) -> str:
        """The stream that stores it; empty when none does."""
        return STREAMS.get(self.family, "")


def receive(
    family: str,
    *payloads: type[msgspec.Struct],
    about: str,
    shared_by: str = "",
    direct: bool = False,
    reply: type[msgspec.Struct] | None = None,
    **tokens: str,
) -> Channel:
    """A channel that is read."""
    return Channel(
        direction="receive",
        family=family,
        payloads=payloads,
        description=about,
        tokens=tokens,
        shared_by=shared_by,
        direct=direct,
        reply=reply,
    )


def send(
    family: str,
    *payloads: type[msgspec.Struct],
    about: str,
    reply: type[msgspec.Struct] | None = None,
    **tokens: str,
) -> Channel:
    """A channel that is written to."""
    return Channel(
        direction="send",
        family=family,
        payloads=payloads,
        description=about,
        tokens=tokens,
        reply=reply,
    )


EVENTS: tuple[type[msgspec.Struct], ...] = e.AnyEvent.__args__
QUERIES: dict[str, type[msgspec.Struct]] = {
    q.GET_RUN: q.GetRun,
    q.LIST_RUNS: q.ListRuns,
    q.GET_WAITING: q.GetWaiting,
    q.LIST_CONVERSATIONS: q.ListConversations,
    q.LIST_FAILURES: q.ListFailures,
    q.LIST_FAMILY: q.ListFamily,
}
"""Verb in the subject → what a projection is asked."""
SAID: tuple[type[msgspec.Struct], ...] = m.AnyMessage.__args__
CONVERSATIONS = (
    receive("messages", *SAID, about="Conversations that are looked at", direct=True),
    send("messages", *SAID, about="Conversations, and what is said in them"),
)
STATUS = receive(
    "status", reply=ServiceStatus, about="Who is there, and how are you: every process answers"
)


def executor_channels(group: str) -> tuple[Channel, ...]:
    """What the executors of a group receive and send."""
    return (
        STATUS,
        receive(
            "tasks",
            Task,
            about="Work of the group, shared by its processes",
            shared_by=subjects.group_durable(group),
            group=group,
        ),
        receive(
            "live",
            *e.TERMINAL_RUN_EVENTS,
            e.RunCompensating,
            e.NodeRunCancelled,
            e.LoopFailed,
            e.AgentFailed,
            e.LoopItemFailed,
            e.ParallelBranchFailed,
            about="Ended runs and cancelled parts of runs: their attempts are cut off",
        ),
        receive("events", *EVENTS, about="The runs of redelivered tasks", direct=True),
        send(
            "events",
            e.NodeRunStarted,
            e.NodeRunSucceeded,
            e.AnswerExtracted,
            e.RetrieverResource,
            e.NodeRunFailed,
            about="Attempts that began, succeeded or failed, and the sources they found",
        ),
        send("chunks", e.StreamChunk, about="Output while it is being produced"),
        send("dead", DeadLetter, about="Tasks that cannot be read, and poison"),
    )


CHANNELS: dict[str, tuple[Channel, ...]] = {
    "scheduler": (
        STATUS,
        *(
            receive(
                "requests",
                kind,
                about=f"A client's request to {verb}",
                shared_by=subjects.REQUESTS_DURABLE,
                verb=verb,
            )
            for verb, kind in REQUEST_VERBS.items()
        ),
        receive("events", *EVENTS, about="Every fact about the runs of its partitions, in order"),
        receive("due_events", e.TimerFired, about="Due timers", shared_by=subjects.DUE_DURABLE),
        receive("due_requests", RunRequest, about="Due schedules", shared_by=subjects.DUE_DURABLE),
        receive("archive", Header, about="Runs that are no longer in the log", direct=True),
        receive("crons", RunRequest, about="Schedules that are stored already", direct=True),
        *CONVERSATIONS,
        send("timers", e.TimerFired, about="Message schedules of timers that are far away"),
        send("crons", RunRequest, about="Message schedules of workflows"),
        send("requests", RunRequest, about="Runs of schedules that are due", verb="run"),
        send("events", *EVENTS, about="Decisions"),
        send("tasks", Task, about="Node work for executor groups"),
        send("dead", DeadLetter, about="Requests and events that cannot be read"),
        send("refused", DeadLetter, about="Requests that are refused, for those who asked"),
    ),
    "projection": (
        STATUS,
        receive("events", *EVENTS, about="Every fact, folded into the read model"),
        receive("messages", *SAID, about="Conversations, folded into the read model"),
        *(
            receive(
                "query",
                kind,
                about="A question about runs or conversations, answered from the read model",
                shared_by="projection",
                reply=q.Answer,
                verb=verb,
            )
            for verb, kind in QUERIES.items()
        ),
    ),
    "gateway": (
        STATUS,
        *(
            send("requests", kind, about=f"A client's request to {verb}", verb=verb)
            for verb, kind in REQUEST_VERBS.items()
        ),
        *(
            send(
                "query",
                kind,
                about="A question about runs or conversations",
                reply=q.Answer,
                verb=verb,
            )
            for verb, kind in QUERIES.items()
        ),
        send(
            "query",
            Question,
            about="A question about knowledge bases",
            reply=KnowledgeAnswer,
            verb=q.KNOWLEDGE,
        ),
        receive("live", *EVENTS, e.StreamChunk, about="Events and chunks of runs being viewed"),
        receive("events", *EVENTS, about="What a viewed run has had so far", direct=True),
        receive("chunks", e.StreamChunk, about="Chunks a viewer has missed", direct=True),
        receive("archive", Header, about="Runs that are no longer in the log", direct=True),
        receive("dead", DeadLetter, about="Dead letters that are listed or sent back", direct=True),
        receive("refused", DeadLetter, about="Why a run that was asked for does not begin"),
        *CONVERSATIONS,
        send("tasks", Task, about="Dead letters that are sent back"),
    ),
    "archiver": (
        STATUS,
        receive("events", *EVENTS, about="Every fact, once it is old enough: which runs ended"),
        receive("archive", Header, about="The newest record of a partition, named by the next"),
        send("archive", Header, about="A run, whole: gzipped lines of JSON, of which this is one"),
    ),
    **{f"executor-{group}": executor_channels(group) for group in ("llm", "code", "text")},
    "executor-http": (
        *executor_channels("http"),
        receive(
            "query",
            Fetch,
            about="A URL's bytes as a file, for executors without a way out of their own",
            shared_by="executor-http",
            reply=Fetched,
            verb=q.FETCH,
        ),
    ),
    "executor-data": (
        *executor_channels("data"),
        receive(
            "query",
            Question,
            about="A question about knowledge bases, answered from the store",
            shared_by="executor-data",
            reply=KnowledgeAnswer,
            verb=q.KNOWLEDGE,
        ),
        send("query", Fetch, about="A URL that is to be indexed", reply=Fetched, verb=q.FETCH),
        *CONVERSATIONS,
        send(
            "query",
            q.ListConversations,
            about="A list of conversations",
            reply=q.Answer,
            verb=q.LIST_CONVERSATIONS,
        ),
    ),
}
"""Service name → channels."""


def channels_of(service: str) -> tuple[Channel, ...]:
    """The channels of a service, of a custom executor group too."""
    known = CHANNELS.get(service)
    return known if known is not None else executor_channels(service.removeprefix("executor-"))
