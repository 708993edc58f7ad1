"""What a process counts, for Prometheus. No run, node or user ids: labels stay few.

The numbers belong to the process, however many services run in it.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
"""Our own, so that tests and embedding programs keep theirs."""

TASKS = Counter(
    "runfold_tasks",
    "Attempts ended, by node type and outcome",
    ("node_type", "outcome"),
    registry=REGISTRY,
)
"""Outcomes: succeeded, failed, dropped (its run had ended), returned (given back to the queue),
held (given back until it may begin)."""

PROTECTED = Counter(
    "runfold_protected",
    "Attempts that were not made, by node type and what there was instead",
    ("node_type", "instead"),
    registry=REGISTRY,
)
"""Instead: cache, idempotency, fallback, breaker.open, rate_limit.exceeded."""

TASK_SECONDS = Histogram(
    "runfold_task_seconds",
    "From taking a task to its result's ack, by node type",
    ("node_type",),
    buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300),
    registry=REGISTRY,
)

IN_FLIGHT = Gauge(
    "runfold_tasks_in_flight",
    "Attempts being worked on, by executor group",
    ("group",),
    registry=REGISTRY,
)

READY = Gauge(
    "runfold_service_ready",
    "1 when the service is ready",
    ("service",),
    registry=REGISTRY,
)
