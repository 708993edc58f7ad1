"""The one place that spells subjects, streams, buckets and durables.

Ids that enter a subject are checked tokens (`runfold.ids`); a workflow's id of another script is
written as one, `=E5=AE=A1` for its UTF-8 bytes.

    runfold.events.<pp>.<workflow>.<run>.<type>   EVENTS     every fact about a run
    runfold.timers.at.<pp>.<workflow>.<run>.<n>   TIMERS     schedules of timers that are far away
    runfold.timers.cron.<workflow>.<n>            TIMERS     schedules of workflows
    runfold.timers.due.event.<pp>.<workflow>.<run> TIMERS    due ones, on their way to EVENTS
    runfold.timers.due.request.<workflow>         TIMERS     due requests, on their way to REQUESTS
    runfold.chunks.<pp>.<workflow>.<run>          CHUNKS     stream chunks, one hour
    runfold.tasks.<group>.<node_type>             TASKS      node work, a queue per group
    runfold.requests.<verb>                       REQUESTS   commands from clients
    runfold.archive.<pp>.<workflow>.<run>         ARCHIVE    a run that ended long ago, whole
    runfold.messages.<conversation>.<part>        MESSAGES   conversations, and what is said in them
    runfold.dead.<stream>                         DEAD       messages that could not be handled
    runfold.dead.requests.<run>                   DEAD       requests about a run that were refused
    runfold.live.<run>.<type>                     (core)     republished for viewers, not stored
    runfold.query.<verb>                          (core)     request/reply to projections
    runfold.control.status                        (core)     request: who is there, and how are you
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from runfold.ids import bucket_key, bus_token, checked_id, checked_token, partition_of

EVENTS = "EVENTS"
CHUNKS = "CHUNKS"
TASKS = "TASKS"
REQUESTS = "REQUESTS"
DEAD = "DEAD"
TIMERS = "TIMERS"
ARCHIVE = "ARCHIVE"
MESSAGES = "MESSAGES"
STREAMS = (EVENTS, CHUNKS, TASKS, REQUESTS, DEAD, TIMERS, ARCHIVE, MESSAGES)

DEFINITIONS = "runfold_definitions"
"""KV: `<workflow>` → head (what counts of the rest), `<workflow>.<n>` → a published version,
`<workflow>.source.<id>` → a text as it was written."""
CHECKPOINTS = "runfold_checkpoints"
"""KV: caches that only save time; may be wiped."""
LEASES = "runfold_leases"
"""KV: which schedulers are there and what they own, and which executors are there; a lease that is
not renewed expires."""
PLACES = "runfold_places"
"""KV: who is under way and who waits, for each concurrency key."""
CONVERSATIONS = "runfold_conversations"
"""KV: digest of a conversation's id → its runs, and its variables as the ended ones left them."""
PLUGINS = "runfold_plugins"
"""KV: `head.<plugin>` → its versions, `doc.<sha256>.<n>` → a part of a document, compressed."""
CONNECTIONS = "runfold_connections"
"""KV: `<connection>` → what it is, with its credentials encrypted; `token.<connection>` → what it
was given by an authorization server, encrypted."""
PROTECTION = "runfold_protection"
"""KV: breakers, rate limits, slots and kept results of nodes, by digest; expires."""
WAITS = "runfold_waits"
"""KV: which nodes wait for which events from outside."""
IDEMPOTENCY = "runfold_idempotency"
"""KV: digest of an idempotency key → digest of the request's body and its run."""
SNAPSHOTS = "runfold_snapshots"
"""Object store: folded states of long runs; caches that may be wiped."""
BLOBS = "runfold_blobs"
"""Object store: payloads over the claim-check threshold, by sha256."""
FILES = "runfold_files"
"""Object store: the bytes of files, by sha256."""

EVENTS_ALL = "runfold.events.>"
TIMERS_ALL = "runfold.timers.>"
TIMERS_DUE = "runfold.timers.due.>"
DUE_REQUEST = "runfold.timers.due.request."
"""Begins the subjects of due requests; all others of `TIMERS_DUE` are of due events."""
CHUNKS_ALL = "runfold.chunks.>"
TASKS_ALL = "runfold.tasks.>"
REQUESTS_ALL = "runfold.requests.>"
DEAD_ALL = "runfold.dead.>"
ARCHIVE_ALL = "runfold.archive.>"
MESSAGES_ALL = "runfold.messages.>"
HEADS_ALL = "runfold.messages.*.head"
DEFINITION_HEADS = f"$KV.{DEFINITIONS}.*"
"""Writes of the heads in that bucket; all other keys have more than one token."""

GROUP_DURABLE = "executor-"
"""Begins the names of the executor groups' consumers."""
REQUESTS_DURABLE = "scheduler"
SUBJECT_DURABLE = "runfold-subject-"
"""Begins the names of consumers of the operator's streams: digests of the workflow and of the
stream with its subject follow."""
DUE_DURABLE = "scheduler"

LIVE_EVENTS_SOURCE = "runfold.events.*.*.*.*"
LIVE_EVENTS_TARGET = "runfold.live.{{wildcard(3)}}.{{wildcard(4)}}"
LIVE_CHUNKS_SOURCE = "runfold.chunks.*.*.*"
LIVE_CHUNKS_TARGET = "runfold.live.{{wildcard(3)}}.stream_chunk"

QUERY_ALL = "runfold.query.*"

STATUS = "runfold.control.status"
"""Every service process answers a request here with its `ServiceStatus`."""

PATTERNS = {
    "events": "runfold.events.{partition}.{workflow_id}.{run_id}.{type}",
    "timers": "runfold.timers.at.{partition}.{workflow_id}.{run_id}.{timer}",
    "crons": "runfold.timers.cron.{workflow_id}.{schedule}",
    "due_events": "runfold.timers.due.event.{partition}.{workflow_id}.{run_id}",
    "due_requests": "runfold.timers.due.request.{workflow_id}",
    "chunks": "runfold.chunks.{partition}.{workflow_id}.{run_id}",
    "tasks": "runfold.tasks.{group}.{node_type}",
    "requests": "runfold.requests.{verb}",
    "dead": "runfold.dead.{stream}",
    "refused": "runfold.dead.requests.{run_id}",
    "archive": "runfold.archive.{partition}.{workflow_id}.{run_id}",
    "messages": "runfold.messages.{conversation}.{part}",
    "live": "runfold.live.{run_id}.{type}",
    "query": "runfold.query.{verb}",
    "status": STATUS,
}
"""Every family of subjects with its tokens named, for the AsyncAPI document."""


def is_own_stream(name: str) -> bool:
    """Whether a stream is one of runfold's: a log, a queue, or what is behind a bucket or store."""
    return name in STREAMS or name.startswith(("KV_runfold_", "OBJ_runfold_"))


def is_own_subject(subject: str) -> bool:
    """Whether a subject is runfold's, or one that NATS keeps for itself."""
    return subject.startswith(("runfold.", "$")) or subject == "runfold"


def workflow_token(workflow_id: str) -> str:
    """A workflow's id as it stands in subjects and keys."""
    return bus_token(checked_id(workflow_id, "workflow id"))


@lru_cache(maxsize=8192)
def _run_tokens(workflow_id: str, run_id: str) -> str:
    workflow = workflow_token(workflow_id)
    run = checked_token(run_id, "run id")
    return f"{partition_of(run):02d}.{workflow}.{run}"


def event(workflow_id: str, run_id: str, type_: str) -> str:
    """Subject of one event."""
    return f"runfold.events.{_run_tokens(workflow_id, run_id)}.{type_}"


def run_events(run_id: str, workflow_id: str = "*") -> str:
    """Filter for all events of one run."""
    run = checked_token(run_id, "run id")
    return f"runfold.events.{partition_of(run):02d}.{workflow_id}.{run}.*"


def run_event(run_id: str, type_: str) -> str:
    """Filter for one type of event of one run, its workflow not known."""
    run = checked_token(run_id, "run id")
    return f"runfold.events.{partition_of(run):02d}.*.{run}.{type_}"


def timer(workflow_id: str, run_id: str, event_id: str) -> str:
    """Subject of the schedule of one timer; its last token is made of the event's id."""
    digest = hashlib.blake2b(event_id.encode(), digest_size=12).hexdigest()
    return f"runfold.timers.at.{_run_tokens(workflow_id, run_id)}.{digest}"


def timer_due(workflow_id: str, run_id: str) -> str:
    """Subject on which the broker puts a run's due timers."""
    return f"runfold.timers.due.event.{_run_tokens(workflow_id, run_id)}"


def cron(workflow_id: str, schedule: str) -> str:
    """Subject of one schedule of a workflow."""
    return f"runfold.timers.cron.{workflow_token(workflow_id)}.{schedule}"


def workflow_crons(workflow_id: str) -> str:
    """Filter for all schedules of a workflow."""
    return f"runfold.timers.cron.{workflow_token(workflow_id)}.*"


def cron_due(workflow_id: str) -> str:
    """Subject on which the broker puts the run requests of a workflow's schedules."""
    return DUE_REQUEST + workflow_token(workflow_id)


def run_timers(run_id: str) -> str:
    """Filter for all schedules of one run."""
    run = checked_token(run_id, "run id")
    return f"runfold.timers.at.{partition_of(run):02d}.*.{run}.*"


def any_event(type_: str) -> str:
    """Filter for the events of one type, of all runs."""
    return f"runfold.events.*.*.*.{type_}"


def partition_events(partition: int) -> str:
    """Filter for all events of one partition."""
    return f"runfold.events.{partition:02d}.>"


def archive(workflow_id: str, run_id: str) -> str:
    """Subject of an archived run."""
    return f"runfold.archive.{_run_tokens(workflow_id, run_id)}"


def archived_run(run_id: str) -> str:
    """Filter for one archived run, its workflow not known."""
    run = checked_token(run_id, "run id")
    return f"runfold.archive.{partition_of(run):02d}.*.{run}"


def archived_partition(partition: int) -> str:
    """Filter for all archived runs of one partition."""
    return f"runfold.archive.{partition:02d}.>"


def message(conversation_id: str, part: str) -> str:
    """Subject of a part of a conversation, `*` for all of it; its id may be any text."""
    return f"runfold.messages.{bucket_key(conversation_id)}.{part}"


def chunks(workflow_id: str, run_id: str) -> str:
    """Subject of a run's chunks."""
    return f"runfold.chunks.{_run_tokens(workflow_id, run_id)}"


def run_chunks(run_id: str) -> str:
    """Filter for a run's chunks, its workflow not known."""
    run = checked_token(run_id, "run id")
    return f"runfold.chunks.{partition_of(run):02d}.*.{run}"


def task(group: str, node_type: str) -> str:
    """Subject of a task."""
    return f"runfold.tasks.{checked_token(group, 'group')}.{checked_token(node_type, 'node type')}"


def group_tasks(group: str) -> str:
    """Filter of one executor group's queue."""
    return f"runfold.tasks.{checked_token(group, 'group')}.*"


def group_durable(group: str) -> str:
    """Durable consumer of one executor group."""
    return GROUP_DURABLE + checked_token(group, "group")


def request(verb: str) -> str:
    """Subject of a client's command."""
    return f"runfold.requests.{checked_token(verb, 'verb')}"


def dead(stream: str) -> str:
    """Subject of a dead letter from a stream."""
    return f"runfold.dead.{stream.lower()}"


def subject_durables(workflow_id: str) -> str:
    """Begins the names of all consumers that a workflow has of the operator's streams."""
    digest = hashlib.blake2b(workflow_id.encode(), digest_size=8).hexdigest()
    return f"{SUBJECT_DURABLE}{digest}-"


def subject_durable(workflow_id: str, stream: str, subject: str) -> str:
    """Durable consumer of one subject of an operator's stream, for one workflow."""
    made_of = f"{stream} {subject}".encode()
    digest = hashlib.blake2b(made_of, digest_size=8).hexdigest()
    return f"{subject_durables(workflow_id)}{digest}"


def refused(run_id: str) -> str:
    """Subject of a dead letter from REQUESTS that is about a run: who asks for it listens here."""
    return f"{dead(REQUESTS)}.{checked_token(run_id, 'run id')}"


def live_event(type_: str, run_id: str = "*") -> str:
    """Core subject on which events of one type are seen as they are stored."""
    return f"runfold.live.{run_id if run_id == '*' else checked_token(run_id, 'run id')}.{type_}"


def live(run_id: str) -> str:
    """Core filter for all of a run's events and chunks as they are stored."""
    return f"runfold.live.{checked_token(run_id, 'run id')}.*"


def query(verb: str) -> str:
    """Core request/reply subject of the projection."""
    return f"runfold.query.{checked_token(verb, 'verb')}"
