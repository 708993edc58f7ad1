"""Which other sites' pages may show the studio's page of one workflow in a frame. Pure.

What is framed can be laid under something else, so that who clicks does not see on what.
"""

from __future__ import annotations

import re
from functools import cache

from runfold.errors import ConfigurationError
from runfold.settings import listed

NO_SITE = "'none'"
ANY = "*"
_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?", re.ASCII)
"""Nothing that could end a rule of a policy and begin another."""
_FRAMED = re.compile(r"/studio/embed/[^/]+")


@cache
def framers(origins: str) -> str:
    """The sources of `frame-ancestors` for a setting's text.

    Args:
        origins: `https://shop.example.com,https://*.example.org`; `*` for any; empty for none.

    Raises:
        ConfigurationError: For an entry that is no origin.
    """
    named = [origin.lower().removesuffix("/") for origin in listed(origins)]
    for one in named:
        if one != ANY and not _ORIGIN.fullmatch(one):
            message = (
                f"RUNFOLD_STUDIO_FRAMED_BY: {one!r} is not an origin: write scheme, host and port, "
                "as https://shop.example.com,https://*.example.org"
            )
            raise ConfigurationError(message, code="gateway.studio_framed_by")
    return ANY if ANY in named else " ".join(named) or NO_SITE


def framers_of(path: str, origins: str) -> str:
    """Who may frame a page of the studio: of all of them only those that are made for it."""
    return framers(origins) if _FRAMED.fullmatch(path) else NO_SITE
