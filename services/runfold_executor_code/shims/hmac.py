"""`hmac`: signatures with a key."""

import hashlib
from typing import Any


def _hash(name: Any, data: bytes) -> Any:
    return hashlib.new(name, data) if isinstance(name, str) else name(data)


def _masked(key: bytes, mask: int) -> bytes:
    return bytes.fromhex("".join([format(byte ^ mask, "02x") for byte in key]))


class HMAC:
    def __init__(self, key: Any, msg: Any, digestmod: Any) -> None:
        if isinstance(key, str):
            raise TypeError("key: expected bytes or bytearray, but got 'str'")
        sample = _hash(digestmod, b"")
        self.block_size = sample.block_size
        self.digest_size = sample.digest_size
        if len(key) > self.block_size:
            key = _hash(digestmod, key).digest()
        self._mod = digestmod
        self._key = key + bytes(self.block_size - len(key))
        self._data = b"" if msg is None else msg

    def update(self, msg: bytes) -> None:
        self._data = self._data + msg

    def digest(self) -> bytes:
        inner = _hash(self._mod, _masked(self._key, 0x36) + self._data).digest()
        found: bytes = _hash(self._mod, _masked(self._key, 0x5C) + inner).digest()
        return found

    def hexdigest(self) -> str:
        return self.digest().hex()

    def copy(self) -> Any:
        return HMAC(self._key, self._data, self._mod)


def new(key: bytes, msg: Any = None, digestmod: Any = "") -> Any:
    if not digestmod:
        raise TypeError("Missing required argument 'digestmod'.")
    return HMAC(key, msg, digestmod)


def digest(key: bytes, msg: bytes, digest: Any) -> bytes:
    found: bytes = HMAC(key, msg, digest).digest()
    return found


def compare_digest(a: Any, b: Any) -> bool:
    return bool(a == b)
