"""Where a scheduler may begin to read the log: a cache that only saves time.

Without it the whole log is folded again, with the same result.
"""

from __future__ import annotations

import msgspec
import structlog

from runfold.bus.ports import KeyValue
from runfold.errors import RunfoldError

log = structlog.get_logger("scheduler")


class Checkpoint:
    """The stored starting point of one set of partitions.

    Args:
        bucket: Where it is kept.
        partitions: The partitions it is for.
    """

    def __init__(self, bucket: KeyValue, partitions: frozenset[int]) -> None:
        self._bucket = bucket
        self._key = "scheduler." + "_".join(_ranges(partitions))
        self._written = -1

    async def read(self) -> int:
        """The sequence to read after; 0 when unknown."""
        found = await self._bucket.get(self._key)
        if found is None:
            return 0
        return msgspec.json.decode(found[0], type=int)

    async def write(self, after: int) -> None:
        """Remember; a failure costs only time at the next start."""
        if after == self._written:
            return
        try:
            await self._bucket.put(self._key, msgspec.json.encode(after))
        except RunfoldError as error:
            log.warning("checkpoint not written", reason=str(error))
        else:
            self._written = after


def _ranges(partitions: frozenset[int]) -> list[str]:
    """`{0,1,2,5}` as `["0-2", "5"]`."""
    ranges: list[list[int]] = []
    for partition in sorted(partitions):
        if ranges and ranges[-1][1] == partition - 1:
            ranges[-1][1] = partition
        else:
            ranges.append([partition, partition])
    return [f"{first}-{last}" if first != last else str(first) for first, last in ranges]
