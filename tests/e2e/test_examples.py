"""Each example, run against a scripted model over real HTTP and a real nats-server."""

from __future__ import annotations

from pathlib import Path

from runfold.contracts.events import NodeRunWaiting, Recorded, RecordedChunk
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from tests.support.openai_server import OpenAIServer
from tests.support.stack import EVERYTHING, running

EXAMPLES = Path(__file__).parents[2] / "examples"
SERVICES = tuple(name for name in EVERYTHING if name not in ("gateway", "projection"))


def example(name: str) -> bytes:
    return (EXAMPLES / f"{name}.yaml").read_bytes()


def order(told: list) -> list[str]:
    """Which nodes succeeded, in order."""
    return [
        message.event.node_id
        for message in told
        if isinstance(message, Recorded) and type(message.event).__name__ == "NodeRunSucceeded"
    ]


async def test_content_pipeline_good_enough_and_approved() -> None:
    async with OpenAIServer() as model:
        model.reply("1. Leaves\n2. Water", when="Write the outline")
        model.reply("Tea is a drink.", when="Write the article")
        model.reply("8/10. Its end is weak.", when="Rate the article")
        async with running(SERVICES, model_url=model.base_url) as stack:
            view, told = await stack.run(
                example("content_pipeline"), {"topic": "tea"}, {"review": ("approved", "")}
            )
    assert view.status == "succeeded"
    assert view.outputs == {"article": "Tea is a drink.", "review": "approved", "refusal": ""}
    assert order(told)[:4] == ["start", "outline", "draft", "quality_check"]
    statuses = {node.address: node.status for node in view.nodes}
    assert statuses["rewrite"] == "skipped"
    assert view.usage.total_tokens > 0
    assert (
        "".join(
            message.chunk.text
            for message in told
            if isinstance(message, RecordedChunk) and message.chunk.node_id == "draft"
        )
        == "Tea is a drink."
    )


async def test_content_pipeline_rewritten_and_rejected() -> None:
    async with OpenAIServer() as model:
        model.reply("outline", when="Write the outline")
        model.reply("Bad tea.", when="Write the article")
        model.reply("3/10. Too short.", when="Rate the article")
        model.reply("Good tea.", when="Improve the article")
        async with running(SERVICES, model_url=model.base_url) as stack:
            view, told = await stack.run(
                example("content_pipeline"),
                {"topic": "tea"},
                {"review": ("rejected", "still too short")},
            )
        assert "3/10. Too short." in model.prompts[-1]
    events = [message.event for message in told if isinstance(message, Recorded)]
    assert [e.content for e in events if isinstance(e, NodeRunWaiting)] == ["Good tea."]
    assert view.outputs["refusal"] == "not published: still too short"
    assert {node.address: node.status for node in view.nodes}["publish"] == "skipped"


async def _json_service(found: object) -> LoopbackServer:
    async def answer(request: Request, responder: Responder) -> None:
        await responder.json(200, found)

    return LoopbackServer(answer)


async def test_customer_service_answers_from_the_knowledge_base() -> None:
    async with OpenAIServer() as model, await _json_service([{"text": "open 9 to 5"}]) as search:
        model.reply("product_inquiry", when="one category")
        model.reply("We are open 9 to 5.", when="Knowledge base")
        async with running(SERVICES, model_url=model.base_url) as stack:
            view, _ = await stack.run(
                example("customer_service"),
                {"message": "When are you open?", "search_url": f"{search.origin}/search"},
            )
        assert "open 9 to 5" in model.prompts[-1]
    assert view.status == "succeeded", view.error
    assert view.outputs == {"reply": "We are open 9 to 5.", "person": "not needed"}


async def test_customer_service_gives_a_refund_to_a_person() -> None:
    async with OpenAIServer() as model:
        model.reply("refund", when="one category")
        async with running(SERVICES, model_url=model.base_url) as stack:
            view, told = await stack.run(
                example("customer_service"),
                {"message": "Money back!", "search_url": "http://127.0.0.1:9/none"},
                {"human_agent": ("approved", "called them")},
            )
    assert view.status == "succeeded", view.error
    assert view.outputs == {"reply": "", "person": "approved"}
    assert "kb_search" not in order(told)


async def test_data_pipeline_looks_at_each_active_record() -> None:
    records = [{"id": i, "status": "active" if i % 2 else "old"} for i in range(6)]
    async with OpenAIServer() as model, await _json_service(records) as api:
        for i in (1, 3, 5):
            model.reply(f"record {i}", when=f'"id":{i}')
        model.reply("Three records.", when="Write a short report")
        async with running(SERVICES, model_url=model.base_url) as stack:
            view, _ = await stack.run(
                example("data_pipeline"), {"api_url": f"{api.origin}/records"}
            )
    assert view.status == "succeeded", view.error
    assert view.outputs == {"report": "Three records.", "records": 3}
    analyze = next(node for node in view.nodes if node.address == "analyze")
    assert analyze.outputs["output"] == ["record 1", "record 3", "record 5"]


async def test_parallel_fan_in_runs_its_branches_together() -> None:
    async with OpenAIServer() as model:
        benefits = model.reply("calm", when="benefits")
        risks = model.reply("none", when="risks")
        async with running(SERVICES, model_url=model.base_url) as stack:
            view, told = await stack.run(example("parallel_fan_in"), {"topic": "tea"})
    assert benefits.used == risks.used == 1
    report = view.outputs["report"]
    assert report.startswith("# tea (3 letters)")
    assert report.index("calm") < report.index("none")
    kinds = [type(m.event).__name__ for m in told if isinstance(m, Recorded)]
    started = [i for i, kind in enumerate(kinds) if kind == "NodeRunStarted"]
    ended = [i for i, kind in enumerate(kinds) if kind == "NodeRunSucceeded"]
    assert started[1] < ended[2]
