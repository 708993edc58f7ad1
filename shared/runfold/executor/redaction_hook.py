"""The hook `redaction`: personal data and credentials stay in the executor.

E-mail addresses, card numbers, token-like strings, and the values of fields with telling names are
replaced in outputs, errors, streamed pieces and log lines, before any of them is sent.
"""

from __future__ import annotations

import re
from typing import Any

from runfold.contracts.tasks import Task
from runfold.errors import Failure
from runfold.executor.hooks import Hook, HookContext
from runfold.executor.node import Outcome
from runfold.settings import Settings, listed

PATTERNS = {
    "email": re.compile(
        r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
    ),
    "token": re.compile(
        r"(?<![A-Za-z0-9_-])"
        r"(?:(?:sk|pk|rk|ghp|gho|ghs|hf|glpat|xox[abprs])[-_][A-Za-z0-9_-]{16,}"
        r"|(?:AKIA|ASIA)[A-Z0-9]{16}"
        r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"
        r"|(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{16,})"
    ),
    "card": re.compile(r"(?<![\d-])(?:\d[ -]?){12,18}\d(?![\d-])"),
}
"""What is found, by the name that is put in its place."""


class Redacting(Hook):
    """Replaces what `PATTERNS` find, and the values of named fields.

    Args:
        settings: `redact_names` are the fields.
    """

    def __init__(self, settings: Settings) -> None:
        self._names = frozenset(listed(settings.redact_names))

    async def before(self, ctx: HookContext, task: Task, config: Any) -> None:  # noqa: ARG002
        """From here on, everything that leaves is looked at."""
        ctx.redact(PATTERNS, self._names)

    async def after(self, ctx: HookContext, outcome: Outcome) -> Outcome:
        """What an earlier hook put in is looked at too; it is replaced as it leaves."""
        ctx.redact(PATTERNS, self._names)
        return outcome

    async def on_error(self, ctx: HookContext, failure: Failure) -> Failure:
        """An attempt may fail before it is told that it is about to run."""
        ctx.redact(PATTERNS, self._names)
        return failure
