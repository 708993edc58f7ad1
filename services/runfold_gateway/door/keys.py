"""API keys: read from the settings, and compared without telling by time how much was right."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import NamedTuple

from runfold.errors import ConfigurationError
from runfold.settings import Settings, listed

SHORTEST = 16
"""Characters of a key; a shorter one could be guessed."""
NAMELESS = "default"
"""What the key of `RUNFOLD_API_KEY` is called in the log."""
HOW_TO = "python -c 'import secrets; print(secrets.token_urlsafe())' makes one"
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]+")
"""What fits into a header and a list: printable ASCII without blanks and commas."""


class _Key(NamedTuple):
    name: str
    digest: bytes


class Keys:
    """The keys that open the API. Holds digests, not keys.

    Args:
        keys: Keys by name.
    """

    def __init__(self, keys: dict[str, str]) -> None:
        self._keys = [_Key(name, _digest(key.encode())) for name, key in keys.items()]

    def __bool__(self) -> bool:
        """Whether a key is asked for at all."""
        return bool(self._keys)

    def name_of(self, key: bytes) -> str | None:
        """The name of a key; None for one that is not ours."""
        given = _digest(key)
        found = None
        for one in self._keys:
            # No early return: the time taken does not tell which key fits.
            if hmac.compare_digest(one.digest, given):
                found = one.name
        return found


def read_keys(settings: Settings) -> Keys:
    """The keys of the settings.

    Raises:
        ConfigurationError: For a key that is too short or cannot be sent, or a list that is not
            `name:key,name:key`. The message never holds a key.
    """
    keys: dict[str, str] = {}
    if single := settings.api_key.get_secret_value().strip():
        _add(keys, NAMELESS, single, "RUNFOLD_API_KEY")
    for entry in listed(settings.api_keys.get_secret_value()):
        name, colon, key = entry.partition(":")
        if not colon or not _NAME.fullmatch(name):
            message = "RUNFOLD_API_KEYS is not a list of name:key pairs, as ops:KEY,ci:KEY"
            raise ConfigurationError(message, code="gateway.api_key")
        _add(keys, name, key, f"RUNFOLD_API_KEYS, {name}")
    return Keys(keys)


def _add(keys: dict[str, str], name: str, key: str, where: str) -> None:
    wrong = ""
    if name in keys:
        wrong = "this name has a key already"
    elif len(key) < SHORTEST:
        wrong = f"the key is shorter than {SHORTEST} characters; {HOW_TO}"
    elif not _KEY.fullmatch(key):
        wrong = f"a key is printable ASCII without blanks and commas; {HOW_TO}"
    if wrong:
        raise ConfigurationError(f"{where}: {wrong}", code="gateway.api_key")
    keys[name] = key


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()
