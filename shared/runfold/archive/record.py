"""One archived run as bytes: a header and then its events, each a line of JSON, gzipped.

`nats stream get ARCHIVE SEQ` and `zcat` show it to a person. Events are kept as they were stored,
byte for byte but for white space, so that another release's fields survive.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from runfold.errors import RunfoldError

_FILE = re.compile(rb'\$file\\*"\s*:\s*\\*"([0-9a-f]{64})\\*"')
GZIP = 31
"""zlib's window bits for a gzip stream, which it writes without a time and a file name."""
LEVEL = 6
LONGEST_HEADER = 64 * 1024 * 1024
"""Bytes: some 900,000 files."""
PIECE = 4096
"""Bytes that are unpacked at a time to find a header's end."""
LONGEST = 512 * 1024 * 1024
"""Bytes that a record may unpack to: few packed bytes can stand for very many."""


class RawEvent(msgspec.Struct, frozen=True):
    """An event as bytes, with its place in the log."""

    seq: int
    time: float
    body: bytes


class Header(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record's first line."""

    run_id: str
    workflow_id: str
    partition: int
    status: str
    """As of the run: succeeded, failed, compensated, …"""
    first_seq: int
    last_seq: int
    events: int
    started_at: float
    ended_at: float
    prev: str
    """Hash of the partition's record before this one; empty for the first."""
    files: tuple[str, ...] = ()
    """Digests of all files that its events name, in order: as long as it is there, so are they."""
    hash: str = ""


class ArchivedRun(msgspec.Struct, frozen=True):
    """A record taken apart."""

    header: Header
    lines: tuple[bytes, ...]
    """One for each event."""


class Damaged(RunfoldError):
    """Bytes that are not a record; the caller, who knows where it was, says so."""

    code = "archive.damaged"


class _Line(msgspec.Struct, frozen=True):
    seq: int
    time: float
    event: msgspec.Raw = msgspec.Raw()
    undecodable: str = ""


def files_named(body: bytes) -> set[str]:
    """Digests of the files that JSON names, also those in a text that is JSON itself."""
    if b"$file" not in body:
        return set()
    return {found.decode() for found in _FILE.findall(body)}


def line_of(event: RawEvent) -> bytes:
    """An event as one line; a body that is no JSON is kept in base64."""
    fields: dict[str, Any] = {"seq": event.seq, "time": event.time}
    try:
        # Checked whole first: formatting alone lets some bodies pass that are no JSON.
        msgspec.json.decode(event.body)
        fields["event"] = msgspec.Raw(msgspec.json.format(event.body, indent=-1))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        fields["undecodable"] = base64.b64encode(event.body).decode()
    return msgspec.json.encode(fields)


def event_in(line: bytes) -> RawEvent:
    """The event of one line.

    Raises:
        Damaged: It is not one.
    """
    try:
        found = msgspec.json.decode(line, type=_Line)
        kept = base64.b64decode(found.undecodable, validate=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, binascii.Error) as error:
        raise Damaged(f"a line is no event: {error}") from error
    return RawEvent(found.seq, found.time, kept or bytes(found.event))


def pack(header: Header, lines: Iterable[bytes]) -> bytes:
    """The record's bytes."""
    packing = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
    parts = [packing.compress(msgspec.json.encode(header) + b"\n")]
    parts += [packing.compress(line + b"\n") for line in lines]
    return b"".join((*parts, packing.flush()))


def unpack(body: bytes) -> ArchivedRun:
    """A record's bytes taken apart, its hash not looked at.

    Raises:
        Damaged: They are not what `pack` makes.
    """
    unpacking = zlib.decompressobj(GZIP)
    try:
        text = unpacking.decompress(body, LONGEST)
    except zlib.error as error:
        raise Damaged(f"it cannot be unpacked: {error}") from error
    if unpacking.unconsumed_tail:
        raise Damaged(f"it unpacks to more than {LONGEST} bytes")
    if not unpacking.eof or unpacking.unused_data:
        raise Damaged("it is cut off, or something was added")
    first, *lines = text.split(b"\n")
    if not lines or lines.pop():
        raise Damaged("its last line is cut off")
    return ArchivedRun(_header(first), tuple(lines))


def peek(body: bytes) -> Header:
    """The header alone, nothing else looked at.

    Raises:
        Damaged: There is none that can be read.
    """
    unpacking = zlib.decompressobj(GZIP)
    text, rest = b"", body
    try:
        while rest and b"\n" not in text and len(text) < LONGEST_HEADER:
            text += unpacking.decompress(rest, PIECE)
            rest = unpacking.unconsumed_tail
    except zlib.error as error:
        raise Damaged(f"it cannot be unpacked: {error}") from error
    return _header(text.partition(b"\n")[0])


def _header(line: bytes) -> Header:
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Damaged(f"its header cannot be read: {error}") from error
    if msgspec.json.encode(header) != line:
        raise Damaged("its header is written in another way than ours")
    return header


def is_whole(header: Header, events: Sequence[RawEvent]) -> bool:
    """Whether a header speaks of just these events."""
    places = [event.seq for event in events]
    return (
        len(places) == header.events > 0
        and places == sorted(set(places))
        and (places[0], places[-1]) == (header.first_seq, header.last_seq)
    )
