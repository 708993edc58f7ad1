"""Identifiers: run ids, event ids, partitions, addresses of nodes inside a run.

An author's ids (of workflows, nodes, states, variables) may be of any script; ids that runfold
makes or an operator sets (runs, executor groups, node types) are ASCII tokens. `bus_token` writes
the former as the latter. No clock and no entropy of its own beyond what callers pass in.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid
import zlib
from functools import lru_cache

from runfold.errors import InvalidRequest

PARTITIONS = 64
"""Fixed for the life of a deployment: every client computes a run's partition from it."""

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PLAIN = frozenset(b for b in range(0x80) if chr(b).isalnum()) | frozenset(b"_-:/[].")
"""Bytes of ids and addresses that stay as they are."""
_ESCAPED = re.compile(r"=([0-9A-F]{2})")
MAX_ID = 64
"""Characters of an id."""
ID_RULE = f"1 to {MAX_ID} letters and digits of any script, '_' and '-', beginning with one of them"
"""What an author's id may be, for messages."""


@lru_cache(maxsize=8192)
def is_token(text: str) -> bool:
    """Whether `text` may stand as one token of a subject."""
    return _TOKEN.fullmatch(text) is not None


def checked_token(text: str, what: str) -> str:
    """Return `text` unchanged when it may enter a subject.

    Raises:
        InvalidRequest: When it may not; the message names `what` and the rule.
    """
    if not is_token(text):
        message = (
            f"{what} {text!r} is not usable as an id: "
            "1 to 64 of letters, digits, '_' and '-', starting with a letter or digit"
        )
        raise InvalidRequest(message, code="id.invalid", details={"what": what, "value": text})
    return text


@lru_cache(maxsize=4096)
def is_id(text: str) -> bool:
    """Whether `text` may be the id of a workflow, node, state, branch or variable.

    Letters of some scripts are written with marks, which count as letters. An id is composed (NFC),
    so that two ids that look alike are the same.
    """
    if not 0 < len(text) <= MAX_ID or not unicodedata.is_normalized("NFC", text):
        return False
    if unicodedata.category(text[0])[0] not in "LN":
        return False
    return all(one in "_-" or unicodedata.category(one)[0] in "LMN" for one in text)


def checked_id(text: str, what: str) -> str:
    """Return `text` unchanged when it may be an author's id.

    Raises:
        InvalidRequest: `id.invalid`; the message names `what` and the rule.
    """
    if not is_id(text):
        message = f"{what} {text!r} is not usable as an id: {ID_RULE}"
        raise InvalidRequest(message, code="id.invalid", details={"what": what, "value": text})
    return text


@lru_cache(maxsize=4096)
def bus_token(text: str) -> str:
    """An id as one ASCII token of a subject or key: a byte that is not of one becomes `=E5`."""
    if text.isascii():
        return text
    return "".join(
        chr(byte)
        if chr(byte).isascii() and (chr(byte).isalnum() or byte in b"_-")
        else f"={byte:02X}"
        for byte in text.encode()
    )


def id_of_token(token: str) -> str:
    """The id that `bus_token` wrote."""
    if "=" not in token:
        return token
    parts = _ESCAPED.split(token)
    raw = b"".join(
        bytes.fromhex(part) if place % 2 else part.encode() for place, part in enumerate(parts)
    )
    return raw.decode(errors="replace")


def uuid7(unix_ms: int, entropy: bytes) -> str:
    """A UUIDv7 from a time in milliseconds and at least 10 bytes of entropy."""
    value = (unix_ms & (1 << 48) - 1) << 80 | int.from_bytes(entropy[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def run_id_by_place(queue: str, seq: int, time: float) -> str:
    """The run id of a stored message that names none: the same however often it is delivered."""
    place = f"{queue}{seq}:{time}"
    return uuid7(int(time * 1000), hashlib.sha256(place.encode()).digest())


def made_at(run_id: str) -> float | None:
    """Unix seconds at which a UUIDv7 was made; None for any other id."""
    try:
        value = uuid.UUID(run_id)
    except ValueError:
        return None
    return (value.int >> 80) / 1000 if value.version == 7 else None  # noqa: PLR2004 -- UUIDv7


def run_id_for_key(workflow_id: str, idempotency_key: str) -> str:
    """The one run id that a workflow's idempotency key stands for, the same everywhere."""
    digest = hashlib.sha256(f"{workflow_id}\0{idempotency_key}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def partition_of(run_id: str) -> int:
    """The run's partition, 0 to 63."""
    return zlib.crc32(run_id.encode()) % PARTITIONS


def address_of(scope: str, node_id: str) -> str:
    """A node's address inside its run: its scope path and its id, `each[3]/call`."""
    return f"{scope}/{node_id}" if scope else node_id


def child_scope(address: str, index: int, body: str = "") -> str:
    """The scope of item or round `index` of the composite node at `address`.

    Of a composite with several bodies it says which one: `fan[web.0]`.
    """
    return f"{address}[{body}.{index}]" if body else f"{address}[{index}]"


def split_address(address: str) -> tuple[str, str]:
    """The `(scope, node_id)` of an address."""
    scope, _, node_id = address.rpartition("/")
    return scope, node_id


def parent_of_scope(scope: str) -> tuple[str, int]:
    """The composite node's address and the item's index for a non-root scope."""
    address, _, rest = scope.rpartition("[")
    return address, int(rest[:-1].rpartition(".")[2])


def split_step(step: str) -> tuple[str, str, int]:
    """One step of a scope path as `(node_id, body, index)`; index -1 for a node itself."""
    node_id, _, rest = step.partition("[")
    if not rest:
        return node_id, "", -1
    body, _, index = rest[:-1].rpartition(".")
    return node_id, body, int(index)


def place_in_definition(address: str) -> str:
    """An address without the numbers of items and rounds: `each[3]/call` → `each[]/call`."""
    steps = (split_step(step) for step in address.split("/"))
    return "/".join(
        node_id if index < 0 else f"{node_id}[{body}]" for node_id, body, index in steps
    )


def attempt_id(run_id: str, address: str, attempt: int) -> str:
    """Msg-Id of a dispatch, and the idempotency key an executor hands to the outside."""
    return f"{run_id}:{address}:{attempt}"


def review_token(run_id: str, address: str, attempt: int) -> str:
    """What a person answers: opaque, stable, and naming its run for look-up."""
    digest = hashlib.sha256(attempt_id(run_id, address, attempt).encode()).hexdigest()
    return f"{run_id}.{digest[:16]}"


def bucket_key(name: str) -> str:
    """Any name as the key of a bucket, which takes few characters."""
    return hashlib.sha256(name.encode()).hexdigest()[:40]


def run_of_review(token: str) -> str:
    """The run id inside a review token."""
    return token.rpartition(".")[0]
