"""Which node kinds an executor process runs: its service's own, and those of further modules.

A further module is named in `RUNFOLD_NODE_MODULES` and defines `NODE` or `NODES`. Its kinds are
registered when it is loaded, so the processes that check and plan workflows load it too. A kind's
group decides which executors run it: an existing group's, or `runfold serve executor --group G`.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from types import ModuleType

from runfold.errors import ConfigurationError
from runfold.executor.node import NodeExecutor
from runfold.graph.kinds import INLINE, kind_of, register
from runfold.settings import Settings, listed


def load_node_modules(settings: Settings) -> tuple[NodeExecutor, ...]:
    """Import the further modules and register their kinds; may be done again.

    Raises:
        ConfigurationError: When a module cannot be imported or has no nodes.
    """
    kind_of("start")  # the built-in kinds first: a clash is the newcomer's fault
    found: list[NodeExecutor] = []
    for name in listed(settings.node_modules):
        found += _nodes_of(_imported(name))
    for executor in found:
        kind = executor.kind
        if kind.group == INLINE:
            message = f"node type {kind.type!r}: group {INLINE!r} is the scheduler's; name another"
            raise ConfigurationError(message, code="kind.group")
        register(kind)
    return tuple(found)


def gather(
    group: str, settings: Settings, own: Iterable[NodeExecutor] = ()
) -> dict[str, NodeExecutor]:
    """The executors of a group by node type.

    Args:
        group: The group whose queue is worked on.
        settings: Names the further modules.
        own: The service's own, of any group: conditions written as Python are of an inline kind,
            and run in the group `code`.

    Raises:
        ConfigurationError: When there are none, or two for one type.
    """
    further = [node for node in load_node_modules(settings) if node.kind.group == group]
    gathered: dict[str, NodeExecutor] = {}
    for executor in (*own, *further):
        if gathered.setdefault(executor.kind.type, executor) is not executor:
            message = f"node type {executor.kind.type!r} has two executors in group {group!r}"
            raise ConfigurationError(message, code="executor.duplicate")
    if not gathered:
        message = (
            f"no node type belongs to executor group {group!r}: "
            "name the module that defines one in RUNFOLD_NODE_MODULES"
        )
        raise ConfigurationError(message, code="executor.empty")
    return gathered


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        message = f"RUNFOLD_NODE_MODULES: cannot import {name!r}: {error}"
        raise ConfigurationError(message, code="node_modules.import") from error


def _nodes_of(module: ModuleType) -> tuple[NodeExecutor, ...]:
    nodes = getattr(module, "NODES", None) or (getattr(module, "NODE", None),)
    if not all(isinstance(node, NodeExecutor) for node in nodes):
        message = (
            f"RUNFOLD_NODE_MODULES: module {module.__name__!r} must define "
            "NODE = NodeExecutor(…) or NODES = (NodeExecutor(…), …)"
        )
        raise ConfigurationError(message, code="node_modules.nodes")
    return tuple(nodes)
