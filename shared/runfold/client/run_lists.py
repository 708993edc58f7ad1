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
from runfold.engine.views.families import family_run
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


async def listed_family(
    bus: Bus, query: q.ListFamily, run: RunView | None = None
) -> q.Answer[q.FamilyRun]:
    """A page of a run's family.

    Args:
        bus: Where the projection is asked.
        query: The question.
        run: The run as its log has it: a projection that has not come to it yet has its family
            above it, and it is the newest of that.
    """
    found = await _family(bus, query)
    if found.items or query.cursor or run is None:
        return found
    above: q.Answer[q.FamilyRun] = q.Answer()
    if run.origin is not None:
        above = await _family(bus, replace(query, run_id=run.origin.run_id))
    items = [_seen_from(run.run_id, one) for one in above.items]
    if not above.next_cursor and run.run_id not in [one.run_id for one in items]:
        items.append(family_run(run.run_id, run, is_above=True))
    return replace(above, items=items)


def _seen_from(run_id: str, one: q.FamilyRun) -> q.FamilyRun:
    """A run of the family of a run's origin, as one of that run's."""
    if one.run_id == run_id:
        return replace(one, relation="self")
    return replace(one, relation="origin") if one.relation == "self" else one


async def _family(bus: Bus, query: q.ListFamily) -> q.Answer[q.FamilyRun]:
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
