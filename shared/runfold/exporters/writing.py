"""One node while its settings are written for another system."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfold.graph.definition import Node, OnError, Retry


class NotMappable(Exception):
    """A value that the other system has no counterpart of; its text says why."""


class Writing:
    """The settings of a node, each written or named with the reason why it cannot be.

    Args:
        node: The node.
        system: What the other system is called, for the reasons.
    """

    def __init__(self, node: Node, system: str) -> None:
        self.node = node
        self.config = node.config
        self.data: dict[str, Any] = {}
        """What is written, by the names of the other system."""
        self.problems: dict[str, str] = {}
        """Setting here → why it is not written. A setting of the node itself begins with `@`."""
        self.said: list[str] = []
        """What is to be said of what was written."""
        self._used: set[str] = set()
        self._system = system

    def put(self, name: str, keys: str | tuple[str, ...], make: Callable[[], Any]) -> None:
        """Write one setting of the other system.

        Args:
            name: What it is called there.
            keys: The settings here that it is made of.
            make: Its value; raises `NotMappable` when it has no counterpart.
        """
        named = (keys,) if isinstance(keys, str) else keys
        self._used.update(named)
        try:
            self.data[name] = make()
        except NotMappable as error:
            why = str(error)
        except (TypeError, AttributeError, LookupError, ValueError):
            # A setting may be a template, where the other system has a fixed form.
            why = f"{self._system} has no such value of `{named[0].lstrip('@#')}`"
        else:
            return
        for key in named:
            self.problems.setdefault(key, why)

    def use(self, *keys: str) -> None:
        """Say that settings are written, or need no writing."""
        self._used.update(keys)

    def refuse(self, key: str, why: str) -> None:
        """Say that a setting cannot be written."""
        self._used.add(key)
        self.problems.setdefault(key, why)

    def finish(self) -> None:
        """Name every setting that was not written."""
        for key, value in self.config.items():
            if key not in self._used and value not in (None, "", [], {}):
                self.problems.setdefault(key, f"{self._system} has no setting for `{key}`")
        node = self.node
        special = {
            "@retry": node.retry != Retry(),
            "@on_error": node.on_error != OnError(),
            "@timeout": node.timeout is not None,
            "@compensate": bool(node.compensate),
            "@breaker": node.breaker is not None,
            "@rate_limit": node.rate_limit is not None,
            "@cache": node.cache is not None,
            "@idempotency_key": bool(node.idempotency_key),
            "@concurrency": bool(node.concurrency),
        }
        for key, is_set in special.items():
            if is_set and key not in self._used:
                why = f"{self._system} has no `{key[1:]}` of a node of this type"
                self.problems.setdefault(key, why)


def setting(node: Node, key: str) -> Any:
    """A setting of a configuration, or of the node itself under `@name`."""
    return getattr(node, key[1:]) if key.startswith("@") else node.config.get(key)


def new_problems(now: Writing, before: Writing | None) -> list[str]:
    """Why a node cannot be written: what is wrong with settings that changed."""
    return list(
        dict.fromkeys(
            why
            for key, why in now.problems.items()
            if before is None
            or key not in before.problems
            or setting(now.node, key) != setting(before.node, key)
        )
    )
