"""Large payloads go to the object store, and a small message with their digest goes in their place.

The small message keeps the payload's short top-level fields, so that its type, run and node stay
readable with `nats sub`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.bus.ports.stores import Blobs
from runfold.contracts.json_reader import WIRE, read_json
from runfold.errors import PayloadTooLarge, Undecodable

KEPT_FIELD = 512
"""Bytes of JSON up to which a top-level field stays in the message."""
MARK = b'"claim":{"sha256":'


class _Claim(msgspec.Struct):
    sha256: str
    size: int


class _Claimed(msgspec.Struct):
    claim: _Claim


class ClaimCheck:
    """Hands payloads in and fetches them back.

    Args:
        blobs: Where they are kept.
        threshold: Bytes above which a payload is handed in.
        maximum: Bytes above which it is refused.
    """

    def __init__(self, blobs: Blobs, threshold: int, maximum: int) -> None:
        self._blobs = blobs
        self.threshold = threshold
        self._maximum = maximum

    def check_size(self, body: bytes) -> None:
        """Raise `PayloadTooLarge` over the maximum; `details` has `size` and `limit`."""
        if len(body) > self._maximum:
            message = (
                f"a payload of {len(body)} bytes is over the limit of {self._maximum}; "
                "pass a reference to the data instead, or raise RUNFOLD_MAX_PAYLOAD"
            )
            raise PayloadTooLarge(message, details={"size": len(body), "limit": self._maximum})

    async def hand_in(self, body: bytes) -> bytes:
        """Store a payload; returns the message that stands for it. Raises `PayloadTooLarge`."""
        self.check_size(body)
        fields: dict[str, msgspec.Raw] = {}
        if body.startswith(b"{"):  # else something packed, of which there is nothing to show
            fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        kept: dict[str, Any] = {
            name: value for name, value in fields.items() if len(bytes(value)) <= KEPT_FIELD
        }
        kept["claim"] = {"sha256": await self._blobs.put(body), "size": len(body)}
        return msgspec.json.encode(kept)

    async def fetch(self, body: bytes) -> bytes:
        """The payload a message stands for, or the message itself when it stands for none."""
        if MARK not in body:
            return body
        try:
            claimed = read_json(body, _Claimed, bounds=WIRE)
        except Undecodable:
            return body
        return await self._blobs.get(claimed.claim.sha256)

    @staticmethod
    def is_claim(body: bytes) -> bool:
        """Whether a message may stand for a payload elsewhere."""
        return MARK in body
