"""`embed` and `rerank` against a scripted server: what servers get wrong, and the demo model."""

from __future__ import annotations

import asyncio
import base64
import json
import math
import struct
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import openai
import pytest
import pytest_asyncio

from runfold.contracts.events import Usage
from runfold.errors import NodeFailed
from runfold.executor.node import Outcome
from runfold.graph.kinds.embed import EmbedConfig
from runfold.graph.kinds.rerank import RerankConfig
from runfold.model_servers.demo.server import DemoModel
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from runfold.settings import LLMSettings, ModelPrice, Settings
from runfold_executor_llm import embed, rerank
from tests.support.node_contexts import RecordingContext, attempted
from tests.support.openai_server import OpenAIServer

Answer = Callable[[dict[str, Any]], Any]


class Endpoint:
    """A server that answers every POST with what a test says; bytes are sent as they are."""

    def __init__(self) -> None:
        self.answer: Answer = lambda body: {}
        self.status = 200
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.http = LoopbackServer(self._handle)

    @property
    def base_url(self) -> str:
        return f"{self.http.origin}/v1"

    async def _handle(self, request: Request, responder: Responder) -> None:
        self.asked.append((request.path, request.json()))
        self.headers.append(request.headers)
        answered = self.answer(request.json())
        status, answered = answered if isinstance(answered, tuple) else (self.status, answered)
        if isinstance(answered, bytes):
            await responder.body(status, {"content-type": "application/json"}, answered)
        else:
            await responder.json(status, answered)


@pytest_asyncio.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    served = Endpoint()
    async with served.http:
        yield served


def context(server: Any, **llm: Any) -> RecordingContext:
    prices = {"e": ModelPrice(prompt=2.0)}
    settings = Settings(
        openai_base_url=server.base_url,
        openai_api_key="sk-of-the-test",  # type: ignore[arg-type]
        llm=LLMSettings(prices=prices, **llm),
    )
    return RecordingContext(settings)


async def vectors_of(server: Any, given: Any, **config: Any) -> Outcome:
    asked = msgspec.convert({"input": given, "model": "e", **config}, EmbedConfig)
    return await attempted(embed.NODE, context(server), asked)


async def ranked(server: Any, documents: Any, query: str = "tea", **config: Any) -> Outcome:
    given = {"documents": documents, "query": query, **config}
    llm = {"rerank_model": config.pop("rerank_model", "")} if "rerank_model" in config else {}
    given.pop("rerank_model", None)
    ctx = context(server, **llm)
    return await attempted(rerank.NODE, ctx, msgspec.convert(given, RerankConfig))


def entry(index: int, *numbers: float) -> dict[str, Any]:
    return {"object": "embedding", "index": index, "embedding": list(numbers)}


def packed(*numbers: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


async def test_vectors_are_in_the_order_of_the_texts(endpoint: Endpoint) -> None:
    endpoint.answer = lambda body: {
        "data": [entry(1, 0.0, 2.0), entry(0, 3.0, 4.0)],
        "model": "e-1",
        "usage": {"prompt_tokens": 7, "total_tokens": 7},
    }
    outcome = await vectors_of(endpoint, ["a", "b"], extra={"input_type": "query", "model": "x"})
    assert outcome.outputs["output"] == [[0.6, 0.8], [0.0, 1.0]]
    assert outcome.outputs["dimensions"] == outcome.outputs["count"] == 2
    assert outcome.outputs["model"] == "e-1"
    assert outcome.usage == Usage(7, 0, 7, cost=14e-6)
    path, body = endpoint.asked[0]
    assert path == "/v1/embeddings"
    assert body == {
        "model": "e",
        "input": ["a", "b"],
        "encoding_format": "float",
        "input_type": "query",
    }
    assert endpoint.headers[0]["authorization"] == "Bearer sk-of-the-test"


async def test_a_text_has_one_vector_as_it_came(endpoint: Endpoint) -> None:
    endpoint.answer = lambda body: {"data": [{"embedding": [3, 4.5]}], "usage": {"total_tokens": 2}}
    outcome = await vectors_of(endpoint, "a", normalize=False)
    assert outcome.outputs["output"] == [3.0, 4.5]
    assert outcome.usage == Usage(2, 0, 2, cost=4e-6), "all tokens are those of the text"


async def test_many_texts_go_in_batches(endpoint: Endpoint) -> None:
    def answer(body: dict[str, Any]) -> Any:
        texts = body["input"]
        data = [entry(at, 1.0, float(len(text))) for at, text in enumerate(texts)]
        return {"data": data, "usage": {"prompt_tokens": len(texts)}}

    endpoint.answer = answer
    texts = [*("x" * (at % 7 + 1) for at in range(200)), "y" * 150_000, "z"]
    outcome = await vectors_of(endpoint, texts, normalize=False)
    assert [vector[1] for vector in outcome.outputs["output"]] == [len(text) for text in texts]
    assert [len(body["input"]) for _, body in endpoint.asked] == [96, 96, 8, 1, 1]
    assert outcome.usage == Usage(202, 0, 202, cost=404e-6)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "Value error, batch size is invalid, it should not be larger than 10.: contents"),
        (413, "input batch size {} > maximum allowed batch size 10"),
        (422, "batch size too large"),
    ],
)
async def test_a_server_that_takes_few_texts_at_a_time(
    endpoint: Endpoint, status: int, said: str
) -> None:
    def answer(body: dict[str, Any]) -> Any:
        count = len(body["input"])
        if count > 10:
            return status, {"error": {"message": said.format(count)}}
        return {"data": [entry(at, float(text), 1) for at, text in enumerate(body["input"])]}

    endpoint.answer = answer
    texts = [str(number) for number in range(25)]
    outcome = await vectors_of(endpoint, texts, normalize=False)
    assert outcome.outputs["output"] == [[float(text), 1.0] for text in texts]
    assert len(endpoint.asked) <= 7  # what it takes is not asked anew for each batch
    endpoint.answer = lambda body: (400, {"error": {"message": "batch size 1 is invalid"}})
    with pytest.raises(NodeFailed) as failed:
        await vectors_of(endpoint, texts)
    assert failed.value.code == "llm.refused"


async def test_a_failure_tells_what_was_used_before(endpoint: Endpoint) -> None:
    def answer(body: dict[str, Any]) -> Any:
        if body["input"][0] == "96":
            return 500, {"error": {"message": "overloaded"}}
        data = [entry(at, 1.0) for at in range(len(body["input"]))]
        return {"data": data, "usage": {"prompt_tokens": 7}}

    endpoint.answer = answer
    with pytest.raises(NodeFailed) as failed:
        await vectors_of(endpoint, [str(number) for number in range(100)])
    assert failed.value.details["usage"]["prompt_tokens"] == 7
    assert failed.value.retryable


async def test_base_64_is_read_where_it_was_not_asked_for(endpoint: Endpoint) -> None:
    endpoint.answer = lambda body: {"data": [{"index": 0, "embedding": packed(3.0, 4.0)}]}
    assert (await vectors_of(endpoint, "a")).outputs["output"] == [0.6, 0.8]


async def test_a_server_that_does_not_know_the_format(endpoint: Endpoint) -> None:
    def answer(body: dict[str, Any]) -> Any:
        if "encoding_format" in body:
            return 400, {"error": {"message": "Unknown parameter: encoding_format"}}
        return {"data": [entry(0, 1.0)]}

    endpoint.answer = answer
    ctx = context(endpoint)
    async with embed.NODE.open(ctx.settings) as ctx.resource:  # type: ignore[misc]
        for _ in range(2):
            await embed.NODE.run(ctx, EmbedConfig(input="a", model="e"), {})
    assert ["encoding_format" in body for _, body in endpoint.asked] == [True, False, False]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"data": [entry(0, 1.0)]}, "it has 1 vectors for 2 texts"),
        ({"data": []}, "it has 0 vectors for 2 texts"),
        ({"data": [entry(0, 1.0), entry(0, 1.0)]}, "indexes of its vectors are not 0 to 1"),
        ({"data": [entry(0, 1.0), {"embedding": [1.0]}]}, "indexes of its vectors are not 0 to 1"),
        ({"data": [entry(1, 1.0), entry(2, 1.0)]}, "indexes of its vectors are not 0 to 1"),
        ({"data": [entry(0, 1.0), entry(1, 1.0, 2.0)]}, "vector 1 has 2 numbers, and vector 0 has"),
        ({"data": [entry(0, 1.0), entry(1, 0.0)]}, "all numbers of vector 1 are 0"),
        ({"data": [entry(0, 1.0), entry(1)]}, "vector 1 is not a list of numbers"),
        ({"data": [entry(0, 1.0), {"index": 1, "embedding": None}]}, "vector 1 is not a list"),
        ({"data": [entry(0, 1.0), {"index": 1, "embedding": [True]}]}, "vector 1 is not a list"),
        ({"data": [entry(0, 1.0), {"index": 1, "embedding": "AAA"}]}, "not base64"),
        ({"data": [entry(0, 1.0), {"index": 1, "embedding": "AAAA"}]}, "not base64"),
        ({"data": [entry(0, 1.0), {"index": 1, "embedding": packed(math.nan)}]}, "not a list"),
        (b'{"data": [{"embedding": [1e999]}, {"embedding": [NaN]}]}', "its JSON cannot be read"),
        (b"<html><title>Sign in</title></html>", "a web page, 'Sign in'"),
        ({"embeddings": []}, "it has no list 'data'"),
    ],
)
async def test_what_is_no_vector_is_refused(endpoint: Endpoint, answer: Any, said: str) -> None:
    endpoint.answer = lambda body: answer
    with pytest.raises(NodeFailed) as failed:
        await vectors_of(endpoint, ["a", "b"])
    assert (failed.value.code, failed.value.retryable) == ("llm.malformed_answer", True)
    assert said in failed.value.message


async def test_lengths_hold_over_batches_and_what_was_asked_for(endpoint: Endpoint) -> None:
    endpoint.answer = lambda body: {
        "data": [
            entry(at, *([1.0] * (1 + len(body["input"]) % 2))) for at in range(len(body["input"]))
        ]
    }
    with pytest.raises(NodeFailed, match="not all of one length"):
        await vectors_of(endpoint, ["x"] * 97)
    endpoint.answer = lambda body: {"data": [entry(0, 1.0, 2.0)]}
    with pytest.raises(NodeFailed, match="vectors of 2 numbers, and dimensions is 3") as failed:
        await vectors_of(endpoint, "x", dimensions=3)
    assert failed.value.code == "embed.dimensions"
    assert endpoint.asked[-1][1]["dimensions"] == 3


async def test_vectors_that_no_output_can_hold(endpoint: Endpoint) -> None:
    endpoint.answer = lambda body: {"data": [entry(at, *[1.0] * 6000) for at in range(96)]}
    with pytest.raises(NodeFailed, match="100 vectors of 6000 numbers are 600000") as failed:
        await vectors_of(endpoint, ["x"] * 100)
    assert failed.value.code == "embed.too_many"
    assert len(endpoint.asked) == 1, "known from the first batch"


@pytest.mark.parametrize("given", [["a", " "], ["a", 1], "", {"a": 1}, None])
async def test_what_is_not_a_text_is_not_sent(endpoint: Endpoint, given: Any) -> None:
    with pytest.raises(NodeFailed) as failed:
        await vectors_of(endpoint, given)
    assert failed.value.code == "embed.input_invalid"
    assert not endpoint.asked
    if given == ["a", " "]:
        assert failed.value.message.startswith("input[1] is empty")


async def test_no_texts_have_no_vectors(endpoint: Endpoint) -> None:
    outcome = await vectors_of(endpoint, [])
    assert outcome.outputs["output"] == []
    assert not endpoint.asked


@pytest.mark.parametrize(
    ("status", "answer", "code"),
    [
        (401, {"error": {"message": "bad key sk-of-the-test"}}, "llm.auth"),
        (404, {"detail": "Not Found"}, "llm.not_found"),
        (429, {"error": {"message": "slow down"}}, "llm.rate_limited"),
        (503, {"error": {"message": "loading"}}, "llm.server"),
        (200, {"error": {"message": "the model crashed"}}, "llm.stream_error"),
        (200, {"code": 429, "message": "rate limit"}, "llm.rate_limited"),
    ],
)
async def test_errors_are_those_of_models(
    endpoint: Endpoint, status: int, answer: Any, code: str
) -> None:
    endpoint.answer = lambda body: (status, answer)
    for failing in (
        vectors_of(endpoint, "a"),
        ranked(endpoint, ["a"], engine="endpoint", model="r"),
    ):
        with pytest.raises(NodeFailed) as failed:
            await failing
        assert failed.value.code == code
        assert "sk-of-the-test" not in failed.value.message


async def test_a_flood_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from runfold.model_endpoints import posting

    bounds = msgspec.structs.replace(posting.VALUE, size=100_000)
    monkeypatch.setattr(posting, "VALUE", bounds)
    left = asyncio.Event()

    async def flood(request: Request, responder: Responder) -> None:
        await responder.start(200, {"content-type": "application/json"})
        try:
            while True:
                await responder.send(b'{"data": [' + b" " * 10_000)
        finally:
            left.set()

    class Flooding:
        def __init__(self, origin: str) -> None:
            self.base_url = f"{origin}/v1"

    async with LoopbackServer(flood) as http:
        with pytest.raises(NodeFailed) as failed:
            await vectors_of(Flooding(http.origin), "a")
        assert failed.value.code == "llm.answer_too_long"
        await asyncio.wait_for(left.wait(), 10)


async def test_a_server_that_never_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from runfold.model_endpoints import posting

    monkeypatch.setattr(posting, "LONGEST", 0.2)

    async def drip(request: Request, responder: Responder) -> None:
        await responder.start(200, {"content-type": "application/json"})
        await responder.send(b'{"data": [')
        await asyncio.Event().wait()

    class Dripping:
        def __init__(self, origin: str) -> None:
            self.base_url = f"{origin}/v1"

    async with LoopbackServer(drip) as http:
        with pytest.raises(NodeFailed, match="did not end its answer within") as failed:
            await vectors_of(Dripping(http.origin), "a")
    assert (failed.value.code, failed.value.retryable) == ("llm.timeout", True)


async def test_documents_by_an_endpoint(endpoint: Endpoint) -> None:
    endpoint.answer = lambda body: {
        "results": [
            {"index": 2, "relevance_score": 0.9, "document": {"text": "x"}},
            {"index": 0, "relevance_score": -1.5},
        ],
        "meta": {"tokens": {"input_tokens": 30}},
    }
    documents = ["Coffee", {"content": "Rain", "url": "u"}, {"text": "Tea", "n": 1}]
    outcome = await ranked(endpoint, documents, engine="endpoint", top_n=2, rerank_model="r")
    assert outcome.outputs["output"] == [{"text": "Tea", "n": 1}, "Coffee"]
    assert outcome.outputs["results"] == [{"index": 2, "score": 0.9}, {"index": 0, "score": -1.5}]
    assert outcome.usage == Usage(30, 0, 30)
    assert endpoint.asked == [
        (
            "/v1/rerank",
            {"model": "r", "query": "tea", "documents": ["Coffee", "Rain", "Tea"], "top_n": 2},
        )
    ]


async def test_a_server_that_calls_documents_texts_and_takes_few(endpoint: Endpoint) -> None:
    def answer(body: dict[str, Any]) -> Any:
        if "texts" not in body:
            said = "Failed to deserialize the JSON body: missing field `texts` at line 1 column 9"
            return 422, {"error": said, "error_type": "validation"}
        count = len(body["texts"])
        if count > 2:
            return 422, {"error": f"batch size {count} > maximum allowed batch size 2"}
        scores = [{"index": at, "score": float(text)} for at, text in enumerate(body["texts"])]
        return sorted(scores, key=lambda one: -one["score"])

    endpoint.answer = answer
    documents = ["0.1", "0.4", "0.3", "0.2", "0.5"]
    outcome = await ranked(endpoint, documents, engine="endpoint", model="e", top_n=2)
    assert outcome.outputs["output"] == ["0.5", "0.4"]
    assert len(endpoint.asked) == 5  # refused twice, then three parts


@pytest.mark.parametrize(
    "answer",
    [
        [{"index": 1, "score": 0.9}, {"index": 0, "score": 0.1}],
        {"data": [{"index": 1, "relevance_score": 2}, {"index": 0, "relevance_score": 1}]},
    ],
)
async def test_other_servers_answers(endpoint: Endpoint, answer: Any) -> None:
    endpoint.answer = lambda body: answer
    outcome = await ranked(endpoint, ["a", "b"], engine="endpoint", model="r")
    assert outcome.outputs["output"] == ["b", "a"]


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([{"index": 2, "relevance_score": 1}], "has the index 2, and there are 2 documents"),
        ([{"index": -1, "relevance_score": 1}], "has the index -1"),
        ([{"index": "0", "relevance_score": 1}], "has the index '0'"),
        ([{"index": 0, "relevance_score": None}], "the score of document 0 is not a number"),
        ([{"index": 0}], "the score of document 0 is not a number"),
        ([{"index": 0, "score": 1}, {"index": 0, "score": 2}], "document 0 has two scores"),
        ([{"index": 0, "score": 1}], "it has 1 scores, and 2 were asked for"),
        (["a"], "has the index None"),
    ],
)
async def test_scores_that_are_none(endpoint: Endpoint, results: list[Any], said: str) -> None:
    endpoint.answer = lambda body: {"results": results}
    with pytest.raises(NodeFailed) as failed:
        await ranked(endpoint, ["a", "b"], engine="endpoint", model="r")
    assert (failed.value.code, failed.value.retryable) == ("llm.malformed_answer", True)
    assert said in failed.value.message


async def test_a_chat_model_scores_what_it_is_shown() -> None:
    scores = [{"number": 1, "score": 20}, {"number": 2, "score": 80}, {"number": 3, "score": 80}]
    usage = {"prompt_tokens": 10, "completion_tokens": 1}
    async with OpenAIServer() as server:
        server.reply([json.dumps({"scores": scores[:2]})], times=1, usage=usage)
        server.reply([json.dumps({"scores": scores})], usage=usage)
        outcome = await ranked(
            server, ["a", "b\n[9] b", "c"], min_score=0.5, instructions="Be strict."
        )
    assert outcome.outputs["output"] == ["b\n[9] b", "c"], "equal ones stay in their order"
    assert outcome.outputs["results"] == [{"index": 1, "score": 0.8}, {"index": 2, "score": 0.8}]
    assert outcome.usage == Usage(20, 2, 22), "the round that was mended counts too"
    first, second = server.requests
    assert "Be strict." in first["messages"][0]["content"]
    assert first["messages"][1]["content"] == (
        "Query: tea\n\nDocuments:\n[1] a\n[2] b\n    [9] b\n[3] c"
    )
    assert "documents [3] have no score" in second["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ([{"number": 1, "score": 101}], "101 is greater than the maximum"),
        ([{"number": 1, "score": 1}, {"number": 1, "score": 2}], "there are 2 scores for 1"),
        ([{"number": 2, "score": 1}], "documents [1] have no score"),
    ],
)
async def test_a_chat_model_that_stays_wrong(scores: list[Any], said: str) -> None:
    async with OpenAIServer() as server:
        server.reply([json.dumps({"scores": scores})])
        with pytest.raises(NodeFailed) as failed:
            await ranked(server, ["a"])
    assert (failed.value.code, failed.value.details["rounds"]) == ("llm.schema_mismatch", 2)
    assert said in failed.value.message


@pytest.mark.parametrize(
    ("documents", "query", "config", "code"),
    [
        ("a", "q", {}, "rerank.input_invalid"),
        (["a", " "], "q", {}, "rerank.input_invalid"),
        (["a"], " ", {}, "rerank.input_invalid"),
        (["a"] * 201, "q", {}, "rerank.too_many"),
        (["a"] * 1001, "q", {"engine": "endpoint", "model": "r"}, "rerank.too_many"),
        (["a"], "q", {"engine": "endpoint"}, "llm.not_configured"),
    ],
)
async def test_what_nobody_is_asked(
    endpoint: Endpoint, documents: Any, query: str, config: dict[str, Any], code: str
) -> None:
    with pytest.raises(NodeFailed) as failed:
        await ranked(endpoint, documents, query, **config)
    assert failed.value.code == code
    assert not endpoint.asked


async def test_no_documents_have_an_order(endpoint: Endpoint) -> None:
    outcome = await ranked(endpoint, [], " ")
    assert (outcome.outputs["output"], outcome.outputs["results"]) == ([], [])
    assert not endpoint.asked


async def test_the_demo_model_goes_by_words() -> None:
    documents = ["The bill for the car", "Making green tea", "茶叶怎么泡"]
    async with DemoModel() as demo:
        for config in ({}, {"engine": "endpoint", "model": "any"}):
            outcome = await ranked(demo, documents, "how to make green tea", **config)
            assert outcome.outputs["results"][0]["index"] == 1
            chinese = await ranked(demo, documents, "怎么泡茶", **config)
            assert chinese.outputs["results"][0]["index"] == 2
        assert outcome.outputs["model"] == "demo-lexical-hashing"
        made = (await vectors_of(demo, documents)).outputs
        assert made["model"] == "demo-lexical-hashing"
        client = openai.AsyncOpenAI(api_key="any", base_url=demo.base_url, max_retries=0)
        # The official client asks for base64.
        official = await client.embeddings.create(model="any", input=documents)
        for one, other in zip(official.data, made["output"], strict=True):
            assert one.embedding == pytest.approx(other, abs=1e-6)
        with pytest.raises(openai.BadRequestError, match="none of them empty"):
            await client.embeddings.create(model="any", input=["a", ""])
        await client.close()
