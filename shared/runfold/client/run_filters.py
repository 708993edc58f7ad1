"""Which runs a list has: what is written for each filter, checked and read.

The HTTP API and the command both go through here, so that they take and refuse the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import get_args

import msgspec

from runfold.contracts.cursors import place_after, run_before
from runfold.contracts.labels import check_labels
from runfold.contracts.queries import ListFailures, ListRuns
from runfold.engine.state.runs import RunStatus
from runfold.engine.views.runs import NODE_STATUSES
from runfold.errors import ExpressionFailed, InvalidRequest
from runfold.ids import is_id, is_token
from runfold.values.durations import parse_instant

RUN_STATUSES: tuple[str, ...] = get_args(RunStatus)
MAX_TEXT = 256
"""Characters that are looked for."""
MAX_ADDRESS = 2_048
"""Characters of a node's address."""
_VERSION = re.compile(r"[1-9][0-9]{0,8}|draft")
_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")
_CODE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHOWN = 60


class WrittenFilters(msgspec.Struct, frozen=True, kw_only=True):
    """The filters as they are written: in a query, or as options."""

    workflow_id: str = ""
    status: tuple[str, ...] = ()
    """Statuses, several of them with commas between."""
    started_from: str = ""
    started_to: str = ""
    version: str = ""
    label: tuple[str, ...] = ()
    """`name:value`."""
    node: str = ""
    node_status: tuple[str, ...] = ()
    error_code: str = ""
    origin: str = ""
    text: str = ""
    cursor: str = ""
    limit: int = 50
    counts: bool = False


def asked_failures(
    workflow_id: str, started_from: str, started_to: str, cursor: str, limit: int
) -> ListFailures:
    """The question for groups of failed runs.

    Raises:
        InvalidRequest: As `asked`.
    """
    place_after(cursor)
    begin, end = _between(started_from, started_to)
    workflow_id = _checked("workflow_id", workflow_id, is_id, "the id of a workflow")
    return ListFailures(workflow_id, begin, end, cursor, limit)


def _between(written_from: str, written_to: str) -> tuple[float | None, float | None]:
    started_from, started_to = instant("from", written_from), instant("to", written_to)
    if started_from is not None and started_to is not None and started_to < started_from:
        raise _wrong("to", written_to, "it is before `from`")
    return started_from, started_to


def asked(written: WrittenFilters) -> ListRuns:
    """The question that filters stand for.

    Raises:
        InvalidRequest: `filter.invalid`, whose `parameter` names the filter, or `cursor.invalid`.
    """
    run_before(written.cursor)
    started_from, started_to = _between(written.started_from, written.started_to)
    node_status = one_of("node_status", written.node_status, NODE_STATUSES)
    if node_status and not written.node:
        raise _wrong("node_status", ",".join(node_status), "name the node with `node`")
    return ListRuns(
        workflow_id=_checked("workflow_id", written.workflow_id, is_id, "the id of a workflow"),
        status=one_of("status", written.status, RUN_STATUSES),
        started_from=started_from,
        started_to=started_to,
        version=_checked("version", written.version, _VERSION.fullmatch, "a number, or `draft`"),
        labels=asked_labels(written.label),
        node=address("node", written.node),
        node_status=node_status,
        error_code=_checked("error_code", written.error_code, _CODE.fullmatch, "an error's code"),
        origin=_checked("origin", written.origin, is_token, "the id of a run"),
        text=_text(written.text),
        cursor=written.cursor,
        limit=written.limit,
        counts=written.counts,
    )


def one_of(parameter: str, written: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """Names out of several values, each of which may have some with commas between.

    Raises:
        InvalidRequest: One of them is not known.
    """
    names = dict.fromkeys(
        name.strip() for value in written for name in value.split(",") if name.strip()
    )
    if not names and any(written):
        raise _wrong(parameter, ",", f"it is one of {', '.join(known)}")
    for name in names:
        if name not in known:
            raise _wrong(parameter, name, f"it is one of {', '.join(known)}")
    return tuple(names)


def asked_labels(written: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The labels, each written `name:value`, all of which are to hold; empty ones are none.

    Raises:
        InvalidRequest: One of them cannot be a label.
    """
    return tuple(dict.fromkeys(_label(one) for one in written if one))


def address(parameter: str, written: str) -> str:
    """The address of a node, or the id of one.

    Raises:
        InvalidRequest: It cannot be one.
    """
    if len(written) > MAX_ADDRESS or _CONTROL.search(written):
        rule = f"an address has at most {MAX_ADDRESS:,} characters, and none that controls"
        raise _wrong(parameter, written, rule)
    return written


def instant(parameter: str, written: str) -> float | None:
    """Unix seconds out of a number or ISO 8601 text, which is UTC without an offset.

    Raises:
        InvalidRequest: It is neither.
    """
    text = written.strip()
    if not text:
        return None
    try:
        return parse_instant(float(text) if _SECONDS.fullmatch(text) else text)
    except ExpressionFailed as error:
        hint = " (in a URL `+` is written %2B)" if " " in text else ""
        raise _wrong(parameter, written, f"{error.message}{hint}") from error


def _label(written: str) -> tuple[str, str]:
    name, colon, value = written.partition(":")
    if not colon:
        raise _wrong("label", written, "a label is looked for as name:value")
    try:
        check_labels({name: value})
    except InvalidRequest as error:
        raise _wrong("label", written, error.message) from error
    return name, value


def _text(written: str) -> str:
    text = written.strip()
    if len(text) > MAX_TEXT:
        raise _wrong("text", text, f"at most {MAX_TEXT} characters are looked for")
    return text


def _checked(parameter: str, written: str, fits: Callable[[str], object], what: str) -> str:
    if written and not fits(written):
        raise _wrong(parameter, written, f"it is {what}")
    return written


def _wrong(parameter: str, value: str, why: str) -> InvalidRequest:
    shown = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
    return InvalidRequest(
        f"invalid {parameter} {shown!r}: {why}",
        code="filter.invalid",
        details={"parameter": parameter},
    )
