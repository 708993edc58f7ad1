"""Archives and workbooks of items, and the customers of n8n's lessons."""

from __future__ import annotations

import base64
import io
import tarfile
import zipfile
from typing import Any

import pytest

from runfold_executor_code.items import archives
from runfold_executor_code.items.archives import NoArchive, gunzipped, gzipped, packed, unpacked
from runfold_executor_code.items.step import ItemFailed
from runfold_executor_code.items.tables import part_of, sheet_objects
from runfold_executor_code.items.workbooks import NoWorkbook, sheet_of, workbook_of
from tests.support.item_steps import gave, ran


def file(data: bytes, name: str) -> dict[str, Any]:
    extension = name.rpartition(".")[2]
    return {
        "data": base64.b64encode(data).decode(),
        "fileName": name,
        "fileExtension": extension,
        "mimeType": "text/plain",
    }


def bytes_in(found: dict[str, Any]) -> bytes:
    return base64.b64decode(found["data"])


@pytest.mark.parametrize(
    ("format_", "name"), [("zip", "a.zip"), ("tar", "a.tar"), ("targz", "a.tgz")]
)
def test_files_go_into_an_archive_and_out_of_it(format_: str, name: str) -> None:
    files = {"one": file(b"1" * 50, "one.txt"), "two": file(b"\x00", "two.bin")}
    written = {
        "operation": "compress",
        "binaryPropertyName": "one, two",
        "outputFormat": format_,
        "fileName": name,
    }
    (made,) = ran("compression", written, [{"json": {"k": 1}, "binary": files}], version=1.1)[0]
    assert made.json == {"k": 1}
    assert made.binary is not None
    assert made.binary["data"]["fileName"] == name
    assert list(made.binary) == ["data"]
    (out,) = ran("compression", {}, [{"json": {}, "binary": made.binary}], version=1.1)[0]
    assert out.binary is not None
    found = {key: (one["fileName"], bytes_in(one)) for key, one in out.binary.items()}
    assert found == {"file_0": ("one.txt", b"1" * 50), "file_1": ("two.bin", b"\x00")}


def test_a_file_of_gzip_is_called_after_what_is_in_it() -> None:
    item = {"json": {}, "binary": {"data": file(b"a,b", "table.csv")}}
    written = {"operation": "compress", "outputFormat": "gzip"}
    (made,) = ran("compression", written, [item], version=1.1)[0]
    assert made.binary is not None
    assert made.binary["data"]["fileName"] == "table.csv.gz"
    (out,) = ran("compression", {}, [{"json": {}, "binary": made.binary}])[0]
    assert out.binary is not None
    assert (out.binary["file_0"]["fileName"], out.binary["file_0"]["mimeType"]) == (
        "table.csv",
        "text/csv",
    )
    assert bytes_in(out.binary["file_0"]) == b"a,b"
    (old,) = ran("compression", {**written, "outputPrefix": "z"}, [item])[0]
    assert old.binary is not None
    assert old.binary["z0"]["fileName"] == "table.gzip"


def test_what_is_no_archive_is_the_items_error() -> None:
    for name, said in (("a.zip", "not an archive"), ("a.gz", "not gzip"), ("a.rar", "Unsupported")):
        item = {"json": {}, "binary": {"data": file(b"no", name)}}
        with pytest.raises(ItemFailed, match=said):
            ran("compression", {}, [item])


def test_an_archive_is_not_read_beyond_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    big = b"0" * 1000
    monkeypatch.setattr(archives, "MOST_BYTES", 999)
    for data, format_ in ((packed({"a": big}, "zip"), "zip"), (packed({"a": big}, "tar"), "tar")):
        with pytest.raises(NoArchive, match="larger than"):
            unpacked(data, format_)
    with pytest.raises(NoArchive, match="larger than"):
        gunzipped(gzipped(big))
    with pytest.raises(NoArchive, match="ends too early"):
        gunzipped(gzipped(b"abc")[:-9])


ROWS = [["a", "b", "a", None, "d"], [1, None, "x", 5, True], [], ["q", 2.5, None, None, 45293]]


def test_a_sheet_is_read_as_it_was_written() -> None:
    rows = sheet_of(workbook_of(ROWS))
    assert rows == [ROWS[0], ROWS[1], [], ROWS[3]]
    assert sheet_objects(rows, header=True, keeps_empty=False) == [
        {"a": 1, "a_1": "x", "__EMPTY": 5, "d": True},
        {"a": "q", "b": 2.5, "d": 45293},
    ]
    filled = sheet_objects(rows, header=True, keeps_empty=True)
    assert filled[1] == {"a": "q", "b": 2.5, "a_1": "", "__EMPTY": "", "d": 45293}
    assert sheet_objects(part_of(rows, "A1:C2"), header=True, keeps_empty=False) == [
        {"a": 1, "a_1": "x"}
    ]
    assert sheet_objects(part_of(rows, "1"), header=True, keeps_empty=False) == [
        {"1": "q", "__EMPTY": 2.5, "TRUE": 45293}
    ]
    text = '<é & "x"> ]]> \x01'
    assert sheet_of(workbook_of([[text]])) == [['<é & "x"> ]]> ']]
    with pytest.raises(ValueError, match="write A2:D9"):
        part_of(rows, "two")


def _book(**parts: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        rels = '<Relationships><Relationship Id="r" Target="/xl/s.xml"/></Relationships>'
        archive.writestr("xl/_rels/workbook.xml.rels", rels)
        sheets = '<workbook xmlns:r="x"><sheets><sheet name="S" r:id="r"/></sheets></workbook>'
        archive.writestr("xl/workbook.xml", sheets)
        for name, part in parts.items():
            archive.writestr(f"xl/{name}.xml", part)
    return made.getvalue()


def test_texts_that_cells_share_are_without_what_is_spoken() -> None:
    shared = "<sst><si><r><t>to</t></r><r><t>kyo</t></r><rPh><t>x</t></rPh></si></sst>"
    cells = '<c r="B1" t="s"><v>0</v></c><c t="str"><f>1</f><v>f</v></c><c t="s"><v>9</v></c>'
    sheet = f'<x:w xmlns:x="m"><x:sheetData><row r="2">{cells}</row></x:sheetData></x:w>'
    assert sheet_of(_book(sharedStrings=shared, s=sheet), "S") == [[], [None, "tokyo", "f", ""]]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"no", "not an archive"),
        (packed({"a": b""}, "zip"), "no sheets"),
        (_book(s="<worksheet>"), "not XML"),
        (_book(s='<!DOCTYPE w [<!ENTITY e "x">]><w>&e;</w>'), "entities"),
        (_book(s='<w><row r="999999999"/></w>'), "more than"),
    ],
)
def test_what_is_no_workbook_is_said(data: bytes, said: str) -> None:
    with pytest.raises(NoWorkbook, match=said):
        sheet_of(data)


def test_items_are_a_workbook_and_its_rows_items() -> None:
    items: list[dict[str, Any]] = [{"n": 1, "o": {"t": "é"}}, {"n": 2.5, "is": False}]
    written = {"operation": "xlsx", "options": {"sheetName": "Numbers"}}
    (made,) = ran("convertToFile", written, items)[0]
    assert made.binary is not None
    assert made.binary["data"]["fileName"] == "File.xlsx"
    item = {"json": {}, "binary": made.binary}
    wanted = [{"n": 1, "o.t": "é"}, {"n": 2.5, "is": False}]
    assert gave("extractFromFile", {"operation": "xlsx"}, [item])[0] == wanted
    assert gave("spreadsheetFile", {}, [item])[0] == wanted
    options = {"sheetName": "Other"}
    with pytest.raises(ItemFailed, match='called "Other"'):
        gave("extractFromFile", {"operation": "xlsx", "options": options}, [item])


def test_the_customers_of_lessons_are_always_the_same() -> None:
    store = "n8nTrainingCustomerDatastore"
    assert [one["name"] for one in gave(store, {}, [{}, {}])[0]] == ["Jay Gatsby"] * 2
    two = gave(store, {"operation": "getAllPeople", "limit": 2}, [{}])[0]
    assert [one["id"] for one in two] == ["23423532", "23423533"]
    all_ = gave(store, {"operation": "getAllPeople", "returnAll": True}, [{}])[0]
    assert [one["country"] for one in all_] == ["US", "CO", "US", None, "UK"]
    told = gave("n8nTrainingCustomerMessenger", {"customerId": 5, "message": "hi"}, [{}])[0]
    assert told == [{"output": "Sent message to customer 5:  hi"}]


def test_a_debug_helper_gives_nothing_or_fails() -> None:
    assert gave("debugHelper", {}, [{}])[0] == []
    with pytest.raises(ItemFailed, match="Node has thrown an error"):
        gave("debugHelper", {"category": "throwError"}, [{}])


def with_holes(size: int) -> bytes:
    """A tar of one file that is all hole, as GNU tar writes it: it has none of its bytes."""
    member = tarfile.TarInfo("hole.bin")
    member.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = f"{size:011o}\0{0:011o}\0".encode()
    header[483:495] = f"{size:011o}\0".encode()
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    return bytes(header) + bytes(1024)


def test_a_file_with_holes_is_bounded_by_what_it_grows_to() -> None:
    assert unpacked(with_holes(1000), "tar") == {"hole.bin": bytes(1000)}
    with pytest.raises(NoArchive, match="larger than"):
        unpacked(with_holes(8 * 1024**3 - 1), "tar")


def sheet(rows: str) -> bytes:
    """A workbook of which the sheet is written so."""
    parts = unpacked(workbook_of([[1]]), "zip")
    document = f"<worksheet><sheetData>{rows}</sheetData></worksheet>"
    return packed({**parts, "xl/worksheets/sheet1.xml": document.encode()}, "zip")


def test_a_few_cells_far_to_the_right_do_not_fill_the_memory() -> None:
    rows = "".join(f'<row r="{at}"><c r="XFD{at}"><v>1</v></c></row>' for at in range(1, 400))
    with pytest.raises(NoWorkbook, match="cells"):
        sheet_of(sheet(rows))


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        (
            '<row r="3"><c><v>3</v></c></row><row r="1"><c><v>1</v></c></row><row><c/></row>',
            [[1], [], [3]],
        ),
        ('<row r="0"><c><v>1</v></c></row><row r="²"><c><v>2</v></c></row>', [[1], [2]]),
        ("<row><c><v>1e999</v></c><c><v>nan</v></c></row>", [["1e999", "nan"]]),
        ("<row><c><v>1e300</v></c><c><v>1e3</v></c></row>", [[1e300, 1000]]),
        ('<row><c t="s"><v>²</v></c></row>', [[""]]),
    ],
)
def test_what_sheets_have_that_is_out_of_order(rows: str, wanted: list[Any]) -> None:
    assert repr(sheet_of(sheet(rows))) == repr(wanted)
