"""Which hosts, origins and keys the gateway takes."""

from __future__ import annotations

import pytest

from runfold.errors import ConfigurationError
from runfold.settings import Settings
from runfold_gateway.door.framing import framers
from runfold_gateway.door.guard import rules_of
from runfold_gateway.door.hosts import Hosts, is_reached_by_others
from runfold_gateway.door.keys import read_keys
from runfold_gateway.door.origins import Origins

KEY = "k" * 16


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST:8321", "localhost.", "a.localhost:1", "127.0.0.1:8321", "[::1]"),
        *("[::1]:8321", "192.168.1.7", "[::ffff:127.0.0.1]:80", "api.example.com", "x.internal:9"),
        "API.Example.COM.:443",
    ],
)
def test_hosts_that_are_ours(host: str) -> None:
    assert Hosts(["api.example.com", "*.internal"]).knows(host)


@pytest.mark.parametrize(
    "host",
    [
        # No host at all; peers took ":port" for a local one.
        *("", " ", ":8321", "[]", "[]:80"),
        # A name of somebody's that points to us, and names that only look like ours.
        *("evil.example", "evil.example:8321", "localhost.evil.example", "127.0.0.1.nip.io"),
        *("api.example.com.evil.example", "xapi.example.com", "internal", "notlocalhost"),
        # What is not a host: two of them, a user, a path, odd notations of an address.
        *("localhost, evil.example", "localhost@evil.example", "localhost/x", "localhost:80:80"),
        *("2130706433", "0x7f.1", "127.1", "localhost\\.evil.example", "loc alhost", "[::1"),
    ],
)
def test_hosts_that_are_not_ours(host: str) -> None:
    assert not Hosts(["api.example.com", "*.internal"]).knows(host)


def test_any_host_is_still_a_host() -> None:
    hosts = Hosts(["*"])
    assert hosts.knows("evil.example")
    assert not hosts.knows(":8321")


@pytest.mark.parametrize(
    "wrong", ["https://api.example.com", "api.example.com:80", "a b", "a/b", "*x", "a.*"]
)
def test_a_host_that_is_none_is_said_at_the_start(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="RUNFOLD_ALLOWED_HOSTS"):
        Hosts([wrong])


@pytest.mark.parametrize(
    ("origin", "site", "host"),
    [
        # Clients that are not browsers send neither.
        ("", "", "localhost"),
        ("", "none", "localhost"),
        ("http://localhost:8321", "same-origin", "localhost:8321"),
        # Behind a proxy that ends TLS and rewrites the host, the browser knows best.
        ("https://api.example.com", "same-origin", "127.0.0.1:8321"),
        # Plain http on another machine: browsers say no site there.
        ("http://10.0.0.5:8321", "", "10.0.0.5:8321"),
        ("https://api.example.com", "", "api.example.com:443"),
        ("http://API.example.com:80", "", "api.example.com"),
        # Allowed by the setting, whatever the browser calls it.
        ("https://app.example.com", "cross-site", "localhost:8321"),
        ("https://APP.example.com", "same-site", "localhost:8321"),
    ],
)
def test_who_may_change_something(origin: str, site: str, host: str) -> None:
    origins = Origins(["https://app.example.com/"])
    assert origins.may_change(origin=origin, site=site, host=host)


@pytest.mark.parametrize(
    ("origin", "site", "host"),
    [
        ("https://evil.example", "cross-site", "localhost:8321"),
        ("https://evil.example", "CROSS-SITE", "localhost:8321"),
        ("http://localhost:3000", "same-site", "localhost:8321"),
        ("", "cross-site", "localhost:8321"),
        ("null", "cross-site", "localhost:8321"),
        # Browsers that say no site.
        ("null", "", "localhost:8321"),
        ("http://localhost:3000", "", "localhost:8321"),
        ("http://evil.example", "", "localhost:8321"),
        ("file://", "", "localhost:8321"),
        ("http://[", "", "localhost:8321"),
        ("http://localhost:8321, http://evil.example", "", "localhost:8321"),
        # What no browser says.
        ("", "something", "localhost:8321"),
    ],
)
def test_who_may_not(origin: str, site: str, host: str) -> None:
    origins = Origins(["https://app.example.com"])
    assert not origins.may_change(origin=origin, site=site, host=host)


@pytest.mark.parametrize("wrong", ["null", "app.example.com", "https://a.example/x", "file://"])
def test_an_origin_that_is_none_is_said_at_the_start(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="RUNFOLD_ALLOWED_ORIGINS"):
        Origins([wrong])


def test_any_origin_needs_a_key() -> None:
    with pytest.raises(ConfigurationError, match="RUNFOLD_API_KEY"):
        rules_of(Settings(allowed_origins="*"))
    assert rules_of(Settings(allowed_origins="*", api_key=KEY)).origins.any


@pytest.mark.parametrize(
    "wrong",
    [
        "'self'",
        "https://a.example;script-src *",
        "https://a.example 'unsafe-inline'",
        "shop.example",
        "https://a.example/x",
        "https://*",
        "https://a.*.example",
        "https://[::1]:8000",
        "https://münchen.example",
        "null",
    ],
)
def test_who_may_frame_is_said_as_origins(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="RUNFOLD_STUDIO_FRAMED_BY"):
        rules_of(Settings(studio_framed_by=wrong))


def test_nobody_frames_a_page_unless_it_is_said() -> None:
    assert framers("") == framers(" , ") == "'none'"
    assert framers("https://A.example:8443,*") == "*"
    assert framers("http://localhost:3000/") == "http://localhost:3000"


def test_any_site_frames_a_page_only_where_a_key_is_asked_for() -> None:
    with pytest.raises(ConfigurationError, match="RUNFOLD_API_KEY"):
        rules_of(Settings(studio_framed_by="*"))
    rules_of(Settings(studio_framed_by="*", api_key=KEY))
    rules_of(Settings(studio_framed_by="https://a.example"))


def test_keys_have_names() -> None:
    keys = read_keys(Settings(api_key=KEY, api_keys=f"ops:{'o' * 20}, ci:c:{'c' * 20},"))
    assert keys.name_of(KEY.encode()) == "default"
    assert keys.name_of(b"o" * 20) == "ops"
    assert keys.name_of(b"c:" + b"c" * 20) == "ci"
    assert keys.name_of(b"other") is None
    assert keys.name_of(b"") is None
    assert not read_keys(Settings())


@pytest.mark.parametrize(
    "settings",
    [
        {"api_key": "short-secret"},
        {"api_key": "a secret with blanks in it"},
        {"api_key": "ключ-что-не-пройдёт"},
        {"api_keys": "secret-without-a-name"},
        {"api_keys": ":secret-of-nobody-at-all"},
        {"api_keys": "a b:secret-of-nobody-at-all"},
        {"api_keys": "ops:secret-1"},
        {"api_keys": "ops:secret-0123456789,ops:secret-9876543210"},
    ],
)
def test_keys_that_cannot_be_are_said_at_the_start_but_not_shown(settings: dict) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_keys(Settings(**settings))
    assert "RUNFOLD_API_KEY" in str(caught.value)
    for value in settings.values():
        for entry in value.split(","):
            assert (entry.partition(":")[2] or entry) not in str(caught.value)


async def test_who_reaches_an_interface() -> None:
    for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost"):
        assert not await is_reached_by_others(host)
    for host in ("0.0.0.0", "::", "192.168.1.7", ""):
        assert await is_reached_by_others(host)
