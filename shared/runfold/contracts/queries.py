"""What services are asked on `runfold.query.<verb>`, who answers, and what a projection says."""

from __future__ import annotations

from typing import Generic, Literal, NamedTuple, TypeVar

import msgspec

GET_RUN = "get_run"
LIST_RUNS = "list_runs"
GET_WAITING = "get_waiting"
LIST_CONVERSATIONS = "list_conversations"
LIST_FAILURES = "list_failures"
LIST_FAMILY = "list_family"
KNOWLEDGE = "knowledge"
"""What is asked and answered is in `knowledge_queries.py`."""
FETCH = "fetch"
"""What is asked and answered is in `fetching.py`."""

MAX_LIMIT = 200
Relation = Literal["self", "origin", "fork", "retry"]

T = TypeVar("T")


class Answerer(NamedTuple):
    """Who answers a verb."""

    service: str
    """Name of the service, as the catalogue has it."""
    code: str
    """Code of the error when none answers."""


PROJECTION = Answerer("projection", "projection.unavailable")
_ANSWERERS = {
    KNOWLEDGE: Answerer("executor-data", "knowledge.unavailable"),
    FETCH: Answerer("executor-http", "fetch.unavailable"),
}


def answerer(verb: str) -> Answerer:
    """Who answers a verb: a projection, unless the verb is another service's."""
    return _ANSWERERS.get(verb, PROJECTION)


class GetRun(msgspec.Struct, frozen=True, omit_defaults=True):
    """One run, with its nodes."""

    run_id: str


class ListRuns(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of runs, newest first, without their nodes.

    Each field that is set leaves only the runs it fits; `run_filters.py` says what each may be.
    """

    workflow_id: str = ""
    status: tuple[str, ...] = ()
    """Any of these; empty: all."""
    started_from: float | None = None
    """Unix seconds: started then or later."""
    started_to: float | None = None
    """Unix seconds: started before then."""
    version: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    """Names and values; all of them."""
    node: str = ""
    """Address of a node, or its id in any scope."""
    node_status: tuple[str, ...] = ()
    """What that node is; empty: failed or under way."""
    error_code: str = ""
    """Code of the error that ended the run."""
    origin: str = ""
    """Run that it goes on from, as a fork or a retry."""
    text: str = ""
    """Part of its ids, inputs, outputs or error message, in capital or small letters."""
    cursor: str = ""
    limit: int = 50
    counts: bool = False
    """Whether to count the runs that fit by status, those of all statuses and pages."""


class GetWaiting(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of nodes that wait for a person, the one with a token or all; oldest first."""

    token: str = ""
    limit: int = 50
    cursor: str = ""


class ListConversations(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of a user's conversations, the one that was used last first."""

    user_id: str = ""
    name: str = ""
    """Only those of this name; empty: all."""
    cursor: str = ""
    limit: int = 50
    seen: int = 0
    """Sequence of MESSAGES up to which the answer is to be right."""


class ListFailures(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of groups of failed runs, the largest first."""

    workflow_id: str = ""
    started_from: float | None = None
    """Unix seconds: started then or later."""
    started_to: float | None = None
    """Unix seconds: started before then."""
    cursor: str = ""
    limit: int = 50


class FailureGroup(msgspec.Struct, frozen=True):
    """Runs of one workflow that failed at one node by one error."""

    workflow_id: str
    node: str
    """Its place in the definition, `each[]/call`; empty: no node failed the run."""
    error_code: str
    count: int
    last_at: float
    """Unix seconds at which the last of them ended."""
    example_run_id: str
    """The one that began last."""
    message: str
    """Of that one, shortened to 300 characters."""


class ListFamily(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of a run's family, the oldest first."""

    run_id: str
    cursor: str = ""
    limit: int = 50


class FamilyRun(msgspec.Struct, frozen=True):
    """A run of a family."""

    run_id: str
    relation: Relation
    """`origin`: the run that was asked for goes on from it, or from one that does; `fork` and
    `retry`: what it is itself."""
    origin: str
    """The run it goes on from, or empty."""
    kind: Literal["", "fork", "retry"]
    """How it goes on from that."""
    at: int | None
    """Sequence up to which events of that were taken over."""
    from_node: str
    """Of a retry: the node that was named, or empty."""
    workflow_id: str
    version: str
    status: str
    started_at: float
    finished_at: float | None


class Answer(msgspec.Struct, Generic[T], frozen=True, omit_defaults=True):
    """A projection's answer."""

    item: T | None = None
    """For get_run: the run, or null when it is not known."""
    items: list[T] = []
    next_cursor: str = ""
    too_large: bool = False
    """What was asked for does not fit one message: fold the log instead.

    A list has its one item then without what is long in it.
    """
    counts: dict[str, int] | None = None
    """For list_runs: how many runs of each status fit."""
