"""A workflow of n8n as it is written: nodes, connections, settings, of any shape.

Only reading: what a node becomes is in `parts`, how they are joined in `wiring` and `regions`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.graph.layouts import coordinate
from runfold.importers.n8n.plain import (
    as_count,
    as_list,
    as_number,
    as_object,
    as_text,
    objects_in,
)

MAIN = "main"
"""The type of connections that carry items; others say that a node is a part of another."""
BASE, AI = "n8n-nodes-base", "@n8n/n8n-nodes-langchain"
"""Packages whose nodes are known."""
NOTE = "stickyNote"
ZONE = "America/New_York"
"""The time zone of n8n where neither a workflow nor the instance names one."""
_MOST_OUTPUTS = 100
_MOST_INPUTS = 100


class Retries(msgspec.Struct, frozen=True):
    """How often a node is tried, and the pause between tries."""

    tries: int
    seconds: float


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One node, by a name that no other node of the workflow has."""

    name: str
    title: str
    """Its name as it is written, which two nodes of a broken document may share."""
    type: str
    """With its package."""
    written: str
    """The type as it is written, which guides shorten."""
    package: str
    kind: str
    """Its type without the package."""
    version: float
    parameters: dict[str, Any]
    credentials: dict[str, Any] = {}
    position: tuple[float, float] = (0.0, 0.0)
    is_placed: bool = False
    """Whether the document says where it stands."""
    notes: str = ""
    webhook_id: str = ""
    is_disabled: bool = False
    execute_once: bool = False
    always_output: bool = False
    on_error: str = "stop"
    """`stop`, `continue` or `error_output`."""
    retries: Retries | None = None
    id: str = ""


class Link(msgspec.Struct, frozen=True):
    """A connection from an output of a node to an input of another."""

    source: str
    output: int
    target: str
    input: int
    type: str = MAIN


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One workflow."""

    id: str
    name: str
    nodes: dict[str, Node]
    links: tuple[Link, ...]
    dangling: tuple[tuple[str, str], ...] = ()
    """Connections that lead from or to what is not there: both ends as they are written."""
    broken: tuple[str, ...] = ()
    """What stands among the nodes and is none, in words."""
    settings: dict[str, Any] = {}
    pinned: dict[str, list[Any]] = {}
    is_active: bool = False
    description: str = ""

    @property
    def order(self) -> str:
        """The order in which n8n runs it: `v0` where the settings name none."""
        return as_text(self.settings.get("executionOrder"), "v0") or "v0"

    @property
    def timezone(self) -> str:
        """The time zone in which its dates are: that of n8n where the settings name none."""
        written = as_text(self.settings.get("timezone"))
        return written if written and written != "DEFAULT" else ZONE


def read_document(written: dict[str, Any], name: str) -> Document:
    """A workflow out of `{nodes, connections, …}`.

    Args:
        written: The document.
        name: What to call it when it has no name.
    """
    listed = as_list(written.get("nodes"))
    broken = [f"nodes[{index}]" for index, one in enumerate(listed) if not isinstance(one, dict)]
    names = _names(listed)
    nodes = {name: _node(as_object(listed[index]), name, index) for index, name in names.items()}
    links, dangling = _links(as_object(written.get("connections")), nodes)
    return Document(
        id=as_text(written.get("id")),
        name=as_text(written.get("name")) or name,
        nodes=nodes,
        links=links,
        dangling=dangling,
        broken=tuple(broken),
        settings=as_object(written.get("settings")),
        pinned=_pinned(as_object(written.get("pinData")), nodes),
        is_active=written.get("active") is True,
        description=as_text(written.get("description")),
    )


def _names(listed: list[Any]) -> dict[int, str]:
    """A name for each node that no other has: of several of one name, n8n knows the last."""
    titles = {
        index: _title(as_object(one), index)
        for index, one in enumerate(listed)
        if isinstance(one, dict)
    }
    last = {title: index for index, title in titles.items()}
    taken = set(last)
    found = {}
    for index, title in titles.items():
        name, number = title, 1
        while index != last[title] and name in taken:
            name, number = f"{title} #{number}", number + 1
        taken.add(name)
        found[index] = name
    return found


def _title(written: dict[str, Any], index: int) -> str:
    return as_text(written.get("name")) or as_text(written.get("id")) or f"nodes[{index}]"


def _node(written: dict[str, Any], name: str, index: int) -> Node:
    type_ = as_text(written.get("type"))
    package, kind = split_type(type_)
    title = _title(written, index)
    position = as_list(written.get("position"))[:2]
    place = [as_number(one, 0.0) for one in position]
    is_placed = len(place) == 2 and all(coordinate(one) is not None for one in position)  # noqa: PLR2004 -- x, y
    return Node(
        name=name,
        title=title,
        type=type_,
        written=as_text(written.get("writtenType")) or type_,
        package=package,
        kind=kind,
        version=_version(written.get("typeVersion")),
        parameters=as_object(written.get("parameters")),
        credentials=as_object(written.get("credentials")),
        position=(place[0], place[1]) if len(place) == 2 else (0.0, 0.0),  # noqa: PLR2004 -- x, y
        is_placed=is_placed,
        notes=as_text(written.get("notes")),
        webhook_id=as_text(written.get("webhookId")),
        is_disabled=written.get("disabled") is True,
        execute_once=written.get("executeOnce") is True,
        always_output=written.get("alwaysOutputData") is True,
        on_error=_on_error(written),
        retries=_retries(written),
        id=as_text(written.get("id")),
    )


def split_type(type_: str) -> tuple[str, str]:
    """Package and kind: `n8n-nodes-base.set` is `n8n-nodes-base` and `set`."""
    package, dot, kind = type_.rpartition(".")
    return (package, kind) if dot else ("", type_)


def _version(written: Any) -> float:
    """The version of a node's type; of several, the last."""
    several = as_list(written)
    return as_number(several[-1] if several else written, 1.0)


def _on_error(written: dict[str, Any]) -> str:
    match written.get("onError"):
        case "continueRegularOutput":
            return "continue"
        case "continueErrorOutput":
            return "error_output"
        case "stopWorkflow":
            return "stop"
        case _:
            return "continue" if written.get("continueOnFail") is True else "stop"


def _retries(written: dict[str, Any]) -> Retries | None:
    if written.get("retryOnFail") is not True:
        return None
    tries = as_count(written.get("maxTries"), 3, least=2, most=5)
    pause = as_count(written.get("waitBetweenTries"), 1000, least=0, most=5000)
    return Retries(tries, pause / 1000)


def _links(
    written: dict[str, Any], nodes: dict[str, Node]
) -> tuple[tuple[Link, ...], tuple[tuple[str, str], ...]]:
    """The connections; those by the ids of nodes are read as well."""
    names = {node.id: name for name, node in nodes.items() if node.id} | {
        node.title: node.title for node in nodes.values()
    }
    found: dict[Link, None] = {}
    dangling = []
    for source, types in written.items():
        for type_, outputs in as_object(types).items():
            for output, targets in enumerate(_outputs(outputs)):
                for target in objects_in(targets):
                    to = as_text(target.get("node"))
                    if source not in names or to not in names:
                        dangling.append((names.get(source, source), to))
                        continue
                    place = as_count(target.get("index"), 0, most=_MOST_INPUTS)
                    found[Link(names[source], output, names[to], place, type_)] = None
    return tuple(found), tuple(dict.fromkeys(dangling))


def _outputs(written: Any) -> list[Any]:
    """Targets by output; documents that were edited by hand have one list, or one target."""
    if isinstance(written, dict):
        return [[written]] if "node" in written else []
    outputs = as_list(written)[:_MOST_OUTPUTS]
    if any(isinstance(one, dict) for one in outputs):
        return [outputs]
    return outputs


def _pinned(written: dict[str, Any], nodes: dict[str, Node]) -> dict[str, list[Any]]:
    """Pinned items by node, each with its `json`."""
    found = {}
    for name, items in written.items():
        if name in nodes and isinstance(items, list):
            found[name] = [_item(one) for one in items if isinstance(one, dict)]
    return found


def _item(written: dict[str, Any]) -> dict[str, Any]:
    return written if isinstance(written.get("json"), dict) else {"json": written}
