"""Lists of runs, asked of a projection; a run that fits no message comes from its log instead.

All of it raises `BusUnavailable` when no projection answers.
"""

from __future__ import annotations

import msgspec
import structlog
from msgspec.structs import replace

from runfold.bus.ports.bus import Bus
from runfold.client.runs import RunClient
from runfold.contracts import queries as q
from runfold.engine.views.runs import RunView
from runfold.errors import ArchiveCorrupt, Conflict

log = structlog.get_logger("client")


async def listed_runs(bus: Bus, runs: RunClient, query: q.ListRuns) -> q.Answer[RunView]:
    """A page of runs."""
    body = await bus.query(q.LIST_RUNS, msgspec.json.encode(query))
    page = msgspec.json.decode(body, type=q.Answer[RunView])
    if not page.too_large:
        return page
    return replace(page, items=[await _whole_run(runs, run) for run in page.items])


async def listed_failures(bus: Bus, query: q.ListFailures) -> q.Answer[q.FailureGroup]:
    """A page of groups of failed runs."""
    body = await bus.query(q.LIST_FAILURES, msgspec.json.encode(query))
    return msgspec.json.decode(body, type=q.Answer[q.FailureGroup])


async def listed_family(bus: Bus, query: q.ListFamily) -> q.Answer[q.FamilyRun]:
    """A page of a run's family."""
    body = await bus.query(q.LIST_FAMILY, msgspec.json.encode(query))
    return msgspec.json.decode(body, type=q.Answer[q.FamilyRun])


async def _whole_run(runs: RunClient, run: RunView) -> RunView:
    """A run as its log has it; as it came, when that is gone or damaged."""
    try:
        found = await runs.get(run.run_id)
    except (ArchiveCorrupt, Conflict) as error:
        log.warning("run listed without its values", run_id=run.run_id, reason=str(error))
        return run
    if found is None:
        log.warning("run listed without its values", run_id=run.run_id, reason="its log is gone")
    return found or run
