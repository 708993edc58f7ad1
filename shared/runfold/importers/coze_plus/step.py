"""One node of the guide's canvas while its native node is being made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from runfold.importers.coze_plus.shapes import Node
from runfold.importers.coze_plus.values import constant, filled, native
from runfold.importers.draft import Draft
from runfold.importers.importer import Context
from runfold.importers.report import NeedKind, Result


class Built(NamedTuple):
    """What a node came to."""

    type: str
    config: dict[str, Any]
    result: Result = "mapped"
    reason: str = ""
    ports: Mapping[str, str] = MappingProxyType({})
    """Ports of the guide → ports here; others are `out`."""


class Step:
    """A node and what it may ask.

    Args:
        node: The node.
        draft: The definition that is made.
        context: What the import was told.
        refer: Writes a reference.
    """

    def __init__(
        self, node: Node, draft: Draft, context: Context, refer: Callable[[str, str], str]
    ) -> None:
        self.node = node
        self.draft = draft
        self.context = context
        self._refer = refer

    def value(self, name: str, *others: str) -> Any:
        """An input as a native value: the first of some names that there is; None without one."""
        for one in (name, *others):
            if one in self.node.inputs:
                return native(self.node.inputs[one], self._refer)
        return None

    def constant(self, name: str, *others: str) -> Any:
        """An input that is written down; None when it is a reference, or not there."""
        for one in (name, *others):
            if one in self.node.inputs:
                return constant(self.node.inputs[one])
        return None

    def text(self, name: str, *others: str) -> Any:
        """An input that is a template over the others."""
        written = self.constant(name, *others)
        if isinstance(written, str):
            return filled(written, self.values())
        return self.value(name, *others)

    def values(self, *without: str) -> dict[str, Any]:
        """All inputs as native values, some left out."""
        return {
            name: native(value, self._refer)
            for name, value in self.node.inputs.items()
            if name not in without
        }

    def native(self, value: Any) -> Any:
        """Any value of the canvas as a native one."""
        return native(value, self._refer)

    def need(self, kind: NeedKind, name: str, hint: str) -> None:
        """Say that something has to be given here."""
        self.draft.need(kind, name, self.node.key, hint)


Outputs = Mapping[str, tuple[str, ...]]
"""Outputs by the guide's names: the way to each in the outputs of the native node."""


class Kind(NamedTuple):
    """One type of nodes."""

    build: Callable[[Step], Built]
    outputs: Outputs = MappingProxyType({})
