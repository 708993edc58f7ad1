"""Examples of messages for the AsyncAPI page, made of the types themselves.

A new event has an example as soon as it has a class: required fields, and optional ones that are
known by name here. A test decodes every example with the codec.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from runfold.contracts.codec import encode, to_json

RUN = "0190a5e0-0000-7000-8000-000000000000"
DUE = 1_767_225_600.0
VALUES: dict[str, Any] = {
    "workflow_id": "content_pipeline",
    "run_id": RUN,
    "node_id": "draft",
    "node_type": "llm",
    "definition": {
        "id": "content_pipeline",
        "nodes": [{"id": "draft", "type": "llm", "config": {"prompt": "Write about {{topic}}"}}],
    },
    "inputs": {"topic": "tea"},
    "config": {"prompt": "Write about {{topic}}"},
    "outputs": {"output": "Tea is …"},
    "output": "Tea is …",
    "text": "Tea is ",
    "items": ["tea", "coffee"],
    "values": {"name": "Ada"},
    "payload": {"order": "7"},
    "version": "3",
    "reason": "no longer needed",
    "prev": "9f2c…",
    "hash": "1b07…",
    "token": f"{RUN}.approve",
    "action": "approved",
    "message": "the model server answered 429: too many requests",
    "due": DUE,
    "at": DUE,
    "time": DUE,
    "started_at": DUE,
    "ended_at": DUE + 60.0,
    "first_seq": 3,
    "last_seq": 40,
    "events": 38,
    "delay": 1.5,
    "subject": "orders.paid",
    "source": "runfold.tasks.llm.llm",
    "body": "eyJydW5faWQiOiI…",
    "code": "llm.rate_limit",
    "kind": "rate_limit",
    "retryable": True,
    "service": "executor-llm",
    "state": "paid",
    "from": "created",
    "to": "paid",
    "event": "pay",
    "handler": "paid",
    "workflow": "content_pipeline",
    "branch": "left",
    "variable": "topic",
    "value": "tea",
    "executor": "llm@worker-1",
    "idempotency_key": "order-7",
    "status": "succeeded",
    "partition": 7,
    "limit": 50,
    "size": 512,
    "index": 1,
}
"""Field → an example of it, wherever its type has it."""

WHOLE: dict[str, dict[str, Any]] = {
    "RunRequest": {
        "workflow_id": "content_pipeline",
        "inputs": {"topic": "tea"},
        "idempotency_key": "order-7",
    },
    "RetryRequest": {"run_id": RUN, "from_node": "draft"},
    "Question": {"asked": {"ask": "search", "bases": ["handbook"], "query": "how are runs kept?"}},
    "KnowledgeAnswer": {
        "found": [{"content": "Runs are kept for seven days.", "title": "Retention", "score": 0.8}]
    },
    "Fetch": {"url": "https://example.com/"},
    "SignalRequest": {"subject": "orders.paid", "payload": {"order": "7"}, "id": "payment-12"},
    "Answer": {"item": {"run_id": RUN, "workflow_id": "content_pipeline", "status": "succeeded"}},
    "ServiceStatus": {
        "service": "executor-llm",
        "version": "0.1.0",
        "host": "worker-1",
        "pid": 4711,
        "ready": False,
        "reason": "NATS is not reachable",
        "started_at": DUE,
        "health": "http://127.0.0.1:8080",
    },
    "NodeRunWaiting": {
        "type": "node_run_waiting",
        "id": f"{RUN}:review:1:waiting",
        "run_id": RUN,
        "workflow_id": "content_pipeline",
        "node_id": "review",
        "waiting_for": "human",
        "token": f"{RUN}.review",
        "message": "Publish this?",
        "content": "Tea is …",
        "actions": ["approved", "rejected"],
    },
    "TimerFired": {
        "type": "timer_fired",
        "id": f"{RUN}:review:1:timeout",
        "run_id": RUN,
        "workflow_id": "content_pipeline",
        "node_id": "review",
        "timer": "human",
        "due": DUE,
    },
    "StreamChunk": {
        "type": "stream_chunk",
        "run_id": RUN,
        "workflow_id": "content_pipeline",
        "node_id": "draft",
        "index": 4,
        "text": "Tea is ",
    },
}
"""Class → its example, where one made field by field would say what never happens together."""


@cache
def example_of(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """A message of a type, as plain JSON values."""
    body = encode(WHOLE.get(kind.__name__) or _struct(inspect.type_info(kind)))
    found: dict[str, Any] = to_json(msgspec.json.decode(body, type=kind))
    return found


def _struct(info: Any, depth: int = 0) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if info.tag is not None:
        made[info.tag_field] = info.tag
        if depth == 0 and any(field.encode_name == "id" for field in info.fields):
            made["id"] = f"{RUN}:{info.tag}"
    for field in info.fields:
        name = field.encode_name
        if name in made:
            continue
        if name in VALUES and (field.required or depth == 0) and _fits(VALUES[name], field.type):
            made[name] = VALUES[name]
        elif field.required:
            made[name] = _value(field.type, name, depth)
    return made


def _fits(value: Any, declared: inspect.Type) -> bool:
    """Whether a value may stand in a field, looked at from outside."""
    match declared:
        case inspect.AnyType() | inspect.RawType():
            return True
        case inspect.UnionType(types):
            return any(_fits(value, one) for one in types)
        case inspect.LiteralType(values):
            return value in values
        case inspect.StrType():
            return isinstance(value, str)
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.IntType():
            return isinstance(value, int) and not isinstance(value, bool)
        case inspect.FloatType():
            return isinstance(value, float)
        case inspect.DictType(value_type=inner):
            return isinstance(value, dict) and all(_fits(one, inner) for one in value.values())
        case inspect.ListType(item_type=inner):
            return isinstance(value, list) and all(_fits(one, inner) for one in value)
        case _:
            return False


def _value(declared: inspect.Type, name: str, depth: int) -> Any:
    match declared:
        case inspect.StructType():
            return _struct(declared, depth + 1)
        case inspect.UnionType(types):
            return _value(types[0], name, depth)
        case inspect.LiteralType(values):
            return values[0]
        case inspect.StrType():
            return f"{name} …"
        case inspect.BoolType():
            return False
        case inspect.IntType():
            return 1
        case inspect.FloatType():
            return DUE
        case inspect.ListType(item_type=inner) | inspect.VarTupleType(item_type=inner):
            return [_value(inner, name, depth)]
        case inspect.DictType(value_type=inner):
            return {"name": _value(inner, name, depth)}
        case _:
            return None
