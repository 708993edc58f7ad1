"""The table of node kinds. They register when imported, built-in ones on first use."""

from __future__ import annotations

import builtins
import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import msgspec

from runfold.errors import ConfigurationError
from runfold.graph.definition import OUT

INLINE = "inline"
"""The group of kinds the scheduler decides itself, without a task."""

Ports = Callable[[dict[str, Any]], tuple[str, ...]]


def only_out(_config: dict[str, Any]) -> tuple[str, ...]:
    """The ports of a kind that does not branch."""
    return (OUT,)


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One node kind."""

    type: str
    group: str
    """`inline`, or the executor group whose queue its tasks go to."""
    config: builtins.type[msgspec.Struct]
    """Struct with `forbid_unknown_fields`; the shape of the rendered configuration."""
    summary: str
    """One line for listings."""
    aliases: tuple[str, ...] = ()
    ports: Ports = only_out
    """Normal ports for a configuration; `error` is added by the error strategy."""
    outputs: tuple[str, ...] | None = None
    """Names that `{{node.name}}` may read; None: not known beforehand. `output` always works."""
    raw: tuple[str, ...] = ()
    """Configuration fields never rendered as templates (source code, expressions)."""
    streams: bool = False
    """Whether chunks may come before the result."""


_kinds: dict[str, Kind] = {}
_loaded = False


def register(kind: Kind) -> Kind:
    """Add a kind under its type and aliases.

    Raises:
        ConfigurationError: When a different kind already has the name.
    """
    for name in (kind.type, *kind.aliases):
        present = _kinds.setdefault(name, kind)
        if present != kind:
            message = f"node type {name!r} is already taken by {present.summary!r}"
            raise ConfigurationError(message, code="kind.duplicate")
    return kind


def load_builtin() -> None:
    """Import every module of this folder, so that its kinds are registered."""
    global _loaded  # noqa: PLW0603 -- one-time import guard
    if _loaded:
        return
    _loaded = True
    package = importlib.import_module("runfold.graph.kinds")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name != "registry":
            importlib.import_module(f"runfold.graph.kinds.{module.name}")


def kind_of(type_name: str) -> Kind | None:
    """The kind of a type name or alias, or None."""
    load_builtin()
    return _kinds.get(type_name)


def all_kinds() -> tuple[Kind, ...]:
    """All kinds, by type name, without aliases."""
    load_builtin()
    return tuple(kind for name, kind in sorted(_kinds.items()) if name == kind.type)
