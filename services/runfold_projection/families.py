"""A run's family as SQL: the run all of them go on from, and every fork and retry below it."""

from __future__ import annotations

from typing import Any

from runfold.contracts.cursors import run_after
from runfold.contracts.queries import ListFamily

FAMILY = """
with recursive up(run_id, origin, first_seq) as (
    select run_id, origin, first_seq from runs where run_id = :run_id
    union
    select r.run_id, r.origin, r.first_seq from up join runs r on r.run_id = up.origin
),
down(run_id) as (
    select * from (select run_id from up order by first_seq limit 1)
    union
    select r.run_id from down join runs r on r.origin <> '' and r.origin = down.run_id
)
select r.first_seq, r.run_id in (select run_id from up), r.document
from down join runs r using (run_id)
where r.first_seq > :after
order by r.first_seq
limit :limit
"""


def family_of(query: ListFamily, limit: int) -> tuple[str, dict[str, Any]]:
    """The statement of a page of a family, the oldest run first."""
    after = run_after(query.cursor)
    return FAMILY, {"run_id": query.run_id, "after": after, "limit": limit}
