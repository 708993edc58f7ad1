"""Archived runs: packed and read again, and every change of them found."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.archive.chain import Sealed, StoredRecord, hash_of, opened, recorded, seal
from runfold.archive.record import (
    ArchivedRun,
    Damaged,
    Header,
    RawEvent,
    event_in,
    line_of,
    pack,
    peek,
    unpack,
)
from runfold.archive.verify import Break, Extent, Verification
from runfold.contracts import events as e
from runfold.contracts.codec import encode
from runfold.errors import ArchiveCorrupt
from runfold.ids import partition_of

DEFINITION = msgspec.Raw(b'{"nodes":[]}')


def raw(seq: int, event: Any) -> RawEvent:
    return RawEvent(seq, 1000.0 + seq / 8, event if isinstance(event, bytes) else encode(event))


def run_of(run: str, *middle: Any, first: int = 3) -> list[RawEvent]:
    begun = e.RunStarted(id="s", run_id=run, workflow_id="w", definition=DEFINITION)
    ended = e.RunFailed(
        id="e", run_id=run, workflow_id="w", error=e.Failure(code="x", message="…\n")
    )
    return [raw(first + 2 * i, one) for i, one in enumerate((begun, *middle, ended))]


def sealed(run: str = "r", prev: str = "", *middle: Any) -> Sealed:
    record = seal(run_of(run, *middle), prev)
    assert record is not None
    return record


def stored(record: Sealed, seq: int, body: bytes | None = None) -> StoredRecord:
    header = record.header
    return StoredRecord(
        seq, header.run_id, "w", header.partition, record.body if body is None else body
    )


def verified(records: list[StoredRecord], last: int = 0, **options: Any) -> list[Break]:
    newest = last or (records[-1].seq if records else 0)
    verification = Verification(Extent(newest, **options))
    return [found for one in records for found in verification.look(one)] + verification.end()


SAME = [f"run-{i}" for i in range(2000) if partition_of(f"run-{i}") == 7]


def chain(length: int = 3) -> list[Sealed]:
    """Records of one partition, one after the other."""
    made: list[Sealed] = []
    for run in SAME[:length]:
        made.append(sealed(run, made[-1].header.hash if made else ""))
    return made


def test_a_record_says_what_it_is_of() -> None:
    record = sealed("r", "", e.NodeRunSkipped(id="n", run_id="r", workflow_id="w", node_id="n"))
    header = record.header
    assert (header.run_id, header.workflow_id, header.partition) == ("r", "w", partition_of("r"))
    assert (header.status, header.first_seq, header.last_seq, header.events) == ("failed", 3, 7, 3)
    assert (header.started_at, header.ended_at) == (1000.375, 1000.875)
    assert peek(record.body) == header
    assert opened(stored(record, 1)).header == header


def test_a_run_that_did_not_begin_or_end_is_not_archived() -> None:
    assert seal([], "") is None
    assert seal(run_of("r")[:-1], "") is None
    assert seal(run_of("r")[1:], "") is None


def test_the_first_ending_counts() -> None:
    late = e.RunCancelled(id="c", run_id="r", workflow_id="w")
    record = seal([*run_of("r"), raw(20, late)], "")
    assert record is not None
    assert (record.header.status, record.header.last_seq) == ("failed", 20)


@pytest.mark.parametrize("body", [b"no json", b"", b"\xff\xfe", b'{"type":"unheard_of"}', b"[1"])
def test_what_nobody_can_read_is_kept(body: bytes) -> None:
    kept = raw(9, body)
    assert event_in(line_of(kept)) == kept
    record = sealed("r", "", body)
    assert len(recorded(opened(stored(record, 1)))) == 2


def test_fields_of_another_release_survive() -> None:
    body = b'{\n "type": "unheard_of",\n "new": [1, 2.50] }\n'
    assert event_in(line_of(raw(9, body))).body == b'{"type":"unheard_of","new":[1,2.50]}'


TEXTS = st.text(max_size=30)
FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.lists(
        st.builds(
            e.NodeRunSucceeded,
            id=TEXTS,
            run_id=st.just("r"),
            workflow_id=st.just("w"),
            node_id=TEXTS,
            outputs=st.dictionaries(TEXTS, st.none() | FINITE | TEXTS),
        ),
        max_size=6,
    ),
    st.floats(min_value=0, max_value=4e9, allow_nan=False),
)
def test_what_is_read_is_what_was_archived(middle: list[e.NodeRunSucceeded], at: float) -> None:
    events = [msgspec.structs.replace(one, time=at + one.seq) for one in run_of("r", *middle)]
    record = seal(events, "p")
    assert record is not None
    run = opened(stored(record, 4))
    assert [event_in(line) for line in run.lines] == events
    assert [one.event for one in recorded(run)][1:-1] == middle
    third = events[-1].seq
    assert [one.seq for one in recorded(run, after=third - 3, until=third - 1)] == [third - 2]


FIELDS = Header.__struct_fields__


@pytest.mark.parametrize("name", FIELDS)
def test_a_changed_field_of_the_header_is_found(name: str) -> None:
    record = sealed()
    value = getattr(record.header, name)
    other: Any = ("0" * 64,) if isinstance(value, tuple) else value
    if other is value:
        other = f"{value}x" if isinstance(value, str) else value + 1
    changed = msgspec.structs.replace(record.header, **{name: other})
    body = pack(changed, unpack(record.body).lines)
    with pytest.raises(ArchiveCorrupt) as caught:
        opened(stored(record, 5, body))
    assert caught.value.code == "archive.corrupt"
    assert caught.value.details["run_id"] == "r"
    assert caught.value.details["seq"] == 5
    assert "'r'" in str(caught.value)


@given(st.data())
def test_a_changed_byte_of_the_text_is_found(data: st.DataObject) -> None:
    record = sealed()
    text = bytearray(unzipped(record.body))
    at = data.draw(st.integers(0, len(text) - 1))
    text[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ArchiveCorrupt):
        opened(stored(record, 1, zipped(bytes(text))))


@given(st.data())
def test_a_changed_byte_of_the_message_changes_nothing_or_is_found(data: st.DataObject) -> None:
    record = sealed()
    body = bytearray(record.body)
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] ^= data.draw(st.integers(1, 255))
    try:
        run = opened(stored(record, 1, bytes(body)))
    except ArchiveCorrupt:
        return
    assert run == unpack(record.body)  # a bit that no reader of gzip looks at


@given(st.data())
def test_a_cut_or_lengthened_message_is_found(data: st.DataObject) -> None:
    record = sealed()
    cut = record.body[: data.draw(st.integers(0, len(record.body) - 1))]
    more = record.body + data.draw(st.binary(min_size=1, max_size=40))
    for body in (cut, more):
        with pytest.raises(ArchiveCorrupt):
            opened(stored(record, 1, body))


def test_lines_taken_out_or_exchanged_are_found() -> None:
    record = sealed("r", "", e.NodeRunSkipped(id="n", run_id="r", workflow_id="w", node_id="n"))
    a, b, c = unpack(record.body).lines
    for lines in ((a, b), (a, c), (b, a, c), (a, b, b, c), ()):
        with pytest.raises(ArchiveCorrupt):
            opened(stored(record, 1, pack(record.header, lines)))


def test_a_record_under_another_name_is_found() -> None:
    record = stored(sealed(), 1)
    for change in ({"run_id": "x"}, {"workflow_id": "x"}, {"partition": 1}):
        with pytest.raises(ArchiveCorrupt):
            opened(msgspec.structs.replace(record, **change))


def test_a_header_that_lies_about_its_events_is_found() -> None:
    record = sealed()
    run = unpack(record.body)
    lying = msgspec.structs.replace(record.header, last_seq=9)
    lying = msgspec.structs.replace(lying, hash=hash_of(lying, run.lines))
    with pytest.raises(ArchiveCorrupt, match="other events"):
        opened(stored(record, 1, pack(lying, run.lines)))


def test_payloads_that_are_gone_are_told_of() -> None:
    gone = msgspec.structs.replace(stored(sealed(), 2, b""), problem="no payload abc")
    with pytest.raises(ArchiveCorrupt, match="no payload abc"):
        opened(gone)
    assert [found.seq for found in verified([gone], last=2)] == [1, 2]


def test_a_sound_archive_has_no_breaks() -> None:
    other = sealed("other")
    records = [stored(one, i) for i, one in enumerate([*chain(), other], start=1)]
    assert verified(records) == []
    assert verified([]) == []


def test_each_missing_record_is_told_of() -> None:
    records = [stored(one, i) for i, one in enumerate(chain(5), start=1)]
    assert [found.seq for found in verified(records[1:])] == [1, 2]
    middle = verified([records[0], *records[3:]])
    assert [(found.run_id, found.seq) for found in middle] == [("", 2), (SAME[3], 4)]
    assert middle[0].reason == "sequence 2 to 3 is missing"
    assert [found.seq for found in verified(records[:4], last=5)] == [5]


def test_records_that_were_let_go_are_not_missed() -> None:
    records = [stored(one, i) for i, one in enumerate(chain(4), start=1)]
    assert verified(records[2:], expires=True) == []
    assert len(verified([records[1], records[3]], expires=True)) == 2


def test_a_rewritten_record_is_found_at_the_next_one() -> None:
    first, second, third = chain()
    forged = seal(run_of(SAME[1], first=100), first.header.hash)
    assert forged is not None
    found = verified([stored(first, 1), stored(forged, 2), stored(third, 3)])
    assert [(one.run_id, one.seq) for one in found] == [(SAME[2], 3)]
    assert second.header.hash == third.header.prev


def test_one_damaged_record_is_one_break() -> None:
    first, second, third = chain()
    lines = unpack(second.body).lines
    wrong_hash = pack(msgspec.structs.replace(second.header, hash="0" * 64), lines)
    wrong_line = pack(second.header, (lines[0], lines[1].replace(b"x", b"y")))
    for body in (second.body[:-9], second.body[9:], b"", wrong_hash, wrong_line):
        found = verified([stored(first, 1), stored(second, 2, body), stored(third, 3)])
        assert [(one.run_id, one.seq) for one in found] == [(SAME[1], 2)]


def test_what_is_no_header_is_said_so() -> None:
    for body in (b"", b"x", zipped(b"\n\n"), zipped(b"a" * 10_000), zipped(b"{}\n")):
        with pytest.raises(Damaged):
            peek(body)
    with pytest.raises(Damaged):
        unpack(zipped(b"no line end"))


def unzipped(body: bytes) -> bytes:
    run = unpack(body)
    return b"".join(line + b"\n" for line in (encode(run.header), *run.lines))


def zipped(text: bytes) -> bytes:
    import gzip

    return gzip.compress(text)


def test_the_helpers_of_this_module_are_true() -> None:
    record = sealed()
    again = unpack(zipped(unzipped(record.body)))
    assert again == ArchivedRun(record.header, unpack(record.body).lines)
