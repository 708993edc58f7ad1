"""Which addresses the guard lets through, in all the ways they can be written."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.errors import ConfigurationError
from runfold.settings import HTTPSettings
from runfold_executor_http.addresses import Policy, embedded, parsed

CLOSED = Policy(HTTPSettings())
PUBLIC = IPv4Address("93.184.216.34")


def spelled(inner: IPv4Address) -> list[IPv6Address]:
    """Every v6 form that leads to a v4 address."""
    number = int(inner)
    return [
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address((0xFFFF << 48) | number),
        IPv6Address(f"64:ff9b::{inner}"),
        IPv6Address((0x2002 << 112) | (number << 80) | 1),
        IPv6Address(int(IPv6Address("2606:4700::5efe:0:0")) | number),
    ]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1", "loopback"),
        ("127.9.9.9", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("192.168.0.1", "private"),
        ("100.64.0.1", "shared"),
        ("169.254.169.254", "link-local or metadata"),
        ("168.63.129.16", "metadata"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::1", "loopback"),
        ("::", "reserved"),
        ("fe80::1", "link-local"),
        ("fd00:ec2::254", "private"),
        ("ff02::1", "multicast"),
        ("2001:db8::1", "reserved"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "reserved"),
        ("64:ff9b:1::1", "reserved"),
        ("5f00::1", "reserved"),
        ("::127.0.0.1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("64:ff9b::127.0.0.1", "loopback"),
        ("2002:7f00:1::", "loopback"),
    ],
)
def test_closed(address: str, why: str) -> None:
    verdict = CLOSED.judge(ip_address(address))
    assert (verdict.allowed, verdict.why) == (False, why)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "2a00::1"])
def test_open(address: str) -> None:
    assert CLOSED.judge(ip_address(address)).allowed


@given(st.ip_addresses(v=4))
def test_a_v6_form_is_never_more_open_than_what_it_leads_to(inner: IPv4Address) -> None:
    plain = CLOSED.judge(inner).allowed
    for form in spelled(inner):
        assert inner in embedded(form)
        assert CLOSED.judge(form).allowed <= plain


def test_public_addresses_stay_open_in_forms_that_are_routed() -> None:
    mapped, _, nat64, sixtofour, _ = spelled(PUBLIC)
    for form in (mapped, nat64, sixtofour):
        assert CLOSED.judge(form).allowed


def test_loopback_when_allowed() -> None:
    policy = Policy(HTTPSettings(allow_loopback=True))
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        assert policy.judge(ip_address(address)).allowed
    for address in ("10.0.0.1", "169.254.169.254", "::"):
        assert not policy.judge(ip_address(address)).allowed


def test_the_allow_list() -> None:
    policy = Policy(
        HTTPSettings(allow_hosts=["10.0.0.0/8", "fd00::/8", "DB.Internal", "*.corp.example", "::1"])
    )
    for address in ("10.1.2.3", "fd12::1", "::ffff:10.1.2.3", "::1"):
        assert policy.judge(ip_address(address)).allowed
    for address in ("192.168.0.1", "127.0.0.1", "fe80::1"):
        assert not policy.judge(ip_address(address)).allowed
    for host in ("db.internal", "DB.internal.", "api.corp.example", "a.b.corp.example"):
        assert policy.trusts(host)
    for host in (
        "internal",
        "xdb.internal",
        "corp.example",
        "corp.example.org",
        "evilcorp.example",
    ):
        assert not policy.trusts(host)


@pytest.mark.parametrize("entry", ["http://host", "host:80", "*", "*.", "host/path", "", "a..b"])
def test_an_entry_that_is_none(entry: str) -> None:
    with pytest.raises(ConfigurationError, match="ALLOW_HOSTS"):
        Policy(HTTPSettings(allow_hosts=[entry]))


def test_addresses_of_resolvers() -> None:
    assert parsed("fe80::1%eth0") == ip_address("fe80::1")
    assert parsed("host") is None
