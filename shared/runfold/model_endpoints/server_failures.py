"""An error that a model server reported, as a failure. One table of them."""

from __future__ import annotations

from typing import Any, NamedTuple

from runfold.errors import FailureKind, NodeFailed
from runfold.model_endpoints.failures import failed, shown, where
from runfold.model_endpoints.providers import Endpoint
from runfold.model_endpoints.server_errors import ErrorKind, ServerError


class _Form(NamedTuple):
    code: str
    kind: FailureKind
    retryable: bool
    message: str
    """`status` is in brackets, or empty when the server named none."""


_FORMS: dict[ErrorKind, _Form] = {
    "quota": _Form(
        "llm.quota_exceeded",
        "rate_limit",
        retryable=False,
        message="the quota at {at} is used up{status}: {said}",
    ),
    "rate_limit": _Form(
        "llm.rate_limited",
        "rate_limit",
        retryable=True,
        message="{at} limits the rate of requests{status}{wait}: {said}",
    ),
    "context": _Form(
        "llm.context_length",
        "input",
        retryable=False,
        message="the conversation is too long for model {model!r} at {at}{status}: {said}. "
        "Shorten it, lower max_tokens or take a model with a larger context",
    ),
    "filtered": _Form(
        "llm.content_filtered",
        "output",
        retryable=False,
        message="{at} did not answer because of its content filter{status}: {said}",
    ),
    "auth": _Form(
        "llm.auth",
        "auth",
        retryable=False,
        message="{at} does not accept the key, or not for this request{status}: {said}. "
        "Check {key_setting}",
    ),
    "not_found": _Form(
        "llm.not_found",
        "input",
        retryable=False,
        message="{at} has no model {model!r} for this request{or_url}{status}: {said}",
    ),
    "timeout": _Form(
        "llm.timeout", "timeout", retryable=True, message="{at} timed out{status}: {said}"
    ),
    "too_large": _Form(
        "llm.too_large", "input", retryable=False, message="{at} finds it too large{status}: {said}"
    ),
    "tools": _Form(
        "llm.tools_unsupported",
        "input",
        retryable=False,
        message="model {model!r} at {at} calls no tools{status}: {said}",
    ),
    "vision": _Form(
        "llm.no_vision",
        "input",
        retryable=False,
        message="model {model!r} at {at} takes no images{status}: {said}",
    ),
    "refused": _Form(
        "llm.refused", "input", retryable=False, message="{at} refused it{status}: {said}"
    ),
    "server": _Form("llm.server", "server", retryable=True, message="{at} failed{status}: {said}"),
}
_INSIDE = _Form(
    "llm.stream_error",
    "server",
    retryable=True,
    message="{at} broke off with an error{status}: {said}",
)
"""An error of the server inside an answer, or one that nothing is known about."""


def server_said(
    endpoint: Endpoint,
    error: ServerError,
    *,
    wait: float | None = None,
    by_status: bool = False,
    **details: Any,
) -> NodeFailed:
    """The failure that a reported error is.

    Args:
        endpoint: Whose error it is.
        error: What the server said.
        wait: Seconds that the response's headers ask to wait.
        by_status: Whether it came with its status, and not in a 200.
        **details: Further details of the failure.
    """
    is_inside = error.kind == "server" and not by_status
    form = _INSIDE if is_inside else _FORMS.get(error.kind, _INSIDE)
    wait = (error.wait if wait is None else wait) if form.retryable else None
    message = form.message.format(
        at=where(endpoint),
        status="" if error.status is None else f" ({error.status})",
        said=shown(error.message or error.code, endpoint) or "it gave no reason",
        wait=f"; it asks to wait {wait:g} s" if wait is not None else "",
        model=endpoint.model,
        key_setting=endpoint.key_setting,
        # With a 200 the URL is that of an API.
        or_url=f", or {endpoint.url_setting} is not an API's base URL" if by_status else "",
    )
    about = {"status": error.status, "error_code": error.code, **details}
    return failed(
        endpoint,
        form.code,
        form.kind,
        message,
        retryable=form.retryable,
        wait=wait,
        **{name: value for name, value in about.items() if value is not None},
    )
