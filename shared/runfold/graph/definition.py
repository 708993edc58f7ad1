"""The canonical workflow definition: what a loader produces, a run pins, and a plan is made from.

Every spelling an author may use (aliases, `condition` for `port`, inferred edges, durations as
text) has been settled by `runfold.graph.loader` before these structs exist.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from runfold.contracts.callbacks import Callback
from runfold.contracts.protection import Breaker, Cache, RateLimit
from runfold.errors import FailureKind
from runfold.graph.subjects import SubjectTrigger
from runfold.graph.webhooks import Webhook
from runfold.values.types import TypeName

OUT = "out"
"""The port of a node that does not branch."""
ERROR = "error"
"""The port taken when a node failed and its strategy is `error_branch`."""

Strategy = Literal["fail", "skip", "default_value", "error_branch", "continue"]


class Edge(msgspec.Struct, frozen=True, omit_defaults=True):
    """`target` may run after `source`, when `source` ends at `port`."""

    source: str
    target: str
    port: str = OUT


class Retry(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """When and how a failed attempt is followed by another."""

    max_attempts: int = 1
    """Attempts in all, the first included."""
    delay: float = 1.0
    """Seconds before the second attempt."""
    backoff: float = 2.0
    max_delay: float = 60.0
    jitter: float = 0.0
    """0 to 1: the share of the delay that is spread, seeded by the attempt's id."""
    retry_on: tuple[FailureKind, ...] = ()
    """Failure kinds to retry; empty: every failure that says it is retryable."""
    give_up_on: tuple[FailureKind, ...] = ()
    """Failure kinds never to retry; this goes before all else."""


class OnError(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a node's final failure means for the run."""

    strategy: Strategy = "fail"
    value: Any = None
    """For `default_value`: becomes `{{node.output}}`; an object also gives its keys."""


class Node(msgspec.Struct, frozen=True, omit_defaults=True):
    """One node."""

    id: str
    type: str
    name: str = ""
    config: dict[str, Any] = {}
    timeout: float | None = None
    """Seconds from start to finish of one attempt."""
    retry: Retry = Retry()
    on_error: OnError = OnError()
    compensate: str = ""
    """The node of the same graph that undoes this one."""
    breaker: Breaker | None = None
    rate_limit: RateLimit | None = None
    cache: Cache | None = None
    idempotency_key: str = ""
    """A template: the same key, of the same node of a workflow, is one execution."""
    concurrency: int = 0
    """Attempts of this node at a time, over all runs and executors; 0: no limit."""
    profile: str = ""
    """Whose rules about values it keeps, when it was imported: one of `runfold.values.profiles`."""


class Input(msgspec.Struct, frozen=True, omit_defaults=True):
    """One declared run input: a subset of JSON Schema."""

    type: TypeName = "any"
    required: bool = False
    default: Any = None
    enum: list[Any] = []
    media_types: list[str] = []
    """Of a `file` or `files`: those that are taken, such as `application/pdf` and `image/*`."""
    lenient: bool = False
    """Whether null is taken as not given, and text as the value of the type that it spells; empty
    text then is no number, and so on."""
    description: str = ""


class Concurrency(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How many runs of the workflow may be under way at a time, for each value of a key."""

    key: str = ""
    """A template over the inputs, such as `{{customer}}`; empty: all runs share the places."""
    limit: int = 1
    when_full: Literal["queue", "reject", "cancel_oldest"] = "queue"
    """`reject` fails the new run, `cancel_oldest` ends the one that has been in longest."""


class Schedule(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """When the newest published version runs by itself."""

    cron: str
    """Five fields, six with seconds first, `@daily` and the like, or `@every 5m`."""
    timezone: str = ""
    """A name such as `Europe/Berlin`; empty: UTC."""
    inputs: dict[str, Any] = {}


class ToolSetting(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a workflow appears as a tool of the MCP server."""

    name: str = ""
    """Letters, digits, `_` and `-`, 64 at most; empty: made of the workflow's id."""
    description: str = ""
    """What models are told; empty: the workflow's description, or its name."""
    read_only: bool = False
    """Whether it changes nothing, so that it may be called again."""
    repeatable: bool = False
    """Whether it may be called again although it changes something."""


class ModelSetting(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a workflow appears as a model of the OpenAI-compatible API."""

    name: str = ""
    """Letters, digits, `_`, `-`, `.`, `:` and `/`, 128 at most; empty: the workflow's id."""


class Settings(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Limits of a whole run, and where it can be begun from."""

    timeout: float | None = None
    """Seconds from run_started to the run's deadline."""
    max_steps: int = 100_000
    """Node attempts started, over all scopes."""
    priority: int = 0
    """Of each run, unless its request says otherwise: higher goes first, -100 to 100."""
    concurrency: Concurrency | None = None
    schedules: tuple[Schedule, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    """Requests from outside that begin a run of the newest published version."""
    subjects: tuple[SubjectTrigger, ...] = ()
    """Messages of the operator's own streams that begin a run of the newest published version."""
    callbacks: tuple[Callback, ...] = ()
    """Addresses that are told what becomes of each run."""
    tool: bool | ToolSetting = False
    """Whether published versions are a tool of the MCP server, and how."""
    model: bool | ModelSetting = False
    """Whether published versions are a model of `/v1/chat/completions`, and how."""


class Workflow(msgspec.Struct, frozen=True):
    """A whole workflow. `edges` is complete: nothing is inferred from here on.

    Written with its defaults, so that an empty `edges` stays apart from an absent one.
    """

    id: str
    name: str = ""
    description: str = ""
    labels: dict[str, str] = {}
    """Names and values to find the workflow by."""
    inputs: dict[str, Input] = {}
    closed_inputs: bool = False
    """Whether the author declared inputs, so that surplus ones are an error."""
    variables: dict[str, Any] = {}
    conversation: dict[str, Any] = {}
    """Variables of a conversation, `{{conversation.name}}`, and what they begin as."""
    environment: dict[str, Any] = {}
    """Constants, `{{env.name}}`; a deployment sets others by `RUNFOLD_VAR_<name>`."""
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    settings: Settings = Settings()
    workflows: dict[str, Workflow] = {}
    """What `sub_workflow` nodes may run: the document's own by id, and, in a definition that a run
    has pinned, stored ones as `id@version`."""
    version: str = ""
    """Of a stored workflow pinned as a part of another: which version it is."""


class Suggestion(msgspec.Struct, frozen=True):
    """A name in place of one that is unknown."""

    written: str
    """What stands there: a key, a value, or a path that a template or an expression reads, such as
    `write.otput`."""
    meant: str
    """The most similar of those that are known there."""


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing a check has to say about a definition."""

    level: Literal["error", "warning", "info"]
    code: str
    """Stable, e.g. `graph.cycle`, `reference.unknown`."""
    path: str
    """JSON path into the author's document: `nodes[2].config.prompt`."""
    message: str
    hint: str = ""
    node: str = ""
    """The node it is about, by the ids on the way to it: `each/call`, `fan[web]/get`, and
    `greeting:end` in a workflow that the document brings along. Empty: the document itself."""
    line: int = 0
    """Of the author's text, from 1: where the path stands, or what of it is there; 0: not known."""
    column: int = 0
    """Of the line, in characters from 1."""
    suggestion: Suggestion | None = None
    """What the hint says, as data: the name at `path`, and the one that was probably meant."""
