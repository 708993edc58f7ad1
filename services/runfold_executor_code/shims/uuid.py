"""`uuid`: `uuid4`, `uuid3`, `uuid5`, and `UUID` of text."""

import hashlib
import random
from typing import Any


class UUID:
    def __init__(self, hex: Any = None, bytes: Any = None, int: Any = None, version: Any = None) -> None:  # fmt: skip
        if bytes is not None:
            hex = bytes.hex()
        if int is not None:
            hex = format(int, "032x")
        digits = hex.replace("urn:", "").replace("uuid:", "").strip("{}").replace("-", "").lower()
        if len(digits) != 32 or not all(sign in "0123456789abcdef" for sign in digits):
            raise ValueError("badly formed hexadecimal UUID string")
        if version is not None:
            variant = "89ab"["0123456789abcdef".index(digits[16]) % 4]
            digits = digits[:12] + str(version) + digits[13:16] + variant + digits[17:]
        self.hex = digits
        self.urn = "urn:uuid:" + str(self)
        self.version = "0123456789abcdef".index(digits[12]) if digits[16] in "89ab" else None

    def __str__(self) -> str:
        d = str(self.hex)
        return d[:8] + "-" + d[8:12] + "-" + d[12:16] + "-" + d[16:20] + "-" + d[20:]

    def __repr__(self) -> str:
        return "UUID('" + str(self) + "')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UUID) and self.hex == other.hex

    def __hash__(self) -> Any:
        return hash(self.hex)


NAMESPACE_DNS = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
NAMESPACE_URL = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
NAMESPACE_OID = UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
NAMESPACE_X500 = UUID("6ba7b814-9dad-11d1-80b4-00c04fd430c8")


def uuid4() -> Any:
    return UUID(format(random.getrandbits(128), "032x"), version=4)


def uuid3(namespace: Any, name: str) -> Any:
    data = bytes.fromhex(namespace.hex) + name.encode("utf-8")
    return UUID(hashlib.md5(data).hexdigest()[:32], version=3)


def uuid5(namespace: Any, name: str) -> Any:
    data = bytes.fromhex(namespace.hex) + name.encode("utf-8")
    return UUID(hashlib.sha1(data).hexdigest()[:32], version=5)
