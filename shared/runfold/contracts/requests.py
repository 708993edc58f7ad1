"""What clients ask for, on `runfold.requests.<verb>`: the verb is in the subject alone."""

from __future__ import annotations

from typing import Any

import msgspec


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
    definition: msgspec.Raw = msgspec.Raw()
    """Runs this definition instead of a stored one."""
    traceparent: str = ""


class CancelRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """End a run."""

    run_id: str
    reason: str = ""


class AnswerRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Answer a waiting node by its token."""

    token: str
    action: str
    values: dict[str, Any] = {}
    feedback: str = ""


AnyRequest = RunRequest | CancelRequest | AnswerRequest

REQUEST_VERBS: dict[str, type[AnyRequest]] = {
    "run": RunRequest,
    "cancel": CancelRequest,
    "answer": AnswerRequest,
}
"""Verb in the subject → the struct its body must be."""


def verb_of(request: AnyRequest) -> str:
    """The subject's verb for a request."""
    return next(verb for verb, kind in REQUEST_VERBS.items() if isinstance(request, kind))
