"""Zips in memory: what is unpacked is bounded, also where a zip lies about what is in it."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile

import pytest

from runfold.zips import NotAZip, NotUnpacked, Zip

LARGE = 64 * 1024 * 1024


def zipped(name: str, body: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytearray:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        archive.writestr(name, body)
    return bytearray(made.getvalue())


def test_a_member_is_read_whole_or_from_its_beginning() -> None:
    body = bytes(range(256)) * 1000
    found = Zip(bytes(zipped("a", body)))
    (member,) = found.members
    assert found.read(member, len(body)) == body
    assert found.begin(member, 5) == body[:5]
    with pytest.raises(NotUnpacked, match="256000 bytes, and 255999 are left") as caught:
        found.read(member, len(body) - 1)
    assert caught.value.reason == "too_large"


def test_a_size_that_lies_costs_nothing() -> None:
    body = zipped("a", bytes(LARGE))
    struct.pack_into("<I", body, body.rindex(b"PK\x01\x02") + 24, 100)
    found = Zip(bytes(body))
    tracemalloc.start()
    try:
        with pytest.raises(NotUnpacked, match="CRC") as caught:
            found.read(found.members[0], 1000)
        assert tracemalloc.get_traced_memory()[1] < LARGE // 16
    finally:
        tracemalloc.stop()
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_cannot_be_unpacked_in_pieces_is_not(method: int) -> None:
    found = Zip(bytes(zipped("a", b"0" * 5000, method)))
    with pytest.raises(NotUnpacked, match="packed by method") as caught:
        found.begin(found.members[0], 10)
    assert caught.value.reason == "method"


@pytest.mark.parametrize("cut", [0, 1, 10, 60, 90])
def test_what_is_cut_off_is_no_zip(cut: int) -> None:
    with pytest.raises(NotAZip, match="directory"):
        Zip(bytes(zipped("a", b"text")[:cut]))


def told(body: bytes) -> str:
    try:
        found = Zip(body)
        for member in found.members:
            found.read(member, 10**9)
    except (NotAZip, NotUnpacked) as error:
        return str(error)
    return "read"


@pytest.mark.parametrize("at", range(30, 110))
def test_whatever_byte_is_damaged_nothing_else_is_raised(at: int) -> None:
    body = zipped("name", b"some text " * 20)
    body[at] ^= 0xFF
    assert told(bytes(body))
