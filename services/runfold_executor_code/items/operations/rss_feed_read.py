"""`rssFeedRead`: the entries of news feeds as items. The feeds are fetched by native nodes."""

from __future__ import annotations

from collections.abc import Mapping

from runfold_executor_code.items.news import entries_of
from runfold_executor_code.items.operations.collect import results_of
from runfold_executor_code.items.parameters import options_of
from runfold_executor_code.items.paths import names_in
from runfold_executor_code.items.step import ItemFailed, Made, Step
from runfold_executor_code.items.xml_values import Unreadable


def run(step: Step) -> list[list[Made]]:
    """An item for each entry of the feed of each item; `results` has what was fetched."""
    made: list[Made] = []
    for index, answer in results_of(step):
        with step.guarded(index):
            body = answer.get("body") if isinstance(answer, Mapping) else answer
            more = names_in(options_of(step.of(index)).get("customFields"))
            try:
                entries = entries_of(body if isinstance(body, str) else "", more)
            except Unreadable as error:
                raise ItemFailed(index, f"the feed cannot be read: {error}") from error
            made += [Made(one, paired=(0, index)) for one in entries]
    return [made]
