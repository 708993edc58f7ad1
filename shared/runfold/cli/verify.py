"""`runfold verify`: whether archived runs are as they were stored."""

from __future__ import annotations

from pathlib import Path

import msgspec

from runfold.archive.verify import Break, Verification
from runfold.bus.ports.bus import Bus
from runfold.cli.outcome import OK, RUN_FAILED
from runfold.cli.stack import open_stack, settings_for
from runfold.errors import UnknownRun
from runfold.ids import checked_token, partition_of


class Verified(msgspec.Struct):
    """What was found."""

    records: int
    partitions: int
    breaks: list[Break]


async def verify(run_id: str, server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Check every record and every chain; or one run's record, and that it follows its predecessor.

    Raises:
        NotFound: No such run.
    """
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        found = await (_one(stack.bus, run_id) if run_id else _everything(stack.bus))
    if as_json:
        print(msgspec.json.encode(found).decode())
    else:
        _print(found, run_id)
    return RUN_FAILED if found.breaks else OK


async def _everything(bus: Bus) -> Verified:
    verification = Verification(await bus.archive.extent())
    breaks: list[Break] = []
    async for record in bus.archive.records():
        breaks += verification.look(record)
    breaks += verification.end()
    return Verified(verification.records, verification.partitions, breaks)


async def _one(bus: Bus, run_id: str) -> Verified:
    """The run's partition is read up to it, for what it follows; only its own breaks count."""
    checked_token(run_id, "run id")
    if await bus.archive.find(run_id) is None:
        if await bus.raw.has_run(run_id):
            return Verified(0, 0, [])
        raise UnknownRun(run_id)
    verification = Verification(await bus.archive.extent(), gaps=False)
    found = Verified(0, 0, [])
    async for record in bus.archive.records(partition=partition_of(run_id)):
        breaks = verification.look(record)
        if record.run_id == run_id:
            found.records, found.partitions = found.records + 1, 1
            found.breaks += breaks
    return found


def _print(found: Verified, run_id: str) -> None:
    for one in found.breaks:
        where = f"sequence {one.seq}" + (f"  run {one.run_id}" if one.run_id else "")
        print(f"BAD  {where}  {one.reason}")
    if run_id and not found.records:
        print(f"run {run_id} is in the log, not in the archive: nothing to check yet")
        return
    what = "sound" if not found.breaks else f"{len(found.breaks)} broken"
    print(f"{found.records} records in {found.partitions} partitions: {what}")
