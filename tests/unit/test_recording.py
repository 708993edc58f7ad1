"""Cases written into a workflow's file: all else stays as it is written."""

from __future__ import annotations

import pytest

from runfold.cases.document import Case
from runfold.cases.recording import with_cases
from runfold.errors import InvalidInputs
from runfold.graph.loader import load_workflow

NODES = "[{id: t, type: template, config: {template: hi}}]"
JSON = '{"id": "w", "nodes": [{"id": "t", "type": "template", "config": {"template": "hi"}}]}'


@pytest.mark.parametrize(
    "text",
    [
        f"---\n# first\nid: w\nnodes: {NODES}\n...\n# after\n",
        f"id: w\r\n# kept\r\nnodes: {NODES}\r\n",
        f"id: w\ntests: []\n# kept\nnodes: {NODES}",
        f'id: w\n"tests":\n- name: "x\n\n    # text"\nnodes: {NODES}',
        f"\ufeffid: w\nnodes: {NODES}\n",
        JSON,
        "\ufeff" + JSON,
    ],
)
def test_cases_are_put_into_a_file(text: str) -> None:
    written = with_cases(text, [Case("Zoë", {"a": "\n...\n"})])
    assert not load_workflow(written.encode()).findings
    assert "Zoë" in written
    assert with_cases(written, [Case("Zoë", {"a": "\n...\n"})]) == written
    for line in text.splitlines():
        if line.startswith("#"):
            assert line in written


def test_a_file_that_cannot_take_cases_is_left_alone() -> None:
    with pytest.raises(InvalidInputs) as caught:
        with_cases(f"{{id: w, nodes: {NODES}}}\n", [Case("a")])
    assert caught.value.code == "tests.not_written"
