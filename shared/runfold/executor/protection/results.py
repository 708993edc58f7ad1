"""Results that are kept for later calls: on the board, large ones in the object store."""

from __future__ import annotations

from typing import Any

from runfold.bus.ports.stores import Blobs
from runfold.contracts.codec import encode
from runfold.contracts.json_reader import WIRE, read_json
from runfold.contracts.protection import ServedBy
from runfold.executor.node import Outcome
from runfold.executor.protection.once import Kept
from runfold.settings import Settings


class Results:
    """Outcomes to what is kept of them, and back.

    Args:
        blobs: Where large ones go.
        settings: What is large, and what is too large.
    """

    def __init__(self, blobs: Blobs, settings: Settings) -> None:
        self._blobs = blobs
        self._large = settings.claim_threshold
        self._too_large = settings.max_payload

    async def kept(self, outcome: Outcome, until: float) -> Kept | None:
        """What to keep; None of an outcome that is too large to be reported at all."""
        body = encode(outcome.outputs)
        if len(body) > self._too_large:
            return None
        if len(body) > self._large:
            return Kept(until, outcome.port, blob=await self._blobs.put(body))
        return Kept(until, outcome.port, outcome.outputs)

    async def outcome(self, kept: Kept, served_by: ServedBy) -> Outcome:
        """The outcome again. It used nothing up."""
        outputs = kept.outputs
        if kept.blob:
            outputs = read_json(await self._blobs.get(kept.blob), dict[str, Any], bounds=WIRE)
        return Outcome(outputs, kept.port, served_by=served_by)
