"""Which addresses a workflow may reach. Pure: names are resolved elsewhere.

Own tables instead of `ipaddress`'s `is_private`, whose answers differ between Python versions.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import msgspec

from runfold.errors import ConfigurationError
from runfold.settings import HTTPSettings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_CLOSED_V4 = {
    IPv4Network("0.0.0.0/8"): "unspecified",
    IPv4Network("10.0.0.0/8"): "private",
    IPv4Network("100.64.0.0/10"): "shared",
    IPv4Network("127.0.0.0/8"): "loopback",
    IPv4Network("168.63.129.16/32"): "metadata",
    IPv4Network("169.254.0.0/16"): "link-local or metadata",
    IPv4Network("172.16.0.0/12"): "private",
    IPv4Network("192.0.0.0/24"): "reserved",
    IPv4Network("192.0.2.0/24"): "reserved",
    IPv4Network("192.88.99.0/24"): "reserved",
    IPv4Network("192.168.0.0/16"): "private",
    IPv4Network("198.18.0.0/15"): "reserved",
    IPv4Network("198.51.100.0/24"): "reserved",
    IPv4Network("203.0.113.0/24"): "reserved",
    IPv4Network("224.0.0.0/4"): "multicast",
    IPv4Network("240.0.0.0/4"): "reserved",
}
_CLOSED_V6 = {
    IPv6Network("::1/128"): "loopback",
    IPv6Network("fe80::/10"): "link-local",
    IPv6Network("fc00::/7"): "private",
    IPv6Network("ff00::/8"): "multicast",
    IPv6Network("2001::/23"): "reserved",
    IPv6Network("2001:db8::/32"): "reserved",
    IPv6Network("3fff::/20"): "reserved",
}
_GLOBAL_V6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
_COMPATIBLE = IPv6Network("::/96")
_TRANSLATED = IPv6Network("::ffff:0:0:0/96")
_ISATAP = (0x00005EFE, 0x02005EFE)
_LOW = 0xFFFF_FFFF


class Verdict(msgspec.Struct, frozen=True):
    """Whether an address may be connected to."""

    allowed: bool
    why: str = ""
    """For a refusal: `loopback`, `private`, `metadata`, …"""


class Policy:
    """The guard's rules, from the settings.

    Raises:
        ConfigurationError: An entry of `allow_hosts` is not a host, `*.suffix` or CIDR block.
    """

    def __init__(self, settings: HTTPSettings) -> None:
        self._loopback = settings.allow_loopback
        self._networks: list[Network] = []
        self._hosts: set[str] = set()
        self._suffixes: list[str] = []
        for entry in settings.allow_hosts:
            self._add(entry.strip().lower().rstrip("."))

    def _add(self, entry: str) -> None:
        network = _network(entry)
        if network is not None:
            self._networks.append(network)
        elif entry.startswith("*.") and _is_name(entry[2:]):
            self._suffixes.append(entry[1:])
        elif _is_name(entry):
            self._hosts.add(entry)
        else:
            message = (
                f"RUNFOLD_HTTP__ALLOW_HOSTS: {entry!r} is not a host name, '*.suffix', "
                "address or CIDR block; leave out scheme, port and path"
            )
            raise ConfigurationError(message, code="http.allow_hosts")

    def trusts(self, host: str) -> bool:
        """Whether a host is allowed by its name, at any address."""
        name = host.lower().rstrip(".")
        return name in self._hosts or any(name.endswith(suffix) for suffix in self._suffixes)

    def judge(self, address: Address) -> Verdict:
        """Whether an address is allowed."""
        inner = tuple(embedded(address))
        everything = (address, *inner)
        if any(one in net for one in everything for net in self._networks_of(one)):
            return Verdict(allowed=True)
        if inner and (mapped := _standing_for(address)) is not None:
            everything = (mapped,)
        closed = [kind for one in everything if (kind := _closed(one))]
        if self._loopback:
            closed = [kind for kind in closed if kind != "loopback"]
        return Verdict(allowed=not closed, why=closed[0] if closed else "")

    def _networks_of(self, address: Address) -> Iterable[Network]:
        return (net for net in self._networks if net.version == address.version)


def parsed(text: str) -> Address | None:
    """The address that a resolver's text is, without its zone; None when it is not an address."""
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def embedded(address: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses embedded in an IPv6 address, in any of the standard ways."""
    if isinstance(address, IPv4Address):
        return
    number = int(address)
    if (mapped := _standing_for(address)) is not None:
        yield mapped
    if address in _NAT64 or address in _NAT64_LOCAL:
        yield IPv4Address(number & _LOW)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if (number >> 32) & _LOW in _ISATAP:
        yield IPv4Address(number & _LOW)


def _standing_for(address: Address) -> IPv4Address | None:
    """The IPv4 address of which an IPv6 address is only another spelling."""
    if isinstance(address, IPv4Address):
        return None
    number = int(address)
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _TRANSLATED or (address in _COMPATIBLE and number > 1):
        return IPv4Address(number & _LOW)
    return None


def _closed(address: Address) -> str:
    """Why an address is not public; empty when it is."""
    if isinstance(address, IPv4Address):
        return next((kind for net, kind in _CLOSED_V4.items() if address in net), "")
    if address in _NAT64:
        return ""  # what it leads to is judged as its embedded address
    for net, kind in _CLOSED_V6.items():
        if address in net:
            return kind
    return "" if address in _GLOBAL_V6 else "reserved"


def _network(entry: str) -> Network | None:
    try:
        return ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return None


def _is_name(text: str) -> bool:
    return bool(text) and all(
        part and all(letter.isalnum() or letter in "-_" for letter in part)
        for part in text.split(".")
    )
