"""The cases that a document carries: whether what they script is there, and can be scripted.

Warnings alone, since cases are not part of what runs. Whether a case can be read in full is for
`runfold test` to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runfold.graph.bodies import bodies_of
from runfold.graph.definition import Node, Suggestion, Workflow
from runfold.graph.findings import Findings, Hint, Near
from runfold.graph.kinds import INLINE, kind_of

PLACEHOLDER = "placeholder"


def check_cases(written: Any, workflow: Workflow, found: Findings) -> None:
    """What stands under `tests` of the document of a workflow."""
    if written is None:
        return
    if not isinstance(written, list):
        found.warning("tests.invalid", "tests", "the cases under `tests` must be a list")
        return
    known = types_by_id(workflow)
    for place, case in enumerate(written):
        path = f"tests[{place}]"
        if not isinstance(case, dict):
            found.warning("tests.invalid", path, "a case must be an object")
            continue
        replies = case.get("replies")
        for name in map(str, replies if isinstance(replies, dict) else ()):
            wrong = why_not_scripted(name, known)
            if wrong:
                hint = _meant(name, known, found)
                found.warning("tests.reply", f"{path}.replies.{name}", wrong, hint)


def _meant(name: str, known: Mapping[str, str], found: Findings) -> Hint:
    node_id = id_of_reply(name)
    near = "" if node_id in known else found.nearest(node_id, known)
    if not isinstance(near, Near):
        return near
    around, step, _ = name.rpartition("/")
    suggestion = Suggestion(name, around + step + near.suggestion.meant)
    return near._replace(suggestion=suggestion)


def types_by_id(workflow: Workflow) -> dict[str, str]:
    """The types of all nodes, those among them that another is short for."""
    return {node.id: node.type for node in _nodes_of(workflow)}


def id_of_reply(name: str) -> str:
    """The node that a reply is for: `call` of `each[0]/call`."""
    return name.rpartition("/")[2].partition("[")[0]


def why_not_scripted(name: str, known: Mapping[str, str]) -> str:
    """Why a case cannot have a reply under a name; empty when it can.

    Args:
        name: A node's id, or its address in a run.
        known: Types of nodes by id.
    """
    node_id = id_of_reply(name)
    if node_id not in known:
        return f"a reply for {name!r}, and the workflow has no such node"
    kind = kind_of(known[node_id])
    if kind is not None and kind.group == INLINE and kind.type != PLACEHOLDER:
        return (
            f"a reply for {name!r}, a {kind.type} node, which the scheduler decides: script "
            "the nodes that it depends on, or give a person's answer under `answers`"
        )
    return ""


def _nodes_of(workflow: Workflow) -> Iterator[Node]:
    left = [*workflow.nodes]
    while left:
        node = left.pop()
        yield node
        left += [one for body in bodies_of(node).values() for one in body.nodes]
    for inner in workflow.workflows.values():
        yield from _nodes_of(inner)
