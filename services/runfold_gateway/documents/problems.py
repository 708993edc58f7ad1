"""Problems as the API gives them (RFC 9457); which there are is in `runfold.errors`."""

from __future__ import annotations

from typing import Any

import msgspec


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a request was not done. More members belong to the code: `run_id`, `known`, `reason`."""

    type: str
    """An address that names the code."""
    title: str
    status: int
    detail: str
    """What was wrong, where, and what to do; for people."""
    code: str
    """Stable and dotted, such as `workflow.not_found`, for programs: the page on errors of the
    documentation has them all; `http.<status>` is of HTTP itself."""
    errors: list[dict[str, Any]] = []
    """Each thing that was wrong, where there may be many: `message` in words, and where it is
    (`path`, `line` and `code` of a finding; `source` and `key` of a parameter or a field)."""
