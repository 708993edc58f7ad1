"""Every error runfold raises, in one tree.

    RunfoldError                     code, kind, retryable, retry_after, details
    ├── InvalidWorkflow              a definition with findings; nothing was stored
    ├── InvalidInputs                missing or surplus run inputs
    ├── InvalidRequest               a request that cannot be carried out as asked
    ├── NotFound                     unknown workflow, version, node or review
    │   └── UnknownRun               neither the log nor the archive has the run
    ├── Conflict                     the state does not allow it (closed review, reused key)
    ├── PreconditionFailed           what is to be changed is not as the client has seen it
    ├── ReferenceMissing             a reference whose path does not exist at run time
    ├── ExpressionFailed             a template, condition or expression that failed
    ├── NodeFailed                   what an executor raises to fail its attempt
    ├── PayloadTooLarge              over the configured maximum
    ├── InvalidFile                  a file value that is not one, or not what it says it is
    ├── Undecodable                  bytes that are not the contract they should be
    ├── Unencodable                  a value that JSON cannot hold
    ├── ArchiveCorrupt               an archived run that is not as it was stored
    ├── BusUnavailable               NATS away, stream full, no acknowledgement
    └── ConfigurationError           settings, data dir, ports: says what to do

An error is raised as an exception inside one process and travels between processes as a
`Failure`, which is data. Whether it may be retried is decided where it is raised and never
guessed from its class. Messages name the place and the remedy and never a secret.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

FailureKind = Literal[
    "timeout",
    "rate_limit",
    "server",
    "network",
    "auth",
    "input",
    "output",
    "reference",
    "expression",
    "code",
    "limit",
    "poison",
    "cancelled",
    "human",
    "internal",
]
"""What `retry.retry_on` names and `error.type` shows downstream."""


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """An error as data: what a failed event carries."""

    code: str
    """Stable, dotted, e.g. `llm.rate_limited`."""
    message: str
    kind: FailureKind = "internal"
    retryable: bool = False
    retry_after: float | None = None
    """Seconds the other side asked us to wait, when it said so."""
    details: dict[str, Any] = {}


class RunfoldError(Exception):
    """Base of all runfold errors.

    Args:
        message: What was wrong, where, and what to do.
        code: Overrides the class's stable code.
        kind: Overrides the class's failure kind.
        retryable: Whether trying the same thing again can help.
        retry_after: Seconds to wait first, when known.
        details: Values a program can use (node, path, limit); never secrets.
    """

    code: str = "internal"
    kind: FailureKind = "internal"
    retryable: bool = False

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        kind: FailureKind | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.kind = kind or self.kind
        self.retryable = self.retryable if retryable is None else retryable
        self.retry_after = retry_after
        self.details = details or {}

    def failure(self) -> Failure:
        """This error as the data an event carries."""
        return Failure(
            code=self.code,
            message=self.message,
            kind=self.kind,
            retryable=self.retryable,
            retry_after=self.retry_after,
            details=self.details,
        )


class InvalidWorkflow(RunfoldError):
    """The definition has error findings; `findings` holds all of them."""

    code = "workflow.invalid"
    kind: FailureKind = "input"

    def __init__(self, message: str, findings: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


class InvalidInputs(RunfoldError):
    """Run inputs that do not fit; `details` has `missing`, `surplus` and `invalid` names."""

    code = "run.inputs_invalid"
    kind: FailureKind = "input"


class InvalidRequest(RunfoldError):
    """A request that cannot be carried out as asked."""

    code = "request.invalid"
    kind: FailureKind = "input"


class NotFound(RunfoldError):
    """Unknown workflow, version, node or review."""

    code = "not_found"
    kind: FailureKind = "input"


class UnknownRun(NotFound):
    """Neither the log nor the archive has the run, or anything of it up to a sequence."""

    code = "run.not_found"

    def __init__(self, run_id: str, until: int | None = None) -> None:
        up_to = "" if until is None else f" up to sequence {until}"
        super().__init__(f"no run {run_id!r}{up_to}")


class Conflict(RunfoldError):
    """The present state does not allow it."""

    code = "conflict"
    kind: FailureKind = "input"


class PreconditionFailed(RunfoldError):
    """What is to be changed is not as the client has seen it; `details` has what is there now."""

    code = "precondition.failed"
    kind: FailureKind = "input"


class ReferenceMissing(RunfoldError):
    """A reference whose path does not exist; `details` has `reference` and `missing`."""

    code = "reference.missing"
    kind: FailureKind = "reference"


class ExpressionFailed(RunfoldError):
    """A template, condition or expression that failed; `details` has `expression`."""

    code = "expression.failed"
    kind: FailureKind = "expression"


class NodeFailed(RunfoldError):
    """Raised by a node's code to fail its attempt with a chosen code and retryability."""

    code = "node.failed"


class PayloadTooLarge(RunfoldError):
    """A payload over the configured maximum; `details` has `size` and `limit` in bytes."""

    code = "payload.too_large"
    kind: FailureKind = "limit"


class InvalidFile(RunfoldError):
    """A file value that is not one, or not what it says; `details` has `file` and `path`."""

    code = "file.invalid"
    kind: FailureKind = "input"


class Undecodable(RunfoldError):
    """Bytes that are not the contract they should be."""

    code = "message.undecodable"
    kind: FailureKind = "input"


class Unencodable(RunfoldError):
    """A value that JSON cannot hold, or that could not be read back."""

    code = "output.not_json"
    kind: FailureKind = "output"


class ArchiveCorrupt(RunfoldError):
    """An archived run that is not as it was stored; `details` has `run_id` and `seq`."""

    code = "archive.corrupt"


class BusUnavailable(RunfoldError):
    """NATS is away, the stream is full, or no acknowledgement came in time."""

    code = "bus.unavailable"
    kind: FailureKind = "network"
    retryable = True


class ConfigurationError(RunfoldError):
    """Settings, files or ports that keep a process from working."""

    code = "configuration"
    kind: FailureKind = "input"
