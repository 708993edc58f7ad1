"""What every store of files does; run against each adapter."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

import pytest

from runfold.bus.ports.bus import Bus
from runfold.bus.uploads import store_file
from runfold.errors import InvalidFile, NotFound, PayloadTooLarge

PDF = b"%PDF-1.7\n" + b"x" * 300_000


async def parts(body: bytes, size: int = 70_001) -> AsyncIterator[bytes]:
    for at in range(0, len(body), size):
        yield body[at : at + size]


async def read(bus: Bus, sha256: str, skip: int = 0) -> bytes:
    return b"".join([piece async for piece in bus.files.read(sha256, skip=skip)])


class FileBehaviour:
    """Inherited by a test class with a `bus` fixture."""

    async def test_bytes_come_back_under_their_digest(self, bus: Bus) -> None:
        stored = await store_file(bus.files, parts(PDF), name="../a/report.pdf")
        assert stored.sha256 == hashlib.sha256(PDF).hexdigest()
        assert (stored.name, stored.media_type, stored.size) == (
            "report.pdf",
            "application/pdf",
            len(PDF),
        )
        assert await read(bus, stored.sha256) == PDF
        assert await read(bus, stored.sha256, 250_000) == PDF[250_000:]
        found = await bus.files.find(stored.sha256)
        assert found is not None
        assert (found.size, found.shown) == (len(PDF), "application/pdf")

    async def test_a_file_without_bytes_is_a_file(self, bus: Bus) -> None:
        stored = await store_file(bus.files, parts(b""), name="empty.txt")
        assert await read(bus, stored.sha256) == b""

    async def test_the_same_bytes_are_stored_once_and_grow_young(self, bus: Bus) -> None:
        first = await store_file(bus.files, parts(PDF), name="a.pdf")
        before = await bus.files.find(first.sha256)
        second = await store_file(bus.files, parts(PDF), name="b.pdf")
        after = await bus.files.find(first.sha256)
        assert first.sha256 == second.sha256
        assert (first.name, second.name) == ("a.pdf", "b.pdf")
        assert before is not None
        assert after is not None
        assert after.name == "b.pdf"
        assert after.time > before.time
        assert await bus.files.touch(first.sha256)
        young = await bus.files.find(first.sha256)
        assert young is not None
        assert young.time > after.time
        assert await read(bus, first.sha256) == PDF

    async def test_the_files_that_were_stored_or_touched_last_come_first(self, bus: Bus) -> None:
        assert await bus.files.newest(limit=5) == []
        names = [f"{number}.txt" for number in range(40)]
        stored = {
            name: await store_file(bus.files, parts(name.encode()), name=name) for name in names
        }
        await store_file(bus.files, parts(PDF * 4), name="large.pdf")
        seen: list[str] = []
        before: int | None = None
        while page := await bus.files.newest(limit=7, before=before):
            seen += [one.file.name for one in page]
            before = page[-1].seq
            if len(seen) == 14:
                # What is touched comes to the front: those behind it are where they were.
                assert await bus.files.touch(stored["1.txt"].sha256)
        assert seen == ["large.pdf", *(name for name in reversed(names) if name != "1.txt")]
        (young, large) = await bus.files.newest(limit=2)
        assert (young.file.name, large.file.name) == ("1.txt", "large.pdf")
        assert young.file.stored_at is not None
        assert large.file.stored_at is not None
        assert young.file.stored_at < large.file.stored_at
        assert young.file.time > large.file.time

    async def test_what_is_over_the_limit_leaves_nothing(self, bus: Bus) -> None:
        with pytest.raises(PayloadTooLarge) as raised:
            await store_file(bus.files, parts(PDF), name="a.pdf", limit=len(PDF) - 1)
        assert raised.value.code == "file.too_large"
        assert await bus.files.find(hashlib.sha256(PDF).hexdigest()) is None
        stored = await store_file(bus.files, parts(PDF), name="a.pdf", limit=len(PDF))
        assert stored.size == len(PDF)

    async def test_bytes_of_another_media_type_are_refused(self, bus: Bus) -> None:
        for declared, body in (("image/png", PDF), ("application/pdf", b"text"), ("pdf", PDF)):
            with pytest.raises(InvalidFile) as raised:
                await store_file(bus.files, parts(body), name="a", media_type=declared)
            assert raised.value.code == "file.media_type"

    async def test_an_unknown_file_is_not_found(self, bus: Bus) -> None:
        assert await bus.files.find("0" * 64) is None
        assert not await bus.files.touch("0" * 64)
        with pytest.raises(NotFound) as raised:
            await read(bus, "0" * 64)
        assert raised.value.code == "file.not_found"
