"""Bodies in the charsets of the world, and names that are not charsets."""

from __future__ import annotations

import encodings.aliases
from typing import Any

import pytest

from runfold.errors import NodeFailed
from runfold.values.charsets import codec_of, named_inside
from runfold_executor_http.replies import Reply, failed_status, outputs_of

NOT_CHARSETS = (
    *("idna", "punycode", "rot13", "rot_13", "base64", "hex", "quopri", "zlib", "bz2", "uu"),
    *("unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "utf-7", "charmap"),
    *("klingon", "../os", "utf-8\0", "x" * 10_000),
)


def reply(body: bytes, content_type: str, charset: str = "", status: int = 200) -> Reply:
    headers = {"content-type": content_type}
    return Reply(status, headers, body, "http://site/", charset)


def read(body: bytes, content_type: str, charset: str = "", wanted: str = "auto") -> Any:
    return outputs_of(reply(body, content_type, charset), wanted)["body"]


@pytest.mark.parametrize(
    ("charset", "encoding", "text"),
    [
        ("gbk", "gbk", "北京"),
        ("gb2312", "gbk", "朱镕基"),
        ("GB18030", "gb18030", "𠮷"),
        ("big5", "big5", "台北"),
        ("Shift_JIS", "cp932", "①日本"),
        ("euc-jp", "euc_jp", "日本"),
        ("iso-2022-jp", "iso2022_jp", "日本"),
        ("euc-kr", "cp949", "똠방"),
        ("iso-8859-1", "latin-1", "Müller"),
        ("windows-1252", "cp1252", "é€"),
        ("windows-1251", "cp1251", "Привет"),
        ("koi8-r", "koi8_r", "Привет"),
        ("utf-16", "utf-16", "Müller"),
        ("utf-16le", "utf-16-le", "Müller"),
        ("'utf-8'", "utf-8", "Müller"),
        ("utf8mb4", "utf-8", "Müller"),
        ("utf-8", "utf-8", "Küçük Köpek Künyesi"),
        ("iso-8859-15", "iso-8859-15", "10 €"),
        ("utf-8,charset=utf-8", "utf-8", "Müller"),
        ("utf-8,gbk", "utf-8", "Müller"),
        ("us-ascii", "utf-8", "Müller"),
        ("", "utf-8-sig", "Müller"),
        ("", "utf-16-le", "M"),
        ("", "utf-16-be", "M"),
        ("", "utf-32-le", "M"),
        ("", "utf-32", "M"),
        ("latin-1", "utf-8-sig", "Müller"),
    ],
)
def test_json_in_its_charset(charset: str, encoding: str, text: str) -> None:
    body = f'{{"{text}": "{text}"}}'.encode(encoding)
    assert read(body, "application/json", charset) == {text: text}


@pytest.mark.parametrize("charset", NOT_CHARSETS)
def test_what_is_not_a_charset_is_named(charset: str) -> None:
    assert codec_of(charset) is None
    for content_type in ("application/json", "text/plain"):
        with pytest.raises(NodeFailed) as failed:
            read(b'{"a": 1}', content_type, charset)
        assert failed.value.code == "http.charset"
        assert repr(charset[:40]) in failed.value.message
        assert len(failed.value.message) < 300
    assert read(b"\xff", "text/plain", charset, "base64") == "/w=="


@pytest.mark.parametrize("charset", NOT_CHARSETS)
def test_an_error_says_what_it_says_in_any_charset(charset: str) -> None:
    busy = reply(b'{"error": "busy"}', "application/json", charset, 503)
    failed = failed_status("GET", busy)
    assert (failed.code, failed.kind, failed.retryable) == ("http.status", "server", True)
    assert "busy" in failed.message
    assert outputs_of(busy, "auto")["body"] == {"error": "busy"}


def test_every_alias_that_python_knows_is_decided_about() -> None:
    for alias in {**encodings.aliases.aliases, "gbk": "", "utf-8": ""}:
        codec = codec_of(alias)
        if codec is not None:
            assert b"{}".decode(codec, "replace") is not None


def test_json_that_is_not_in_its_charset() -> None:
    for charset, named in (("utf-8", "utf-8"), ("gbk", "gb18030"), ("", "utf-8")):
        with pytest.raises(NodeFailed, match=f"not {named}: .* at byte 1") as failed:
            read(b'"\xff"', "application/json", charset)
        assert failed.value.code == "http.invalid_json"


@pytest.mark.parametrize(
    ("body", "content_type", "charset", "text"),
    [
        ("Grüße".encode("utf-8-sig"), "text/plain", "", "Grüße"),
        ("Grüße".encode("utf-16"), "text/plain", "", "Grüße"),
        ("Grüße".encode("utf-16"), "application/x-unheard-of", "", "Grüße"),
        ("北京".encode("gbk"), "text/plain", "gbk", "北京"),
        ('<meta charset="gbk">北京'.encode("gbk"), "text/html", "", '<meta charset="gbk">北京'),
        ("<meta charset=gbk>北京".encode(), "text/html", "utf-8", "<meta charset=gbk>北京"),
        (b"Gr\xfc", "text/plain", "", "Gr\ufffd"),
        (b"\xff\xfe\x3d\xd8", "text/plain", "", "\ufffd"),
    ],
)
def test_text_in_its_charset(body: bytes, content_type: str, charset: str, text: str) -> None:
    assert read(body, content_type, charset) == text


@pytest.mark.parametrize(
    ("body", "codec"),
    [
        (b'<html><meta http-equiv=x content="text/html; charset=gb2312">', "gb18030"),
        (b"<META CHARSET='Windows-1251'>", "cp1251"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?>', "latin_1"),
        (b"<meta charset=utf-16>", None),
        (b"<meta charset=idna>", None),
        (b"<p>charset=gbk</p>", None),
        (b" " * 1024 + b"<meta charset=gbk>", None),
        (b"", None),
    ],
)
def test_pages_that_name_their_charset(body: bytes, codec: str | None) -> None:
    assert named_inside(body) == codec


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'{"score": NaN, "ok": 1}', "NaN"),
        (b'{"max": Infinity}', "Infinity"),
        (b'{"min": -Infinity}', "-Infinity"),
        (b'{"x": 1e400}', "1e400"),
        (b"[" * 1020 + b"]" * 1020, "1020 deep"),
        (b"[" * 100_000 + b"]" * 100_000, "100000 deep"),
        (b'{"cut": ', "too early"),
    ],
)
def test_json_that_is_refused(body: bytes, named: str) -> None:
    for content_type, wanted in (("application/json", "auto"), ("text/plain", "json")):
        with pytest.raises(NodeFailed) as failed:
            read(body, content_type, wanted=wanted)
        assert (failed.value.code, failed.value.kind) == ("http.invalid_json", "output")
        assert named in failed.value.message


def test_json_is_read_as_it_is_meant() -> None:
    numbers = b'"id": 9007199254740993, "u": 18446744073709551616'
    body = rb'{"b": "cut \ud83d", "a": "\ud83d\ude00", %s}' % numbers
    found = read(body, "application/problem+json")
    assert list(found) == ["b", "a", "id", "u"]
    assert found["b"] == "cut \ufffd"
    assert found["a"] == "😀"
    assert (found["id"], found["u"]) == (9007199254740993, 18446744073709551616)
