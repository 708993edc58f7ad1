"""Cases as they are written in a workflow's file."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.errors import FailureKind, InvalidInputs

KEY = "tests"
KEPT = frozenset(("text", "code"))
"""Groups whose nodes give the same again: what they gave is not recorded."""
_OF_REPLY = frozenset(("outputs", "port", "error"))


class ReplyError(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A failure that a node is to give."""

    message: str = "scripted"
    code: str = "scripted"
    kind: FailureKind = "internal"
    retryable: bool = False


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a node gives in place of running."""

    outputs: dict[str, Any] = {}
    port: str = ""
    error: ReplyError | None = None


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What must come out. Parts that are left out are not looked at."""

    status: str = "succeeded"
    outputs: Any = msgspec.UNSET
    answer: str | msgspec.UnsetType = msgspec.UNSET
    error: str = ""
    """Code of the failure, or a part of its message."""
    nodes: dict[str, dict[str, Any]] = {}
    """Node, by id or address → those of its outputs that must be so."""


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One case."""

    name: str = ""
    inputs: dict[str, Any] = {}
    query: str = ""
    """What a user says: `sys.query`, and the input `query` where there is one."""
    replies: dict[str, Any] = {}
    """Node, by id → its reply, or a list of them in turn; the last one counts for all further."""
    answers: dict[str, Any] = {}
    """Node that waits for a person → the answer, or a list of them in turn."""
    timeout: float = 60.0
    """Seconds in which the run is to end."""
    expect: Expected = Expected()


def cases_of(document: dict[str, Any]) -> tuple[Case, ...]:
    """The cases of a workflow's document; of an import with pinned data, a case of that.

    Raises:
        InvalidInputs: `tests.invalid`, with the place of what is wrong.
    """
    written = document.get(KEY)
    if written is None:
        return _pinned(document)
    try:
        return msgspec.convert(written, tuple[Case, ...])
    except msgspec.ValidationError as error:
        place = str(error).replace("$", KEY, 1)
        message = f"the cases under `{KEY}` cannot be read: {place[:300]}"
        raise InvalidInputs(message, code="tests.invalid") from error


def _pinned(document: dict[str, Any]) -> tuple[Case, ...]:
    """What an import was pinned to: given where a node cannot run here, else expected."""
    origin = document.get("origin")
    pinned = origin.get("pinned") if isinstance(origin, dict) else None
    if not isinstance(pinned, dict) or not pinned:
        return ()
    nodes = document.get("nodes")
    stand_ins = {
        node.get("id")
        for node in (nodes if isinstance(nodes, list) else ())
        if isinstance(node, dict) and node.get("type") == "placeholder"
    }
    replies = {
        node: {"outputs": {"items": items, "ports": {"0": items}, "links": {}}}
        for node, items in pinned.items()
        if node in stand_ins
    }
    nodes_expected = {
        node: {"items": items} for node, items in pinned.items() if node not in stand_ins
    }
    return (Case("pinned data", replies=replies, expect=Expected(nodes=nodes_expected)),)


def replies_of(case: Case) -> dict[str, list[Reply]]:
    """The replies of each node, in turn.

    Raises:
        InvalidInputs: `tests.invalid`.
    """
    return {
        node: [
            _reply(node, one)
            for one in (written if isinstance(written, list) and written else [written])
        ]
        for node, written in case.replies.items()
    }


def _reply(node: str, written: Any) -> Reply:
    if not (isinstance(written, dict) and written and set(written) <= _OF_REPLY):
        return Reply({"output": written})
    try:
        return msgspec.convert(written, Reply)
    except msgspec.ValidationError as error:
        message = f"the reply of {node!r} cannot be read: {error}"
        raise InvalidInputs(message, code="tests.invalid") from error


def answers_of(case: Case) -> dict[str, list[str]]:
    """The answers of each node, in turn, as the command line takes them."""
    return {
        node: [_said(one) for one in (given if isinstance(given, list) else [given])]
        for node, given in case.answers.items()
    }


def _said(answer: Any) -> str:
    return answer if isinstance(answer, str) else msgspec.json.encode(answer).decode()
