"""A node's protection, as its author wrote it: read, with every number looked at."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from runfold.contracts.protection import (
    DAY,
    LONGEST_WAIT,
    Breaker,
    Cache,
    RateLimit,
)
from runfold.errors import RunfoldError
from runfold.graph.definition import Node
from runfold.graph.findings import Findings
from runfold.values.durations import parse_duration

PROTECTIONS = ("breaker", "rate_limit", "cache", "idempotency_key", "concurrency")
"""The keys of a node that are about its protection."""
FASTEST = 10_000
"""Calls that a limit may let begin in a second."""
REMEMBERED = 1000
"""Calls that a sliding window may have: it remembers each of them."""
_SHORTEST = 0.001
"""Seconds that any time must have at least."""


class _Range(NamedTuple):
    """What a number may be."""

    field: str
    low: float
    high: float
    said: str


_BREAKER = (
    _Range("failures", 1, 10_000, "from 1 to 10000"),
    _Range("open_for", _SHORTEST, DAY, "from 1ms to 1d"),
    _Range("half_open_calls", 1, 1000, "from 1 to 1000"),
    _Range("successes", 1, 1000, "from 1 to 1000"),
)
_LIMIT = (
    _Range("per", _SHORTEST, DAY, "from 1ms to 1d"),
    _Range("burst", 1, 1_000_000, "from 1 to 1000000"),
    _Range("wait", 0, LONGEST_WAIT, "at most 1h"),
)
_CACHE = (_Range("ttl", _SHORTEST, DAY, "from 1ms to 1d"),)
MOST_AT_A_TIME = 1000
"""Attempts of a node that `concurrency` may allow at a time: each of them is remembered."""


def read_protections(fields: dict[str, Any], path: str, found: Findings) -> dict[str, Any]:
    """The fields of a node that protect it."""
    if not any(name in fields for name in PROTECTIONS):
        return {}
    return {
        "breaker": _read(fields, "breaker", Breaker, _BREAKER, path, found),
        "rate_limit": _read_limit(fields, path, found),
        "cache": _read(fields, "cache", Cache, _CACHE, path, found),
        "idempotency_key": _read_key(fields, path, found),
        "concurrency": _read_concurrency(fields, path, found),
    }


def fallback_names(node: Node) -> tuple[str, ...]:
    """What a node's fallback lets `{{node.…}}` read beside its own outputs."""
    if node.breaker is None or node.breaker.fallback is msgspec.UNSET:
        return ()
    value = node.breaker.fallback
    return ("fallback", *(value if isinstance(value, dict) else ()))


def _read(
    fields: dict[str, Any],
    name: str,
    kind: type[msgspec.Struct],
    ranges: tuple[_Range, ...],
    path: str,
    found: Findings,
) -> Any:
    """One of the parts; None when it is not there or cannot be read."""
    if name not in fields:
        return None
    code, path = f"node.{name}", f"{path}.{name}"
    written = fields[name]
    if not isinstance(written, dict):
        found.error(code, path, f"{name} must be an object, not {written!r}")
        return None
    known = [field.name for field in msgspec.structs.fields(kind)]
    given = {}
    for key, value in written.items():
        if key not in known:
            hint = found.nearest(key, known)
            found.error(code, f"{path}.{key}", f"{name} has no {key!r}", hint)
        elif key in ("open_for", "per", "ttl", "wait"):
            given[key] = _seconds(value, f"{path}.{key}", found)
        elif value is not None or key == "fallback":
            given[key] = value
    try:
        made = msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        found.error(code, path + where.rstrip("`"), f"{name}: {what[:1].lower()}{what[1:]}")
        return None
    for one in ranges:
        value = getattr(made, one.field)
        if one.field in given and not one.low <= value <= one.high:
            message = f"{one.field} of {name} must be {one.said}, not {written[one.field]!r}"
            found.error(code, f"{path}.{one.field}", message)
    return made


def _seconds(value: Any, path: str, found: Findings) -> float:
    """Seconds; of a `wait` that is only yes or no, what that stands for."""
    if isinstance(value, bool) and path.endswith(".wait"):
        return LONGEST_WAIT if value else 0.0
    try:
        return parse_duration(value)
    except RunfoldError as error:
        found.error("duration.invalid", path, str(error))
        return 1.0


def _read_limit(fields: dict[str, Any], path: str, found: Findings) -> RateLimit | None:
    limit: RateLimit | None = _read(fields, "rate_limit", RateLimit, _LIMIT, path, found)
    if limit is None:
        return None
    code, path = "node.rate_limit", f"{path}.rate_limit"
    if limit.rate <= 0:
        message = f"rate must be over 0, not {limit.rate:g}: with it no call could ever begin"
        found.error(code, f"{path}.rate", message, "take the node out to never run it")
        return None
    if limit.per > 0 and limit.rate / limit.per > FASTEST:
        found.error(code, f"{path}.rate", f"more than {FASTEST} calls a second cannot be limited")
    if limit.algorithm in ("fixed_window", "sliding_window"):
        if limit.rate != int(limit.rate):
            hint = "give a longer `per`, such as rate: 1, per: 10s for 0.1 a second"
            message = f"a {limit.algorithm} has a whole number of calls, not {limit.rate:g}"
            found.error(code, f"{path}.rate", message, hint)
        if limit.burst:
            message = f"a {limit.algorithm} has no burst: all its calls may begin at once"
            found.error(code, f"{path}.burst", message)
    if limit.algorithm == "sliding_window" and limit.rate > REMEMBERED:
        message = f"a sliding_window remembers each call and may have {REMEMBERED} at most"
        found.error(code, f"{path}.rate", message, "take a token_bucket, or a shorter `per`")
    return limit


def _read_key(fields: dict[str, Any], path: str, found: Findings) -> str:
    key = fields.get("idempotency_key", "")
    if isinstance(key, str) and (key or "idempotency_key" not in fields):
        return key
    message = f"idempotency_key must be text such as '{{{{order.id}}}}', not {key!r}"
    found.error("node.idempotency_key", f"{path}.idempotency_key", message)
    return ""


def _read_concurrency(fields: dict[str, Any], path: str, found: Findings) -> int:
    if "concurrency" not in fields:
        return 0
    number = fields["concurrency"]
    whole = isinstance(number, int) and not isinstance(number, bool)
    if whole and 1 <= number <= MOST_AT_A_TIME:
        return int(number)
    message = f"concurrency must be a whole number from 1 to {MOST_AT_A_TIME}, not {number!r}"
    found.error("node.concurrency", f"{path}.concurrency", message)
    return 0
