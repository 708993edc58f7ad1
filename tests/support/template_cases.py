"""What each template must come to with the demo model: with its defaults, and with other inputs."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from runfold.engine.views.runs import RunView

Answers = dict[str, tuple[str, str]]


class Case(msgspec.Struct, frozen=True):
    """A run of a template, and what it must come to."""

    template: str
    outputs: dict[str, Any] | None
    inputs: dict[str, Any] = {}
    answers: Answers = {}
    """Node → action and feedback of the person asked there."""
    events: tuple[tuple[str, dict[str, Any]], ...] = ()
    """What the state machine is sent, each when it rests."""
    machine: str = "order"
    """Which node that is."""
    status: str = "succeeded"
    undone_by: tuple[str, ...] = ()
    """Nodes that undid something, in their order."""
    lets_through: int = 1
    """Tasks that are carried out before schedulers are killed."""

    @property
    def name(self) -> str:
        """The template and what is special."""
        return "-".join((self.template, *(f"{k}={v}"[:24] for k, v in self.inputs.items())))

    @property
    def expected(self) -> tuple[Any, ...]:
        """What `came_to` must say."""
        return (self.status, self.outputs, self.undone_by)


def came_to(view: RunView) -> tuple[Any, ...]:
    """What a run has come to, times and ids aside."""
    undone = tuple(one.by for one in view.compensation if one.status == "compensated")
    outputs = dict(view.outputs) if view.outputs else view.outputs
    if outputs and "transaction" in outputs:
        # Another number each time: what counts is that there is one.
        outputs["transaction"] = re.sub(r"-\d{6}$", "-NUMBER", outputs["transaction"])
    return (view.status, outputs, undone)


def canned(quoted: str) -> str:
    """The demo model's text for a prompt of which it quotes this."""
    return (
        "[demo model] This is canned text, not the answer of a language model. Your prompt began "
        f'"{quoted}". It is streamed token by token through the same path a real answer takes. '
        "Set OPENAI_API_KEY and OPENAI_BASE_URL to talk to a real model."
    )


def _explained(topic: str) -> dict[str, Any]:
    answer = canned(f"Explain {topic} in one sentence.")
    return {
        "topic": topic,
        "answer": answer,
        "tokens": len(answer.split()) + 4 + len(topic.split()),
    }


def _broken(record: int) -> dict[str, Any]:
    raised = 'raise ValueError("record " + str(params["id"]) + " is broken")'
    message = f"line 3: ValueError: record {record} is broken (in `{raised}`)"
    return {"index": record, "code": "code.error", "message": message, "type": "code"}


_FAILED = "That went wrong. Please ask again."
_LATER = "We cannot look that up just now. Please ask again later."
_LOOKED = canned('Say in one sentence what stands out in this record: {"name":…')
_TOPICS = [
    "quantum computing",
    "machine learning",
    "block chains",
    "cloud computing",
    "edge computing",
]

CASES = (
    Case(
        "pipeline_summary",
        {
            "summary": "# Summary (concise, 52 words read)\n\n"
            + canned("Summarise the text in a concise way, in at most 60 words. Te…")
        },
    ),
    Case(
        "pipeline_summary",
        {"summary": "There is nothing to summarise: the text is empty."},
        inputs={"content": "  \n "},
        lets_through=0,
    ),
    Case(
        "intent_routing",
        {
            "route": "complaint",
            "reply": canned("Write two sentences to a customer: be sorry, and say that so…"),
        },
    ),
    Case(
        "intent_routing",
        {"route": "vip", "reply": "the VIP desk answers at once: Where is my order?"},
        inputs={"message": "Where is my order?", "vip": True},
    ),
    Case(
        "intent_routing",
        {"route": "else", "reply": "Could you tell us in other words what you need?"},
        inputs={"message": "hello"},
    ),
    Case(
        "hierarchical_service",
        {
            "desk": "complaint",
            "way": "urgent",
            "reply": "We are sorry. A person is calling you in the next ten minutes.",
        },
    ),
    Case(
        "hierarchical_service",
        {"desk": "order", "way": "cancel", "reply": "Order B-7 is cancelled."},
        inputs={"message": "Cancel my order, please", "order_id": "B-7"},
    ),
    Case(
        "hierarchical_service",
        {"desk": "else", "way": "shipping", "reply": "Order A-1001 is on its way."},
        inputs={"message": "An inquiry about shipping"},
    ),
    Case(
        "paginated_batch",
        {
            "total": 30,
            "pages": 3,
            "succeeded": 27,
            "success_rate": 0.9,
            "sum": 2 * (sum(range(30)) - 7 - 17 - 27),
            "largest": 58,
            "broken": [_broken(7), _broken(17), _broken(27)],
        },
        status="partial_succeeded",
        lets_through=12,
    ),
    Case(
        "retry_until_success",
        {
            "succeeded": True,
            "attempts": 3,
            "answer": canned("Answer in one sentence: Why does tea taste better from a war…"),
            "errors": ["llm.server", "llm.server"],
        },
        status="partial_succeeded",
    ),
    Case(
        "retry_until_success",
        {"succeeded": False, "attempts": 5, "answer": "", "errors": ["llm.server"] * 5},
        inputs={"model": "unavailable"},
        status="partial_succeeded",
        lets_through=3,
    ),
    Case(
        "multi_source_aggregation",
        {
            "sources": 5,
            "success_rate": 1.0,
            "total_items": 10,
            "items": [
                f"green tea: {source} {number}"
                for source in ("academic", "news", "social", "web", "wiki")
                for number in (1, 2)
            ],
            "missing": [],
        },
        lets_through=3,
    ),
    Case(
        "multi_source_aggregation",
        {
            "sources": 4,
            "success_rate": 0.8,
            "total_items": 8,
            "items": [
                f"oolong: {source} {number}"
                for source in ("academic", "social", "web", "wiki")
                for number in (1, 2)
            ],
            "missing": ["news"],
        },
        inputs={"query": "oolong", "broken": "news"},
        status="partial_succeeded",
        lets_through=2,
    ),
    Case(
        "parallel_llm",
        {
            "asked": 5,
            "failed": 0,
            "tokens": sum(_explained(topic)["tokens"] for topic in _TOPICS),
            "answers": [_explained(topic) for topic in _TOPICS],
        },
        lets_through=2,
    ),
    Case(
        "content_generation",
        {
            "mark": 8,
            "review": "approved",
            "article": canned("Turn this outline into an article that an expert would read…"),
            "refusal": "",
        },
        answers={"review": ("approved", "")},
        lets_through=2,
    ),
    Case(
        "content_generation",
        {"mark": 8, "review": "rejected", "article": "", "refusal": "not published: too dry"},
        inputs={"topic": "coffee", "pass_mark": 9},
        answers={"review": ("rejected", "too dry")},
        lets_through=5,
    ),
    Case(
        "content_generation",
        {
            "mark": 8,
            "review": "timeout",
            "article": "(unreviewed) "
            + canned("Turn this outline into an article that an expert would read…"),
            "refusal": "",
        },
        inputs={"review_within": "100ms"},
        lets_through=3,
    ),
    Case(
        "customer_service",
        {
            "person": "not needed",
            "sources": "Products may be returned within 30 days.",
            "reply": canned("Reply to the customer from the knowledge base alone; say so…"),
        },
    ),
    Case(
        "customer_service",
        {
            "person": "approved",
            "sources": "",
            "reply": "Somebody has looked after it: called them",
        },
        inputs={"message": "I want a refund"},
        answers={"person": ("approved", "called them")},
    ),
    Case(
        "data_report",
        {
            "records": 3,
            "dropped": 2,
            "total": 245,
            "best": "Assam",
            "findings": [f"{name}: {_LOOKED}" for name in ("Assam", "Earl Grey", "Sencha")],
            "report": canned("Write a short sales report. Sold in all: 245; best: Assam. F…"),
        },
        lets_through=3,
    ),
    Case(
        "order_saga",
        {
            "order_id": "ORDER-TEA-001",
            "total": 60,
            "left_in_stock": 95,
            "message": "ORDER-TEA-001: 5 of TEA-001 paid with P-ORDER-TEA-001",
        },
        lets_through=2,
    ),
    Case(
        "order_saga",
        None,
        inputs={"card": "declined"},
        status="compensated",
        undone_by=("cancel_order", "release"),
        lets_through=3,
    ),
    Case("order_saga", None, inputs={"quantity": 500}, status="failed", lets_through=0),
    Case(
        "order_state_machine",
        {
            "state": "closed",
            "tracking_number": "SF-1",
            "notes": ["ORDER-001 is paid", "ORDER-001 is shipped", "ORDER-001 is delivered"],
        },
        events=(
            ("pay", {"amount": 25, "verified": True}),
            ("process", {}),
            ("ship", {"tracking_number": "SF-1"}),
            ("deliver", {}),
        ),
        lets_through=1,
    ),
    Case(
        "order_state_machine",
        {
            "state": "refunded",
            "tracking_number": "SF-1",
            "notes": [f"B-7 is {state}" for state in ("paid", "shipped", "delivered", "refunded")],
        },
        inputs={"order_id": "B-7", "return_within": "1d"},
        events=(
            ("pay", {"amount": 30, "verified": True}),
            ("process", {}),
            ("ship", {"tracking_number": "SF-1"}),
            ("deliver", {}),
            ("refund", {}),
        ),
        lets_through=2,
    ),
    Case(
        "order_state_machine",
        {"state": "cancelled", "tracking_number": "", "notes": ["C-9 is cancelled"]},
        inputs={"order_id": "C-9", "pay_within": "300ms"},
        lets_through=0,
    ),
    Case(
        "breaker_with_fallback",
        {
            "by_model": 0,
            "failures": 3,
            "by_fallback": 2,
            "answers": [
                *(
                    {"question": f"What is {tea}?", "by": "failure", "answer": _FAILED}
                    for tea in ("oolong", "matcha", "rooibos")
                ),
                *(
                    {"question": f"What is {tea}?", "by": "fallback", "answer": _LATER}
                    for tea in ("mate", "chai")
                ),
            ],
        },
        status="partial_succeeded",
        lets_through=2,
    ),
    Case(
        "rate_limited_calls",
        {
            "calls": 6,
            "failed": 0,
            "answers": [
                {"city": city, "answer": canned(f"Which tea is {city} known for?")}
                for city in ("Colombo", "Darjeeling", "Kyoto", "Nairobi", "Rize", "Hangzhou")
            ],
        },
        lets_through=3,
    ),
    Case(
        "idempotent_payment",
        {"clicks": 3, "payments": 1, "paid": 12.5, "transaction": "TXN-A-1-NUMBER"},
        lets_through=1,
    ),
)
