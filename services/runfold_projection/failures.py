"""Failed runs in groups, as SQL: what went wrong where, how often, and when last."""

from __future__ import annotations

from typing import Any

from runfold.contracts.cursors import place_after
from runfold.contracts.queries import ListFailures

FAILED = ("failed", "compensated", "compensation_failed")
"""Statuses of a run that did not come to its end by an error."""
GROUPS = """
select g.workflow_id, g.error_node, g.error_code, g.times, g.last, r.run_id, r.document
from (
    select workflow_id, error_node, error_code, count(*) as times, max(finished_at) as last,
        max(first_seq) as newest
    from runs indexed by runs_by_failure where {wheres}
    group by workflow_id, error_node, error_code
    order by times desc, last desc, workflow_id, error_node, error_code
    limit :limit offset :after
) g join runs r on r.run_id = (
    select run_id from runs n where n.error_code <> '' and n.error_code = g.error_code
    and n.first_seq = g.newest
)
order by g.times desc, g.last desc, g.workflow_id, g.error_node, g.error_code
"""
BY_FIELD = {
    "workflow_id": "workflow_id = :workflow_id",
    "started_from": "started_at >= :started_from",
    "started_to": "started_at < :started_to",
}
"""Field of the query → condition."""


def groups_of(query: ListFailures, limit: int) -> tuple[str, dict[str, Any]]:
    """The statement of a page of groups: those with the most runs first."""
    statuses = {f"status_{number}": status for number, status in enumerate(FAILED)}
    among = ", ".join(f":{name}" for name in statuses)
    wheres = ["error_code <> ''", f"status in ({among})"]
    values: dict[str, Any] = {}
    for field, condition in BY_FIELD.items():
        value = getattr(query, field)
        if value not in ("", None):
            wheres.append(condition)
            values[field] = value
    sql = GROUPS.format(wheres=" and ".join(wheres))
    return sql, {**statuses, **values, "limit": limit, "after": place_after(query.cursor)}
