"""`dateTime` and `crypto`: dates by formats, sums of dates, digests."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from runfold_executor_code.items.step import ItemFailed
from tests.support.item_steps import gave, ran

DATE = "2023-04-11T13:51:59.965+00:00"
NOW = 1_717_243_200_000


def dated(written: dict[str, Any], zone: str = "UTC", version: float = 2) -> Any:
    [[made]] = gave("dateTime", written, [{}], version=version, timezone=zone, now=NOW)
    [value] = made.values()
    return value


@pytest.mark.parametrize(
    ("written", "zone", "made"),
    [
        (
            {"operation": "addToDate", "magnitude": DATE, "duration": 2},
            "Etc/GMT",
            "2023-04-13T13:51:59.965+00:00",
        ),
        (
            {
                "operation": "subtractFromDate",
                "magnitude": "2024-03-31",
                "duration": 1,
                "timeUnit": "months",
            },
            "UTC",
            "2024-02-29T00:00:00.000Z",
        ),
        (
            {"operation": "roundDate", "date": "2023/04/11", "toNearest": "day"},
            "UTC",
            "2023-04-11T00:00:00.000Z",
        ),
        (
            {"operation": "roundDate", "date": DATE, "toNearest": "week"},
            "UTC",
            "2023-04-10T00:00:00.000Z",
        ),
        (
            {"operation": "roundDate", "date": DATE, "mode": "roundUp"},
            "UTC",
            "2023-05-01T00:00:00.000Z",
        ),
        (
            {"operation": "extractDate", "date": "2023-04-11T14:30:00", "part": "hour"},
            "America/New_York",
            14,
        ),
        (
            {"operation": "extractDate", "date": "2023-04-11T14:30:00+05:00", "part": "hour"},
            "America/New_York",
            5,
        ),
        ({"operation": "extractDate", "date": DATE, "part": "week"}, "UTC", 15),
        ({}, "Europe/Vienna", "2024-06-01T14:00:00.000+02:00"),
        ({"includeTime": False}, "UTC", "2024-06-01T00:00:00.000Z"),
    ],
)
def test_dates_counted_with(written: dict[str, Any], zone: str, made: Any) -> None:
    assert dated(written, zone) == made


@pytest.mark.parametrize(
    ("date", "format_", "made"),
    [
        (DATE, "MM/dd/yyyy", "04/11/2023"),
        (DATE, "cccc, d LLLL yyyy 'at' h:mm a ZZZZ", "Tuesday, 11 April 2023 at 9:51 AM EDT"),
        (DATE, "yy-M-d H:m:s.SSS Z o kk-'W'WW q", "23-4-11 9:51:59.965 -4 101 23-W15 2"),
        (1682918315906, "yyyy/MM/dd", "2023/05/01"),
        ("1682918315", "yyyy/MM/dd", "2023/05/01"),
        (1682918315.906, "X", "1682918315"),
        (None, "yyyy", None),
    ],
)
def test_dates_as_formats_write_them(date: Any, format_: str, made: Any) -> None:
    written = {"operation": "formatDate", "date": date, "format": "custom", "customFormat": format_}
    assert dated(written, "America/New_York") == made


def test_dates_as_formats_read_them() -> None:
    written = {
        "operation": "formatDate",
        "date": "11-04-2023 10:05 PM",
        "format": "yyyy-MM-dd HH:mm",
    }
    assert dated({**written, "options": {"fromFormat": "dd-MM-yyyy h:mm a"}}) == "2023-04-11 22:05"
    with pytest.raises(ItemFailed, match="could not be recognized"):
        dated({**written, "options": {"fromFormat": "yyyy"}})
    with pytest.raises(ItemFailed, match="could not be recognized"):
        dated({**written, "date": "some day"})


def test_what_lies_between() -> None:
    written = {
        "operation": "getTimeBetweenDates",
        "startDate": DATE,
        "endDate": "2024-06-13T15:51:59.965Z",
    }
    asked = {**written, "units": ["year", "month", "day", "hour"]}
    assert dated(asked) == {"years": 1, "months": 2, "days": 2, "hours": 2}
    assert dated({**asked, "units": ["day"], "endDate": "2023-04-13T13:51:59.965Z"}) == {"days": 2}
    assert dated({**asked, "options": {"isoString": True}}) == "P1Y2M2DT2H"
    back = {**asked, "startDate": written["endDate"], "endDate": DATE}
    assert dated(back)["years"] == -1


def test_formats_and_sums_of_the_first_version() -> None:
    shown = {"value": DATE, "toFormat": "dddd, MMMM Do YYYY, h:mm:ss a [x] ZZ"}
    zoned = {**shown, "options": {"toTimezone": "Europe/Vienna"}}
    assert dated(zoned, version=1) == "Tuesday, April 11th 2023, 3:51:59 pm x +0200"
    read = {"value": "11/04/23", "toFormat": "YYYY-MM-DD", "options": {"fromFormat": "DD/MM/YY"}}
    assert dated(read, version=1) == "2023-04-11"
    counted = {"action": "calculate", "value": DATE, "operation": "add", "duration": 1}
    assert dated(counted, version=1) == "2023-04-12T13:51:59.965Z"


def digest(**written: Any) -> str:
    [[made]] = gave("crypto", {"value": "abc", **written}, [{}])
    return str(made["data"])


def test_digests() -> None:
    assert digest() == hashlib.md5(b"abc").hexdigest()
    assert (
        digest(type="SHA256", encoding="base64") == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
    )
    assert digest(type="SHA3-256") == hashlib.sha3_256(b"abc").hexdigest()
    keyed = digest(action="hmac", type="SHA256", secret="k")
    assert keyed == hmac.new(b"k", b"abc", "sha256").hexdigest()
    with pytest.raises(ItemFailed, match="there is no digest 'X'"):
        digest(type="X")
    file = {"json": {}, "binary": {"data": {"data": "YWJj"}}}
    [[made]] = ran("crypto", {"binaryData": True, "type": "SHA1"}, [file])
    assert made.json["data"] == hashlib.sha1(b"abc").hexdigest()


def test_signatures_and_random_texts() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    signed = digest(action="sign", algorithm="RSA-SHA256", privateKey=pem)
    key.public_key().verify(bytes.fromhex(signed), b"abc", padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(ItemFailed, match="write it as PEM"):
        digest(action="sign", algorithm="RSA-SHA256", privateKey="no key")
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", digest(action="generate"))
    assert re.fullmatch(
        r"[0-9a-f]{7}", digest(action="generate", encodingType="hex", stringLength=7)
    )
