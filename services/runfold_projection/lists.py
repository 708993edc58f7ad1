"""Lists of runs as SQL: a statement made of fixed parts, one a filter that is set.

A page is found newest first along an index, so that it ends when it is full: a label's own index
where there is one, else one branch a status. What is asked for is bound, never written in.
"""

from __future__ import annotations

from typing import Any

from runfold.contracts.cursors import run_before
from runfold.contracts.queries import ListRuns
from runfold_projection.texts import looked_for

FAILED_OR_UNDER_WAY = ("failed", "exception", "running", "retrying", "waiting")
"""What a node is that is asked for without a status."""

Statement = tuple[str, dict[str, Any]]

BY_FIELD = {
    "workflow_id": "r.workflow_id = :workflow_id",
    "started_from": "r.started_at >= :started_from",
    "started_to": "r.started_at < :started_to",
    "version": "r.version = :version",
    # The first half of these is what their indexes are limited to.
    "error_code": "r.error_code <> '' and r.error_code = :error_code",
    "origin": "r.origin <> '' and r.origin = :origin",
}
"""Field of the query → condition, for those whose value is bound as it is."""
HAS_TEXT = "exists (select 1 from texts t where t.run_id = r.run_id and instr(t.text, :text))"


class _Fitting:
    """What is gone through, and the conditions; the statuses and the place apart."""

    def __init__(self, query: ListRuns) -> None:
        self.table, self.place = "runs r", "r.first_seq"
        self.wheres: list[str] = []
        self.values: dict[str, Any] = {}
        if query.labels:
            self.table = "labels l join runs r on r.run_id = l.run_id"
            self.place = "l.first_seq"
            self._add_labels(query.labels)
        for field, condition in BY_FIELD.items():
            value = getattr(query, field)
            if value not in ("", None):
                self._add(condition, **{field: value})
        if query.node:
            self._add_node(query)
        if query.text:
            self._add(HAS_TEXT, text=looked_for(query.text))

    def _add(self, condition: str, **bound: Any) -> None:
        self.wheres.append(condition)
        self.values |= bound

    def _add_labels(self, labels: tuple[tuple[str, str], ...]) -> None:
        """The first label is gone through; each other is looked up."""
        for number, (name, value) in enumerate(labels):
            bound = {f"name_{number}": name, f"value_{number}": value}
            fits = f"name = :name_{number} and l.value = :value_{number}"
            if number == 0:
                self._add(f"l.{fits}", **bound)
                continue
            whose = "l.run_id = r.run_id and l.first_seq = r.first_seq"
            self._add(f"exists (select 1 from labels l where {whose} and l.{fits})", **bound)  # noqa: S608 -- bound

    def _add_node(self, query: ListRuns) -> None:
        """A node by its address, or by its id in any scope, with one of some statuses."""
        wanted = query.node_status or FAILED_OR_UNDER_WAY
        statuses = {f"node_status_{number}": status for number, status in enumerate(wanted)}
        which = "n.address = :node" if "/" in query.node else "n.node_id = :node"
        fits = f"{which} and n.status in ({', '.join(f':{name}' for name in statuses)})"
        self._add(
            f"exists (select 1 from nodes n where n.run_id = r.run_id and {fits})",  # noqa: S608 -- bound
            node=query.node,
            **statuses,
        )


def page_of(query: ListRuns, limit: int) -> Statement:
    """The statement of a page: where each run began in the log, and its document."""
    fitting = _Fitting(query)
    statuses = {f"status_{number}": status for number, status in enumerate(query.status)}
    found = " union all ".join(
        _branch(fitting, [f"r.status = :{name}"]) for name in statuses
    ) or _branch(fitting, [])
    sql = (
        f"select seq, document from ({found}) join runs using (run_id) "  # noqa: S608 -- bound
        "order by seq desc limit :limit"
    )
    place = {"before": run_before(query.cursor), "limit": limit}
    return sql, {**fitting.values, **statuses, **place}


def _branch(fitting: _Fitting, also: list[str]) -> str:
    wheres = " and ".join([*fitting.wheres, *also, f"{fitting.place} < :before"])
    return (
        f"select * from (select {fitting.place} as seq, r.run_id as run_id "  # noqa: S608 -- bound
        f"from {fitting.table} where {wheres} order by {fitting.place} desc limit :limit)"
    )


def counts_of(query: ListRuns) -> Statement:
    """The statement that counts the runs by status that fit all other filters."""
    fitting = _Fitting(query)
    only = f" where {' and '.join(fitting.wheres)}" if fitting.wheres else ""
    sql = f"select r.status, count(*) from {fitting.table}{only} group by r.status"  # noqa: S608 -- bound
    return sql, fitting.values
