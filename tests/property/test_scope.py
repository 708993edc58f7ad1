"""What is said to be certain of a graph, against every way that a run of it can go."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import given, settings
from msgspec.structs import replace

from runfold.graph.checks.certain import Certain
from tests.support.graphs import Case, cases, interpret

RAN = ("succeeded", "exception")


def all_ways(case: Case) -> Iterator[Case]:
    """The graph with each answer of its conditions and each failure that does not end the run."""
    conditions = [node.id for node in case.workflow.nodes if node.type == "condition"]
    fallible = [
        node.id
        for node in case.workflow.nodes
        if node.id in case.failures and node.on_error.strategy != "fail"
    ]
    for answers in product((1, 2), repeat=len(conditions)):
        right = dict(zip(conditions, answers, strict=True))
        nodes = tuple(
            replace(
                node, config={"condition": {**node.config["condition"], "right": right[node.id]}}
            )
            if node.id in right
            else node
            for node in case.workflow.nodes
        )
        for failures in product((0, -1), repeat=len(fallible)):
            failing = dict(zip(fallible, failures, strict=True))
            yield Case(
                replace(case.workflow, nodes=nodes), {**dict.fromkeys(case.failures, 0), **failing}
            )


@given(cases(max_nodes=7))
@settings(max_examples=60, deadline=None)
def test_what_is_certain_is_so_whichever_way_a_run_goes(case: Case) -> None:
    workflow = case.workflow
    certain = Certain({node.id: node for node in workflow.nodes}, workflow.edges)
    seen = [interpret(one)[0] for one in all_ways(case)]
    ids = [node.id for node in workflow.nodes]
    for at, reader in enumerate(ids):
        for source in ids[:at]:
            runs = [one[source] for one in seen if one[reader] in RAN]
            if certain.has_run(source, reader):
                assert all(status in RAN for status in runs), (source, reader)
            if certain.has_outputs(source, reader):
                assert all(status == "succeeded" for status in runs), (source, reader)
