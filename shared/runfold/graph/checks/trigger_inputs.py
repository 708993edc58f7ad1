"""Checks the inputs that webhooks and subjects make of what was sent."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from runfold.graph.findings import Findings
from runfold.values.references import references_in
from runfold.values.templates import inline_template_findings, template_findings


def check_trigger_inputs(
    inputs: dict[str, Any] | None, names: Collection[str], family: str, where: str, found: Findings
) -> None:
    """Find what is wrong with the inputs of a trigger.

    Args:
        inputs: As they are declared.
        names: What they can refer to.
        family: Begins the codes of the findings.
        where: The trigger's place.
        found: What was found.
    """
    given = inputs or {}
    problems = [one for text in _texts(given) for one in template_findings(text)]
    for message in dict.fromkeys((*problems, *inline_template_findings(given))):
        found.error(f"{family}.template", f"{where}.inputs", message)
    for ref in references_in(given):
        if ref.root not in names:
            message = f"{ref.root!r} is not known here: there are {', '.join(sorted(names))}"
            found.error(f"{family}.reference", f"{where}.inputs", message)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
