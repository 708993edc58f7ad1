"""Which definitions are given the history of their run's conversation: all that may read it."""

from __future__ import annotations

import pytest

from runfold.graph.loader import canonical_bytes, prepare
from runfold_scheduler.requests.turns import READS_HISTORY


def reads(template: str) -> bool:
    node = {"id": "words", "type": "template", "config": {"template": template}}
    workflow, _ = prepare({"id": "w", "nodes": [node]})
    return READS_HISTORY.search(canonical_bytes(workflow)) is not None


@pytest.mark.parametrize(
    "template",
    [
        "{{sys.history}}",
        "{{sys['history'] | length}}",
        '{{ sys . history }} {{sys["history"]}}',
        "{{\n sys\n.history}}",
        "{{sys.get('history')}}",
        "{{sys | tojson}}",
        "{% set name = 'history' %}{{sys[name]}}",
        "{% for name in sys %}{{name}}{% endfor %}",
    ],
)
def test_what_may_read_it(template: str) -> None:
    assert reads(template)


@pytest.mark.parametrize(
    "template", ["{{sys.query}}: {{sys.dialogue_count+1}}", "a system of systems", "{{x.history}}"]
)
def test_what_does_not(template: str) -> None:
    assert not reads(template)
