"""Protections of a node: read, checked with their place, planned and carried by tasks."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runfold.contracts.protection import Breaker, Cache, Protection, RateLimit
from runfold.contracts.tasks import Task
from runfold.engine.decide.retries import should_retry
from runfold.errors import Failure
from runfold.graph.definition import Finding, Retry
from runfold.graph.loader import canonical_bytes, load_workflow, prepare, workflow_from_canonical
from runfold.graph.plan.plan import compile_plan

LIMIT = {"rate": 10}


def flow(type_: str = "template", config: Any = None, **node: Any) -> dict[str, Any]:
    config = {"template": "hi"} if config is None else config
    return {"id": "w", "nodes": [{"id": "n", "type": type_, "config": config, **node}]}


def found(**node: Any) -> list[Finding]:
    return [one for one in load_workflow(flow(**node)).findings if one.level != "info"]


def test_everything_is_read_with_its_defaults() -> None:
    workflow, _ = prepare(
        flow(
            breaker={"failures": 3, "open_for": "1m", "fallback": None},
            rate_limit={"rate": 10, "per": "1m", "burst": 20, "key": "{{user}}", "wait": "30s"},
            cache={"ttl": "1h"},
            idempotency_key="{{order.id}}",
            concurrency=3,
        )
    )
    assert workflow_from_canonical(canonical_bytes(workflow)) == workflow
    assert prepare(canonical_bytes(workflow))[0] == workflow
    planned = compile_plan(workflow).nodes["n"]
    assert planned.protection == Protection(
        cache=Cache(3600.0),
        idempotency_key="{{order.id}}",
        breaker=Breaker(failures=3, open_for=60.0, fallback=None),
        rate_limit=RateLimit(10, per=60.0, burst=20, key="{{user}}", wait=30.0),
        concurrency=3,
    )
    assert [ref.text for ref in planned.refs] == ["order.id", "user"]
    assert set(workflow.inputs) == {"order", "user"}
    task = Task(
        run_id="r", workflow_id="w", node_id="n", node_type="t", protection=planned.protection
    )
    assert msgspec.json.decode(msgspec.json.encode(task), type=Task) == task


def test_a_node_without_any_has_none() -> None:
    workflow, _ = prepare(flow())
    assert compile_plan(workflow).nodes["n"].protection is None
    assert b"protection" not in canonical_bytes(workflow)


@pytest.mark.parametrize(("written", "seconds"), [(True, 3600.0), (False, 0.0), ("30s", 30.0)])
def test_wait_is_yes_no_or_how_long(written: Any, seconds: float) -> None:
    workflow, _ = prepare(flow(rate_limit={**LIMIT, "wait": written}))
    limit = workflow.nodes[0].rate_limit
    assert limit is not None
    assert limit.wait == seconds


@pytest.mark.parametrize(
    ("node", "code", "path", "word"),
    [
        ({"rate_limit": {"rate": 0}}, "node.rate_limit", "rate_limit.rate", "over 0"),
        ({"rate_limit": {"rate": -1}}, "node.rate_limit", "rate_limit.rate", "over 0"),
        ({"rate_limit": {"rate": "fast"}}, "node.rate_limit", "rate_limit.rate", "float"),
        ({"rate_limit": {}}, "node.rate_limit", "rate_limit", "rate"),
        ({"rate_limit": 5}, "node.rate_limit", "rate_limit", "object"),
        ({"rate_limit": {**LIMIT, "per": 0}}, "node.rate_limit", "rate_limit.per", "1ms"),
        ({"rate_limit": {**LIMIT, "per": "2d"}}, "node.rate_limit", "rate_limit.per", "1d"),
        ({"rate_limit": {**LIMIT, "per": "soon"}}, "duration.invalid", "rate_limit.per", "soon"),
        ({"rate_limit": {**LIMIT, "per": True}}, "duration.invalid", "rate_limit.per", "True"),
        ({"rate_limit": {**LIMIT, "burst": 0}}, "node.rate_limit", "rate_limit.burst", "from 1"),
        ({"rate_limit": {**LIMIT, "wait": -1}}, "duration.invalid", "rate_limit.wait", "-1"),
        ({"rate_limit": {**LIMIT, "wait": "2h"}}, "node.rate_limit", "rate_limit.wait", "1h"),
        ({"rate_limit": {**LIMIT, "rte": 1}}, "node.rate_limit", "rate_limit.rte", "'rte'"),
        (
            {"rate_limit": {**LIMIT, "algorithm": "magic"}},
            "node.rate_limit",
            "rate_limit.algorithm",
            "magic",
        ),
        (
            {"rate_limit": {"rate": 0.5, "algorithm": "fixed_window"}},
            "node.rate_limit",
            "rate_limit.rate",
            "whole",
        ),
        (
            {"rate_limit": {"rate": 5000, "algorithm": "sliding_window"}},
            "node.rate_limit",
            "rate_limit.rate",
            "remembers",
        ),
        (
            {"rate_limit": {**LIMIT, "burst": 5, "algorithm": "fixed_window"}},
            "node.rate_limit",
            "rate_limit.burst",
            "burst",
        ),
        (
            {"rate_limit": {"rate": 100, "per": "1ms"}},
            "node.rate_limit",
            "rate_limit.rate",
            "10000",
        ),
        ({"breaker": {"failures": 0}}, "node.breaker", "breaker.failures", "from 1"),
        ({"breaker": {"open_for": 0}}, "node.breaker", "breaker.open_for", "1ms"),
        ({"breaker": {"half_open_calls": 0}}, "node.breaker", "breaker.half_open_calls", "from 1"),
        ({"breaker": {"successes": -2}}, "node.breaker", "breaker.successes", "from 1"),
        ({"breaker": {"failure": 3}}, "node.breaker", "breaker.failure", "'failure'"),
        ({"cache": {"ttl": 0}}, "node.cache", "cache.ttl", "1ms"),
        ({"cache": {}}, "node.cache", "cache", "ttl"),
        ({"cache": {"ttl": "2d"}}, "node.cache", "cache.ttl", "1d"),
        ({"idempotency_key": ""}, "node.idempotency_key", "idempotency_key", "text"),
        ({"idempotency_key": 5}, "node.idempotency_key", "idempotency_key", "text"),
        ({"concurrency": 0}, "node.concurrency", "concurrency", "from 1"),
        ({"concurrency": True}, "node.concurrency", "concurrency", "whole"),
        ({"concurrency": 2.5}, "node.concurrency", "concurrency", "whole"),
        (
            {"retry": {"give_up_on": ["never"]}},
            "node.setting",
            "retry.give_up_on[0]",
            "never",
        ),
        (
            {"retry": {"retry_on": ["auth"], "give_up_on": ["auth"]}},
            "node.retry",
            "retry.give_up_on",
            "auth",
        ),
        ({"cache": {"ttl": 1, "key": "{{a"}}, "template.syntax", "cache.key", ""),
        (
            {"rate_limit": {**LIMIT, "key": "{{sys.nobody}}"}},
            "reference.unknown",
            "rate_limit.key",
            "nobody",
        ),
    ],
)
def test_nonsense_is_refused_with_its_place(
    node: dict[str, Any], code: str, path: str, word: str
) -> None:
    findings = found(**node)
    assert [(one.level, one.code, one.path) for one in findings] == [
        ("error", code, f"nodes[0].{path}")
    ]
    assert word in findings[0].message


@pytest.mark.parametrize(
    "protection",
    [
        {"breaker": {}},
        {"rate_limit": LIMIT},
        {"cache": {"ttl": 1}},
        {"concurrency": 1},
        {"idempotency_key": "{{a}}"},
    ],
)
def test_only_what_executors_run_can_be_protected(protection: dict[str, Any]) -> None:
    config = {"condition": {"left": "{{a}}", "operator": "exists"}}
    (finding,) = found(type_="condition", config=config, **protection)
    assert finding.code == "protection.inline"
    assert finding.path == f"nodes[0].{next(iter(protection))}"
    assert "executors run" in finding.message


def test_protections_inside_a_loop_are_checked_where_they_are() -> None:
    inner = {"id": "in", "type": "wait", "config": {"duration": 1}, "concurrency": 2}
    (finding,) = found(type_="loop", config={"items": [1], "nodes": [inner]})
    assert finding.code == "protection.inline"
    assert finding.path == "nodes[0].config.nodes[0].concurrency"


def test_a_key_that_never_changes_is_pointed_out() -> None:
    (finding,) = found(idempotency_key="always")
    assert (finding.level, finding.code) == ("warning", "protection.constant_key")


def test_a_fallback_lets_its_names_be_read() -> None:
    document = flow("http_request", {"url": "http://x"}, breaker={"fallback": {"rates": []}})
    document["nodes"].append(
        {"id": "m", "type": "template", "config": {"template": "{{n.rates}} {{n.fallback}}"}}
    )
    assert not [one for one in load_workflow(document).findings if one.level == "error"]
    del document["nodes"][0]["breaker"]["fallback"]
    codes = [one.code for one in load_workflow(document).findings if one.level == "error"]
    assert codes == ["reference.unknown_output"] * 2


def test_what_is_given_up_on_is_not_retried() -> None:
    policy = Retry(max_attempts=3, give_up_on=("auth",))
    assert should_retry(policy, Failure("x", "", kind="server", retryable=True), 1)
    assert not should_retry(policy, Failure("x", "", kind="auth", retryable=True), 1)
