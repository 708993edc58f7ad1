"""The value roots only an executor has: `env`, `secrets`, and what `sys` knows here.

`{{env.X}}` is the process's `RUNFOLD_VAR_X`. `{{secrets.X}}` is `RUNFOLD_SECRET_X`, or the file `X`
in `RUNFOLD_SECRETS_DIR`, read when it is asked for, so that a rotated secret is taken at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runfold.contracts.tasks import Task
from runfold.contracts.whole_text import whole_text
from runfold.errors import NodeFailed, ReferenceMissing
from runfold.executor.redaction import Redaction
from runfold.settings import Settings, environment

SECRET_PREFIX = "RUNFOLD_SECRET_"  # noqa: S105 -- a prefix, not a secret

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


class Secrets(Mapping[str, str]):
    """Secrets by name; each one read is remembered by the attempt's redaction."""

    def __init__(self, settings: Settings, redaction: Redaction) -> None:
        self._dir = settings.secrets_dir
        self._redaction = redaction

    def __getitem__(self, name: str) -> str:
        """A secret's value. Raises `KeyError`, and `NodeFailed` when it is not text."""
        value = os.environ.get(SECRET_PREFIX + name) if isinstance(name, str) else None
        if value is None:
            value = self._from_file(name)
        if value is None:
            raise KeyError(name)
        if whole_text(value) != value:
            raise _not_text(name)
        self._redaction.remember(value)
        return value

    def __iter__(self) -> Iterator[str]:
        """No names: which secrets there are is not told."""
        return iter(())

    def __len__(self) -> int:
        """As many as `__iter__` tells of."""
        return 0

    def __bool__(self) -> bool:
        """A secret may be there although none is listed."""
        return True

    def needed(self, name: str) -> str:
        """A secret's value for a node's code.

        Raises:
            NodeFailed: When it is not set; says where to set it.
        """
        try:
            return self[name]
        except KeyError:
            message = (
                f"secret {name!r} is not set: give the executor {SECRET_PREFIX}{name}, "
                "or a file of that name in RUNFOLD_SECRETS_DIR"
            )
            details = {"secret": name}
            raise NodeFailed(
                message, code="secret.missing", kind="reference", details=details
            ) from None

    def _from_file(self, name: str) -> str | None:
        if self._dir is None or not isinstance(name, str) or not _NAME.fullmatch(name):
            return None
        try:
            return Path(self._dir, name).read_text("utf-8").rstrip("\r\n")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            raise _not_text(name) from None  # the error has the secret in it


def _not_text(name: str) -> NodeFailed:
    message = f"secret {name!r} is not UTF-8: give bytes as base64, and decode them where needed"
    return NodeFailed(message, code="secret.not_utf8", kind="input", details={"secret": name})


class Roots:
    """Finds root values for one attempt."""

    def __init__(self, task: Task, secrets: Secrets) -> None:
        self._task = task
        self._secrets = secrets
        self.gave_secrets = False
        """Whether a template has asked for `secrets`."""

    @property
    def run_id(self) -> str:
        """The run of the attempt."""
        return self._task.run_id

    @property
    def profile(self) -> str:
        """Whose rules about values the node keeps; empty: runfold's."""
        return self._task.profile

    def lookup(self, root: str) -> Any:
        """A root's value. Raises `ReferenceMissing`."""
        if root == "secrets":
            self.gave_secrets = True
            return self._secrets
        if root == "env":
            # What the run has recorded counts wherever its tasks go.
            return {**environment(), **self._task.inputs.get("env", {})}
        if root == "sys":
            return {**self._system(), **self._task.inputs.get("sys", {})}
        try:
            return self._task.inputs[root]
        except KeyError:
            message = f"nothing is called {root!r} here"
            raise ReferenceMissing(message, details={"reference": root, "missing": root}) from None

    def _system(self) -> dict[str, Any]:
        task = self._task
        return {
            "run_id": task.run_id,
            "workflow_id": task.workflow_id,
            "node_id": task.node_id,
            "attempt": task.attempt,
        }
