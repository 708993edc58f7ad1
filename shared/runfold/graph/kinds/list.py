"""`list`: filters, orders and cuts a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.values.item_conditions import item_condition_findings
from runfold.values.template_scan import is_template


class OrderBy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One key that a list is ordered by."""

    field: str = ""
    """Path inside an item, as `size` or `author.name`; empty: the item itself."""
    direction: Literal["asc", "desc"] = "asc"
    """Items without the part come last in both."""
    FORM: ClassVar[Forms] = {
        "field": Form("text", ("size",)),
        "direction": Form("choice"),
    }


class ListConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `list` node. What it does is done in the order of the fields."""

    input: Any
    """The list."""
    filter: Any = None
    """Items for which this holds are kept: `{field, operator, value}` or a group of them."""
    extract: int | None = None
    """Only the item at this place, from 1; negative: from the end."""
    order: list[OrderBy] = []
    """What the items are ordered by; the first key counts most."""
    limit: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """Most items of the result, from the first."""
    FORM: ClassVar[Forms] = {
        "input": Form("reference", ("{{uploads}}",)),
        "filter": Form(
            "object",
            (
                {"field": "size", "operator": "<", "value": 1000000},
                {
                    "or": [
                        {"field": "kind", "operator": "equals", "value": "image"},
                        {"field": "extension", "operator": "in", "value": ["pdf", "docx"]},
                    ]
                },
            ),
        ),
        "extract": Form("number", (1, -1)),
        "order": Form("objects", ([{"field": "size", "direction": "desc"}],)),
        "limit": Form("number", (10,)),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    if config.get("extract") == 0:
        yield Problem("extract", "places are counted from 1, or from -1 at the end")
    condition = config.get("filter")
    if condition is None or (isinstance(condition, str) and is_template(condition)):
        return
    for place, message in item_condition_findings(condition):
        yield Problem(f"filter{place}", message, "condition.invalid")


KIND = register(
    Kind(
        type="list",
        group="text",
        config=ListConfig,
        summary="Filter, order and cut a list",
        aliases=("list_operator",),
        outputs=("output", "first_record", "last_record", "count"),
        rules=_rules,
        needs=("input",),
        hints=Hints(
            category="data",
            output_types={
                "output": "array",
                "first_record": "any",
                "last_record": "any",
                "count": "integer",
            },
        ),
    )
)
