"""Files as values: what is one, what is readable of it, and where files stand in a value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.errors import InvalidFile
from runfold.values.files import FileValue, clean_name, files_in, may_have_files, read_file
from runfold.values.media_types import chosen, fits, kind_of, media_type_of, sniffed
from runfold.values.paths import lookup_in
from runfold.values.templates import render

SHA = "ab" * 32
VALUE = FileValue(SHA, "Report.PDF", "application/pdf", 12).value()


def test_a_value_comes_back() -> None:
    assert read_file(VALUE).value() == VALUE
    assert VALUE == {
        "$file": SHA,
        "name": "Report.PDF",
        "media_type": "application/pdf",
        "size": 12,
        "kind": "document",
        "sha256": SHA,
        "extension": "pdf",
    }
    asked = {name: VALUE[name] for name in ("$file", "name", "media_type", "size")}
    assert read_file(asked).value() == VALUE


def test_fields_are_read_as_any_field_is() -> None:
    lookup = lookup_in({"doc": VALUE, "docs": [VALUE]})
    text = "{{doc.name}} {{doc.sha256}} {{docs[0].extension}} {{doc.name|lower}} {{doc.size + 1}}"
    assert render(text, lookup) == f"Report.PDF {SHA} pdf report.pdf 13"
    assert render("{{doc}}", lookup) == VALUE


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"$file": "sha256:ab"}, "$file"),
        ({"$file": SHA.upper()}, "$file"),
        ({"$file": 5}, "$file"),
        ({"name": "a/b.pdf"}, "name"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"media_type": "pdf"}, "media_type"),
        ({"media_type": "text/plain; charset=utf-8"}, "media_type"),
        ({"size": -1}, "size"),
        ({"size": True}, "size"),
        ({"size": "12"}, "size"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidFile) as raised:
        read_file(VALUE | change)
    assert raised.value.details["field"] == field


def test_values_without_files_are_told_quickly() -> None:
    assert may_have_files({"a": [VALUE]})
    assert not may_have_files({"a": [{"file": "a $file"}]})
    assert may_have_files({"a": {1, 2}, "b": object()})  # no JSON: it is looked through


def test_files_are_found_with_their_places() -> None:
    value = {"a": VALUE, "b": [1, VALUE], "c": {"d e": {"f": VALUE}}, "g": {"$file": 1}}
    assert [place for place, _ in files_in(value)] == ["a", "b[1]", "c['d e'].f", "g"]
    assert list(files_in(VALUE, "doc")) == [("doc", VALUE)]


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("C:\\temp\\a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie: x.txt"),
        ("..", "file"),
        ("", "file"),
        (".env", "env"),
        (". x", "x"),
        ("report .", "report"),
        (". . .", "file"),
        ("報告.pdf", "報告.pdf"),
    ],
)
def test_names_have_no_path_and_no_control_characters(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


@given(st.text(), st.sampled_from(["", "application/pdf"]))
def test_a_clean_name_is_a_name_and_stays_as_it_is(name: str, media_type: str) -> None:
    kept = clean_name(name, media_type)
    assert clean_name(kept, "") == kept
    assert read_file(VALUE | {"name": kept}).name == kept


def test_long_names_keep_their_extension() -> None:
    assert clean_name("x" * 400 + ".pdf") == "x" * 251 + ".pdf"


@pytest.mark.parametrize(
    ("head", "shown"),
    [
        (b"%PDF-1.4", "application/pdf"),
        (b"\xef\xbb\xbf\n%PDF-1.4", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"PK\x03\x04", "application/zip"),
        (b"plain text", ""),
        (b"", ""),
    ],
)
def test_bytes_show_their_media_type(head: bytes, shown: str) -> None:
    assert sniffed(head) == shown


@pytest.mark.parametrize(
    ("declared", "shown", "fit"),
    [
        ("application/pdf", "application/pdf", True),
        ("application/pdf", "", False),
        ("image/png", "image/jpeg", False),
        ("text/plain", "", True),
        ("text/plain", "image/png", False),
        ("application/octet-stream", "image/png", True),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/zip",
            True,
        ),
        ("application/pdf", "application/zip", False),
        ("image/heic", "video/mp4", True),
        ("audio/mp4", "video/mp4", True),
        ("text/csv", "", True),
        ("application/x-own", "", True),
    ],
)
def test_a_media_type_fits_what_bytes_show(declared: str, shown: str, fit: bool) -> None:
    assert fits(declared, shown) is fit


@pytest.mark.parametrize(
    ("declared", "name", "head", "media_type"),
    [
        ("", "a.csv", b"a,b", "text/csv"),
        ("", "a.csv", b"%PDF-1", "application/pdf"),
        ("", "a", "é".encode(), "text/plain"),
        ("", "a", "xé".encode()[:2], "text/plain"),
        ("", "a.bin", b"\0\1", "application/octet-stream"),
        ("application/octet-stream", "a.md", b"# hi", "text/markdown"),
        ("image/png", "a.pdf", b"", "image/png"),
    ],
)
def test_an_undeclared_media_type_is_found(
    declared: str, name: str, head: bytes, media_type: str
) -> None:
    assert chosen(declared, name, head) == media_type


def test_media_types_are_written_in_one_way() -> None:
    assert media_type_of(" Text/Plain; charset=utf-8") == "text/plain"
    assert media_type_of("image/jpg") == "image/jpeg"
    assert media_type_of("a/b/c") == media_type_of("text") == media_type_of("") == ""
    assert [kind_of(one) for one in ("image/png", "text/csv", "application/zip")] == [
        "image",
        "document",
        "other",
    ]
