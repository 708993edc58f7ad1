"""`crypto`: digests, signatures and random texts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from runfold_executor_code.items.files import bytes_of
from runfold_executor_code.items.javascript_values import text
from runfold_executor_code.items.parameters import count, flag, word
from runfold_executor_code.items.paths import copied, put
from runfold_executor_code.items.step import Item, ItemFailed, Made, Step

_MOST = 100_000
"""Characters of a random text."""
_HASHES: Mapping[str, type[hashes.HashAlgorithm]] = {
    "SHA512/224": hashes.SHA512_224,
    "SHA512/256": hashes.SHA512_256,
    "SHA3224": hashes.SHA3_224,
    "SHA3256": hashes.SHA3_256,
    "SHA3384": hashes.SHA3_384,
    "SHA3512": hashes.SHA3_512,
    "MD5": hashes.MD5,
    "SHA1": hashes.SHA1,
    "SHA224": hashes.SHA224,
    "SHA256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA512": hashes.SHA512,
}
"""By a part of the algorithm's name without hyphens; names that have others in them come first."""


def run(step: Step) -> list[list[Made]]:
    """Each item with a digest, a signature or a random text in a field."""
    made = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            written = step.of(index)
            json = copied(item["json"])
            name = text(written.get("dataPropertyName", "data"))
            put(json, name, _value(written, item, index))
            binary = None if flag(written.get("binaryData")) else item.get("binary")
            made.append(Made(json, binary, paired=(0, index)))
    return [made]


def _value(written: Mapping[str, Any], item: Item, index: int) -> str:
    action = word(written.get("action"), "hash")
    if action == "generate":
        return _random(written)
    if action not in ("hash", "hmac", "sign"):
        raise ItemFailed(index, f"there is no action {action!r}")
    if action != "sign" and flag(written.get("binaryData")):
        data = bytes_of(item, word(written.get("binaryPropertyName"), "data"), index)
    else:
        data = text(written.get("value", "")).encode("utf-8", "surrogatepass")
    if action == "sign":
        return _encoded(_signed(written, data, index), written)
    algorithm = word(written.get("type"), "MD5").lower().replace("-", "_")
    if algorithm.startswith("sha3"):
        algorithm = f"sha3_{algorithm.removeprefix('sha3').lstrip('_') or '256'}"
    try:
        if action == "hash":
            digest = hashlib.new(algorithm, data, usedforsecurity=False).digest()
        else:
            digest = hmac.new(text(written.get("secret", "")).encode(), data, algorithm).digest()
    except (ValueError, TypeError) as error:
        raise ItemFailed(index, f"there is no digest {written.get('type')!r} here") from error
    return _encoded(digest, written)


def _encoded(data: bytes, written: Mapping[str, Any]) -> str:
    if word(written.get("encoding"), "hex") == "base64":
        return base64.b64encode(data).decode()
    return data.hex()


def _signed(written: Mapping[str, Any], data: bytes, index: int) -> bytes:
    name = word(written.get("algorithm")).upper().replace("-", "")
    known = next((one for key, one in _HASHES.items() if key in name), None)
    if known is None:
        raise ItemFailed(index, f"there is no algorithm {written.get('algorithm')!r} to sign with")
    try:
        key = load_pem_private_key(text(written.get("privateKey", "")).encode(), password=None)
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(data, padding.PKCS1v15(), known())
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(data, ec.ECDSA(known()))
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature) as error:
        raise ItemFailed(index, "the private key cannot be read: write it as PEM") from error
    raise ItemFailed(index, "keys of this sort cannot sign: take one of RSA or an elliptic curve")


def _random(written: Mapping[str, Any]) -> str:
    kind = word(written.get("encodingType"), "uuid")
    length = max(0, min(count(written.get("stringLength"), 32), _MOST))
    if kind == "uuid":
        return str(uuid.uuid4())
    if kind == "base64":
        letters = base64.b64encode(secrets.token_bytes(length)).decode()
        return re.sub(r"\W", "", letters)[:length]
    if kind == "hex":
        return secrets.token_hex(length)[:length]
    return "".join(chr(one & 0x7F) for one in secrets.token_bytes(length))
