"""Which `Host` values are the gateway's own.

A page can bring a name of its own to point at 127.0.0.1 (DNS rebinding); its browser then takes the
gateway for that page's own site, and only `Host` still tells the two apart. An address as host
cannot be rebound, since no name was looked up, and neither can `localhost`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable

from runfold.errors import ConfigurationError

ANY = "*"
_HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[^\s:/\\?#@\[\],]+))(?::\d{0,5})?")
_ENTRY = re.compile(r"(\*\.)?[^\s:/\\?#@\[\],*]+")


def host_name(value: str) -> str:
    """The host in a `Host` header, lower-case and without a port; empty when it is not one."""
    found = _HOST.fullmatch(value.strip())
    if found is None:
        return ""
    return (found["v6"] or found["name"]).lower().removesuffix(".")


def is_address(name: str) -> bool:
    """Whether a host is an IP address in its usual notation."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def is_reached_by_others(host: str) -> bool:
    """Whether more than this machine reaches what listens on an interface, a name or an address."""
    if not host:
        return True
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        # Nothing can listen there, and says so when it tries.
        return False
    addresses = [str(address[0]).partition("%")[0] for *_, address in found]
    return not all(ipaddress.ip_address(address).is_loopback for address in addresses)


class Hosts:
    """The names the gateway may be called by.

    Args:
        names: Names besides the built-in ones; `*.example.com` stands for every subdomain, `*` for
            any name.

    Raises:
        ConfigurationError: For an entry that is not a name.
    """

    def __init__(self, names: Iterable[str]) -> None:
        wanted = {name.lower().removesuffix(".") for name in names}
        for name in wanted - {ANY}:
            if not (_ENTRY.fullmatch(name) or is_address(name)):
                message = (
                    f"RUNFOLD_ALLOWED_HOSTS: {name!r} is not a host name: write names without "
                    "scheme and port, as api.example.com,*.internal"
                )
                raise ConfigurationError(message, code="gateway.allowed_hosts")
        self._any = ANY in wanted
        self._suffixes = tuple(name[1:] for name in wanted if name.startswith("*."))
        self._names = {*wanted, "localhost", socket.gethostname().lower()}

    def knows(self, value: str) -> bool:
        """Whether a `Host` header names this gateway."""
        name = host_name(value)
        if not name:
            return False
        return (
            self._any
            or name in self._names
            or name.endswith((".localhost", *self._suffixes))
            or is_address(name)
        )
