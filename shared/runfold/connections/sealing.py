"""Encryption at rest: AES-256-GCM, under a key that never leaves the processes' settings.

What is sealed is bound to where it stands: a value that was moved to another connection, or to
another field, opens no more.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import tempfile
from pathlib import Path

from runfold.errors import ConfigurationError, Undecodable
from runfold.settings import Settings, listed

KEY_FILE = "connections.key"
KEY_BYTES = 32
NONCE_BYTES = 12
_VERSION = "v1"


class Sealer:
    """Seals and opens.

    Args:
        keys: The first seals; all of them open.
    """

    def __init__(self, keys: list[bytes]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._ciphers = {key_id(key): AESGCM(key) for key in keys}
        self._sealing = key_id(keys[0])

    @property
    def sealing(self) -> str:
        """The id of the key that seals."""
        return self._sealing

    def seal(self, body: bytes, place: str) -> str:
        """A text that only `open` with the same key and place reads."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._sealing].encrypt(nonce, body, place.encode())
        text = base64.urlsafe_b64encode(nonce + sealed).decode()
        return f"{_VERSION}.{self._sealing}.{text}"

    def open(self, sealed: str, place: str) -> bytes:
        """What was sealed.

        Raises:
            ConfigurationError: `connection.key_unknown`: it was sealed with another key.
            Undecodable: `connection.unreadable`: it is damaged, or was moved.
        """
        from cryptography.exceptions import InvalidTag

        version, _, rest = sealed.partition(".")
        key, _, text = rest.partition(".")
        cipher = self._ciphers.get(key)
        if version != _VERSION or cipher is None:
            message = (
                "what is stored was encrypted with another key: give this process that one as "
                "well, behind the newest in RUNFOLD_CONNECTIONS_KEY"
            )
            raise ConfigurationError(message, code="connection.key_unknown")
        try:
            raw = base64.urlsafe_b64decode(text)
            return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode())
        except (binascii.Error, ValueError, InvalidTag) as error:
            message = "what is stored is damaged, or does not belong where it stands"
            raise Undecodable(message, code="connection.unreadable") from error


def key_id(key: bytes) -> str:
    """What tells keys apart, and nothing about them."""
    return hashlib.blake2b(key, digest_size=4, person=b"runfold-key-id").hexdigest()


def new_key() -> str:
    """A new key, as the setting has it."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def read_keys(text: str) -> list[bytes]:
    """The keys of a setting, comma-separated.

    Raises:
        ConfigurationError: `connection.key`; the message does not show them.
    """
    keys = []
    for number, entry in enumerate(listed(text), 1):
        try:
            key = base64.b64decode(entry.replace("-", "+").replace("_", "/"), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            message = (
                f"RUNFOLD_CONNECTIONS_KEY: key {number} is not {KEY_BYTES} bytes in base64: "
                "`runfold connections new-key` makes one"
            )
            raise ConfigurationError(message, code="connection.key")
        keys.append(key)
    return keys


def sealer_of(settings: Settings) -> Sealer:
    """The sealer of a process.

    Raises:
        ConfigurationError: `connection.no_key`: there is no key, so nothing is stored or read.
    """
    text = settings.connections_key.get_secret_value()
    if not text and settings.connections_key_file is not None:
        text = _from_file(settings.connections_key_file, make=_is_own(settings))
    keys = read_keys(text)
    if not keys:
        message = (
            "credentials are only stored encrypted, and there is no key: make one with `runfold "
            "connections new-key`, and give it as RUNFOLD_CONNECTIONS_KEY to the gateway, the http "
            "executors and this command"
        )
        raise ConfigurationError(message, code="connection.no_key")
    return Sealer(keys)


def _is_own(settings: Settings) -> bool:
    """Whether the file is in the embedded server's own folder, where one is made."""
    return settings.connections_key_file == settings.data_dir / KEY_FILE


def _from_file(path: Path, *, make: bool) -> str:
    try:
        if make:
            _make(path)
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        message = f"the key of connections cannot be read from {path}: {reason}"
        raise ConfigurationError(message, code="connection.key") from error


def _make(path: Path) -> None:
    """Make the file with a new key, unless it is there: whole, or not at all."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # For its owner alone, and of a name of its own: one that died here left its file behind.
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    own = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(new_key() + "\n")
            file.flush()
            os.fsync(file.fileno())  # a key that is lost opens nothing any more
        # A link never writes over what another process has made meanwhile.
        os.link(own, path)
    except FileExistsError:
        return
    finally:
        own.unlink()
