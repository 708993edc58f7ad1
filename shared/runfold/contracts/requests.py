"""What clients ask for, on `runfold.requests.<verb>`: the verb is in the subject alone."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts.callbacks import Callback
from runfold.ids import run_of_review


class RunRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Start a run. Only `workflow_id` (or `definition`) is needed."""

    workflow_id: str = ""
    inputs: dict[str, Any] = {}
    version: str = ""
    """Empty: the newest published one. Else a number, or `draft`."""
    run_id: str = ""
    """Chosen by the client, to know it beforehand; empty: the scheduler chooses."""
    idempotency_key: str = ""
    """The same key for the same workflow is the same run."""
    definition: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    """Runs this definition instead of a stored one. Unset, not empty: empty bytes are not JSON."""
    traceparent: str = ""
    priority: int = 0
    """Higher goes first where tasks wait for an executor; -100 to 100."""
    source: str = ""
    """What asked, when no client did: `cron 0 9 * * *`."""
    conversation_id: str = ""
    """The conversation that the run is to be a part of: any text; its variables live on in it."""
    labels: dict[str, str] = {}
    """Names and values to find the run by; see `contracts/labels.py`."""
    callbacks: tuple[Callback, ...] = ()
    """Addresses that are told what becomes of the run, beside those of its workflow."""
    query: str = ""
    """What a user says: `sys.query`, and a message of the conversation."""
    user_id: str = ""
    """The user who says it: `sys.user_id`. A conversation is one user's."""
    files: tuple[dict[str, Any], ...] = ()
    """File values that come with it: `sys.files`."""
    history: tuple[dict[str, Any], ...] = ()
    """What was said before, as `sys.history` is, of a client that keeps it itself; not with a
    `conversation_id`, which has its own."""


class CancelRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """End a run."""

    run_id: str
    reason: str = ""


class PauseRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Let a run begin nothing new."""

    run_id: str
    reason: str = ""


class ResumeRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Let a paused run go on."""

    run_id: str


class RetryRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Run an ended run again from a node on, as a new run that keeps what came before."""

    run_id: str
    new_run_id: str = ""
    """Chosen by the client; empty: the scheduler chooses."""
    from_node: str = ""
    """Address of a node; empty: the one that failed the run."""
    version: str = ""
    """Empty: the definition the run pinned. Else `newest`, a number, or `draft`."""


class ForkRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Begin a new run from what a run was at one event."""

    run_id: str
    at: int
    """Sequence in EVENTS; the run's newest event up to there counts."""
    new_run_id: str = ""
    inputs: dict[str, Any] | None = None
    """Changed inputs, laid over the run's own."""
    version: str = ""
    """Empty: the definition the run pinned. Else `newest`, a number, or `draft`."""


class AnswerRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Answer a waiting node by its token, or send a state machine an event."""

    token: str
    action: str = ""
    """`approved`, `rejected`, an option's id, or `answered`; empty: the only one there is, or, for
    a question, what `feedback` says. To a state machine the event's name."""
    values: dict[str, Any] = {}
    """What a form or a schema asks for."""
    feedback: str = ""
    """What is said in words."""
    key: str = ""
    """To a state machine: what tells the event from others; sent twice it counts once."""


class SignalRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Tell of an event: every node that waits for such a one goes on."""

    subject: str
    """Tokens between dots: `orders.paid`."""
    payload: Any = None
    """What `{{event.…}}` reads."""
    id: str = ""
    """Chosen by the client: the same id again within two minutes is the same event."""


AnyRequest = (
    RunRequest
    | CancelRequest
    | PauseRequest
    | ResumeRequest
    | RetryRequest
    | ForkRequest
    | AnswerRequest
    | SignalRequest
)

REQUEST_VERBS: dict[str, type[AnyRequest]] = {
    "run": RunRequest,
    "cancel": CancelRequest,
    "pause": PauseRequest,
    "resume": ResumeRequest,
    "retry": RetryRequest,
    "fork": ForkRequest,
    "answer": AnswerRequest,
    "signal": SignalRequest,
}
"""Verb in the subject → the struct its body must be."""


def verb_of(request: AnyRequest) -> str:
    """The subject's verb for a request."""
    return next(verb for verb, kind in REQUEST_VERBS.items() if isinstance(request, kind))


def run_of(request: AnyRequest) -> str:
    """The run that a request is about, or that it is to begin; empty when it does not say."""
    match request:
        case RetryRequest() | ForkRequest():
            return request.new_run_id
        case SignalRequest():
            return ""
        case AnswerRequest():
            return run_of_review(request.token)
        case _:
            return request.run_id


def request_id(request: AnyRequest) -> str:
    """The id under which a request is stored once; empty for one that may come twice."""
    return f"signal:{request.id}" if isinstance(request, SignalRequest) and request.id else ""
