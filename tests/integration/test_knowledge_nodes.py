"""`knowledge_index`, `knowledge_retrieve`, `knowledge_delete` on a store of files."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from runfold.bus.memory.bus import MemoryBus
from runfold.contracts.fetching import Fetch, Fetched
from runfold.contracts.knowledge import Page
from runfold.contracts.queries import FETCH
from runfold.errors import ConfigurationError, Failure, RunfoldError
from runfold.executor.conformance import Result, run_node
from runfold.graph.extras import missing
from runfold.graph.loader import load_workflow
from runfold.settings import LLMSettings, Provider, Settings
from runfold.values.files import FileValue
from runfold_executor_data.knowledge import delete, index, retrieve
from runfold_executor_data.knowledge.resource import Knowledge, open_knowledge
from tests.support.embedder import Embedder

pytest.importorskip(
    "semantic_text_splitter", reason="cutting texts: pip install 'runfold[knowledge]'"
)

TEA = "# Tea\n\nGreen tea is steamed soon after the harvest.\n\n# Coffee\n\nCoffee is roasted."


@pytest_asyncio.fixture
async def embedder() -> AsyncIterator[Embedder]:
    served = Embedder()
    async with served.http:
        yield served


class Base:
    """The nodes on a data directory of their own."""

    def __init__(self, settings: Settings, bus: MemoryBus, knowledge: Knowledge) -> None:
        self.settings = settings
        self.bus = bus
        self.knowledge = knowledge

    async def index(self, **config: Any) -> Result:
        return await self._run(index.NODE, {"base": "b", "create": True, **config})

    async def find(self, query: Any, **config: Any) -> Result:
        return await self._run(retrieve.NODE, {"query": query, "bases": "b", **config})

    async def delete(self, **config: Any) -> Result:
        return await self._run(delete.NODE, {"base": "b", **config})

    async def _run(self, node: Any, config: dict[str, Any]) -> Result:
        return await run_node(
            node, config, settings=self.settings, resource=self.knowledge, files=self.bus.files
        )

    async def file(self, name: str, body: bytes, media_type: str) -> dict[str, Any]:
        async def parts() -> AsyncIterator[bytes]:
            yield body

        stored = await self.bus.files.put(
            parts(), name=name, media_type=media_type, shown="", limit=0
        )
        return FileValue(stored.sha256, name, media_type, len(body)).value()

    async def documents(self) -> list[str]:
        store = await self.knowledge.store()
        return [one.id for one in (await store.documents("b", Page())).items]


@pytest_asyncio.fixture
async def base(tmp_path: Path, embedder: Embedder) -> AsyncIterator[Base]:
    settings = Settings(
        data_dir=tmp_path,
        openai_base_url=embedder.base_url,
        llm=LLMSettings(providers={"two": Provider(base_url=embedder.base_url)}),
    )
    bus = MemoryBus(settings)
    async with open_knowledge(settings, bus) as knowledge:
        yield Base(settings, bus, knowledge)


def failure(result: Result) -> Failure:
    assert result.failure is not None
    return result.failure


async def test_what_was_indexed_is_found_with_its_source(base: Base) -> None:
    done = await base.index(text=TEA, name="Drinks", source="https://x.example/drinks")
    assert done.outputs["documents"] == [
        {"id": "https://x.example/drinks", "name": "Drinks", "status": "indexed", "chunks": 2}
    ]
    assert (done.outputs["indexed"], done.outputs["chunks"], done.outputs["failed"]) == (1, 2, [])
    found = await base.find("how is green tea made")
    first = found.outputs["documents"][0]
    assert "steamed" in first["content"]
    assert first["title"] == "Drinks, Tea"
    assert first["url"] == "https://x.example/drinks"
    assert first["metadata"]["headings"] == ["Tea"]
    assert found.outputs["scores"][0] == first["score"]
    citation = found.outputs["citations"][0]
    assert citation["number"] == 1
    assert citation["document"] == "https://x.example/drinks"
    assert citation["excerpt"] in first["content"]
    assert found.outputs["query"] == "how is green tea made"


async def test_the_same_content_again_changes_nothing(base: Base) -> None:
    await base.index(text=TEA, name="Drinks")
    again = await base.index(text=TEA, name="Drinks")
    assert (again.outputs["indexed"], again.outputs["unchanged"]) == (0, 1)
    other = await base.index(text=TEA + "\n\n# Milk\n\nMilk is white.", name="Drinks")
    assert (other.outputs["indexed"], other.outputs["chunks"]) == (1, 3)
    assert await base.documents() == ["Drinks"]
    cut = await base.index(
        text=TEA + "\n\n# Milk\n\nMilk is white.", name="Drinks", chunking={"mode": "whole"}
    )
    assert (cut.outputs["indexed"], cut.outputs["chunks"]) == (1, 1)


@pytest.mark.parametrize("query", ["", "   ", None])
async def test_without_a_query_nothing_is_found_and_that_is_no_failure(
    base: Base, query: Any
) -> None:
    await base.index(text=TEA)
    found = await base.find(query)
    assert found.failure is None
    assert found.outputs["documents"] == found.outputs["citations"] == []


async def test_an_unknown_base_is_named_and_not_retried(base: Base) -> None:
    for result in (
        await base.find("tea", bases=["nowhere"]),
        await base.find("", bases="nowhere"),
        await base.index(text=TEA, base="nowhere", create=False),
        await base.delete(base="nowhere", ids="x"),
    ):
        assert failure(result).code == "knowledge.base_not_found"
        assert "'nowhere'" in failure(result).message
        assert not failure(result).retryable


async def test_meaning_needs_a_model_and_the_refusal_says_which_setting(base: Base) -> None:
    await base.index(text=TEA)
    for mode in ("semantic", "hybrid"):
        refused = failure(await base.find("tea", mode=mode))
        assert refused.code == "knowledge.no_vectors"
        assert "embedding_model" in refused.message
        assert "OPENAI_BASE_URL" in refused.message


async def test_meaning_finds_without_a_common_word(base: Base, embedder: Embedder) -> None:
    done = await base.index(text=TEA, name="Drinks", embedding_model="two")
    assert done.outputs["usage"]["prompt_tokens"] == 3
    store = await base.knowledge.store()
    embedding = (await store.base("b")).embedding
    assert embedding is not None
    assert (embedding.model, embedding.dims) == ("two", 2)
    found = await base.find("coffeehouse", mode="semantic", top_k=1)
    assert "roasted" in found.outputs["documents"][0]["content"]
    assert found.outputs["scores"][0] == pytest.approx(1.0, abs=0.01)
    near = await base.find("coffeehouse", mode="semantic", score_threshold=0.9)
    assert len(near.outputs["documents"]) == 1
    both = await base.find("green coffeehouse")
    assert {one["metadata"]["headings"][0] for one in both.outputs["documents"]} == {
        "Tea",
        "Coffee",
    }


async def test_a_base_keeps_its_model(base: Base, embedder: Embedder) -> None:
    await base.index(text=TEA, embedding_model="two/small")
    for config in ({"embedding_model": "large"}, {"embedding_model": "two/large"}):
        refused = failure(await base.index(text="More tea", **config))
        assert refused.code == "knowledge.model_mismatch"
    kept = await base.index(text="More tea", name="More")
    assert kept.failure is None
    embedder.dims = 3
    other = failure(await base.index(text="Even more tea"))
    assert other.code == "knowledge.dimension"
    assert not other.retryable
    assert len(await base.documents()) == 2
    refused = failure(await base.find("tea", mode="semantic"))
    assert refused.code == "knowledge.dimension"


async def test_a_provider_that_is_gone_never_sends_the_name_elsewhere(
    base: Base, embedder: Embedder
) -> None:
    await base.index(text=TEA, embedding_model="two/small")
    base.knowledge.settings = base.settings.model_copy(update={"llm": LLMSettings()})
    asked = len(embedder.asked)
    refused = failure(await base.find("tea", mode="semantic"))
    assert refused.code == "llm.not_configured"
    assert "RUNFOLD_LLM__PROVIDERS__TWO__BASE_URL" in refused.message
    assert len(embedder.asked) == asked


async def test_a_server_that_goes_down_in_the_middle_leaves_nothing_half_found(
    base: Base, embedder: Embedder
) -> None:
    text = "\n\n".join(f"# Part {number}\n\nTea number {number}." for number in range(250))
    embedder.fail_after = 1
    stopped = failure(await base.index(text=text, name="Long", embedding_model="two"))
    assert stopped.code == "llm.server"
    assert stopped.retryable
    assert await base.documents() == []
    assert (await base.find("tea", mode="full_text")).outputs["documents"] == []
    assert len(embedder.texts) == 96
    embedder.fail_after = None
    done = await base.index(text=text, name="Long", embedding_model="two")
    assert done.outputs["chunks"] == 250
    assert len(embedder.texts) == len(set(embedder.texts)) == 250
    progress = "".join(chunk.text for chunk in done.chunks if chunk.name == "progress")
    assert progress.splitlines()[0] == "Long: 192/250"
    assert progress.splitlines()[-1] == "Long: 250/250"


async def test_one_document_that_fails_stops_none(base: Base) -> None:
    bad = await base.file("bad.pdf", b"%PDF-1.7 broken", "application/pdf")
    lost = FileValue(hashlib.sha256(b"x").hexdigest(), "lost.md", "text/markdown", 1).value()
    given = [
        {"name": "one", "text": "Tea is green"},
        {"file": bad},
        lost,
        {"name": "two", "text": "Coffee is black"},
        {"name": "three", "text": "Milk", "metadata": {"x": "y" * 70_000}},
    ]
    result = await base.index(documents=given)
    refused = failure(result)
    assert refused.code == "knowledge.documents_failed"
    assert "3 of 5" in refused.message
    assert [one["code"] for one in refused.details["failed"]][1:] == [
        "file.not_found",
        "knowledge.document_invalid",
    ]
    assert sorted(await base.documents()) == ["one", "two"]
    kept = await base.index(documents=given, keep_failed=True)
    assert kept.failure is None
    assert (kept.outputs["unchanged"], len(kept.outputs["failed"])) == (2, 3)
    again = await base.index(documents=[kept.outputs["failed"][1]["document"]])
    assert failure(again).details["failed"][0]["code"] == "file.not_found"


@pytest.mark.parametrize(
    ("config", "where"),
    [
        ({"documents": [{"name": "x"}]}, "documents[0]"),
        ({"documents": [{"text": "a", "year": 1}]}, "documents[0] has 'year'"),
        ({"documents": ["a", 7]}, "documents[1]"),
        ({"documents": [{"text": "a", "id": "x"}, {"text": "b", "id": "x"}]}, "documents[1]"),
        ({"documents": [{"text": "  "}]}, "documents[0].text"),
        ({"urls": "ftp://x.example/"}, "urls"),
        ({"files": ["report.pdf"]}, "files[0]"),
        ({"documents": [{"text": "a", "metadata": ["x"]}]}, "documents[0].metadata"),
        ({"documents": ["t"] * 1001}, "1001 documents"),
    ],
)
async def test_what_is_no_document_is_named_before_anything_is_stored(
    base: Base, config: dict[str, Any], where: str
) -> None:
    refused = failure(await base.index(**config))
    assert refused.code == "knowledge.input_invalid"
    assert refused.message.startswith(where)
    with pytest.raises(RunfoldError):
        await base.documents()


async def test_files_and_urls(base: Base) -> None:
    page = await base.file("page.md", TEA.encode(), "text/markdown")
    asked: list[str] = []

    async def fetch(body: bytes) -> bytes:
        wanted = msgspec.json.decode(body, type=Fetch)
        asked.append(wanted.url)
        if wanted.url.endswith("gone"):
            error = Failure("http.status", "GET answered 404", kind="input")
            return msgspec.json.encode(Fetched(error=error))
        return msgspec.json.encode(Fetched(file=page, url=wanted.url))

    missing = failure(await base.index(urls="https://x.example/page"))
    assert missing.code == "fetch.unavailable"
    assert missing.retryable
    stop = await base.bus.answer_queries(FETCH, fetch, group="executor-http")
    done = await base.index(
        files=page, urls=["https://x.example/page", "https://x.example/gone"], keep_failed=True
    )
    await stop()
    assert asked == ["https://x.example/page", "https://x.example/gone"]
    assert sorted(await base.documents()) == ["https://x.example/page", "page.md"]
    assert done.outputs["failed"][0]["code"] == "http.status"
    store = await base.knowledge.store()
    assert (await store.document("b", "page.md")).source == f"file:{page['sha256']}"


async def test_filters_and_several_bases(base: Base) -> None:
    await base.index(
        documents=[
            {"name": "old", "text": "Green tea", "metadata": {"year": 2019}},
            {"name": "new", "text": "Green tea", "metadata": {"year": 2026}},
        ],
        metadata={"kind": "leaf"},
    )
    await base.index(base="c", text="Green tea in c", embedding_model="two", name="other")
    recent = {"and": [{"field": "year", "operator": ">", "value": 2020}]}
    found = await base.find("green tea", filter=recent)
    assert [one["title"] for one in found.outputs["documents"]] == ["new"]
    both = await base.find("green tea", bases=["b", "c"])
    assert {one["metadata"]["base"] for one in both.outputs["documents"]} == {"b", "c"}
    wrong = failure(await base.find("tea", filter={"field": "year", "operator": "~", "value": 1}))
    assert wrong.code == "knowledge.filter_invalid"


async def test_a_rerank_model_orders_what_was_found(base: Base) -> None:
    await base.index(documents=[{"name": "a", "text": "tea"}, {"name": "b", "text": "tea " * 40}])
    plain = await base.find("tea")
    ranked = await base.find("tea", rerank=True, rerank_model="two/r", top_k=1)
    assert [one["title"] for one in ranked.outputs["documents"]] == ["b"]
    assert ranked.outputs["scores"] == [pytest.approx(0.159, abs=0.01)]
    assert len(plain.outputs["documents"]) == 2
    none = await base.find("tea", rerank=True, rerank_model="two/r", score_threshold=0.9)
    assert none.outputs["documents"] == []
    unset = failure(await base.find("tea", rerank=True))
    assert unset.code == "llm.not_configured"
    assert "RUNFOLD_LLM__RERANK_MODEL" in unset.message


async def test_documents_are_deleted_by_ids_by_filter_or_all(base: Base) -> None:
    given = [{"name": f"d{at}", "text": f"tea {at}", "metadata": {"at": at}} for at in range(5)]
    await base.index(documents=given)
    assert (await base.delete(ids=["d0", "nowhere"])).outputs == {"output": 1, "count": 1}
    by_filter = await base.delete(filter={"field": "at", "operator": "<", "value": 3})
    assert by_filter.outputs["count"] == 2
    some = {"field": "at", "operator": "≥", "value": 0}
    for nothing in (
        *({}, {"ids": None}, {"filter": {}}),
        *({"ids": None, "filter": some}, {"ids": ["d3"], "filter": None}),
    ):
        refused = failure(await base.delete(**nothing))
        assert refused.code == "knowledge.input_invalid"
    assert (await base.delete(ids=[])).outputs["count"] == 0
    assert (await base.delete(all=True)).outputs["count"] == 2
    assert (await base.find("tea")).outputs["documents"] == []


def test_the_checks_find_what_can_be_known_beforehand() -> None:
    def codes(type_: str, config: dict[str, Any]) -> list[str]:
        node = {"id": "n", "type": type_, "config": config}
        loaded = load_workflow({"id": "w", "nodes": [node]})
        return [f"{one.code} {one.path}" for one in loaded.findings if one.level == "error"]

    here = "nodes[0].config"
    assert codes("knowledge_index", {"base": "b"}) == [f"config.missing {here}.text"]
    assert codes("knowledge_index", {"base": "b", "text": "t", "chunking": {"sise": 3}}) == [
        f"knowledge.chunking_invalid {here}.chunking"
    ]
    assert codes("knowledge_delete", {"base": "b"}) == [f"config.missing {here}.ids"]
    assert codes("knowledge_retrieve", {"query": "q", "bases": "b", "filter": {"field": 1}}) == [
        f"knowledge.filter_invalid {here}.filter"
    ]
    assert codes("knowledge", {"query": "q", "bases": "b", "top_k": 0})
    assert codes("knowledge", {"query": "q", "bases": ["b"], "rerank_model": "m"}) == []


async def test_a_model_on_this_machine_needs_no_server(base: Base, embedder: Embedder) -> None:
    other = failure(await base.index(text=TEA, embedding_model="local-embed/other"))
    assert other.code in {"extra.missing", "llm.not_configured"}
    done = await base.index(text=TEA, embedding_model="local-embed/wordllama-256")
    if missing("local-embed"):
        assert failure(done).code == "extra.missing"
        assert "runfold[local-embed]" in failure(done).message
        return
    found = await base.find("espresso beans", mode="semantic", top_k=1)
    assert "roasted" in found.outputs["documents"][0]["content"]
    assert embedder.asked == []


async def test_a_document_that_somebody_else_indexed_meanwhile_is_tried_again(
    base: Base, embedder: Embedder
) -> None:
    await base.index(text=TEA, name="Tea", embedding_model="two")
    store = await base.knowledge.store()
    begin = store.begin

    async def overtaken(*args: Any) -> Any:
        generation = await begin(*args)
        await store.abandon(generation)
        return generation

    store.begin = overtaken  # type: ignore[method-assign]
    stopped = failure(await base.index(text=f"{TEA} More.", name="Tea"))
    assert (stopped.code, stopped.retryable) == ("knowledge.generation_gone", True)
    store.begin = begin  # type: ignore[method-assign]
    assert (await base.index(text=f"{TEA} More.", name="Tea")).outputs["indexed"] == 1


async def test_what_an_earlier_version_cut_otherwise_is_begun_anew(
    base: Base, embedder: Embedder
) -> None:
    await base.index(text="Cocoa.", name="Cocoa", embedding_model="two")
    store = await base.knowledge.store()
    add = store.add

    async def killed(generation: Any, chunks: Any, vectors: Any) -> int:
        other = [msgspec.structs.replace(one, id=f"other {one.id}") for one in chunks]
        await add(generation, other, vectors)
        raise ConfigurationError("killed", code="knowledge.unavailable")

    store.add = killed  # type: ignore[method-assign]
    assert failure(await base.index(text=TEA, name="Tea")).code == "knowledge.unavailable"
    store.add = add  # type: ignore[method-assign]
    assert (await base.index(text=TEA, name="Tea")).outputs["indexed"] == 1
    assert [one["metadata"]["document"] for one in (await base.find("harvest")).outputs["output"]]


async def test_a_passage_that_the_model_refuses_stops_no_other_document(
    base: Base, embedder: Embedder
) -> None:
    embedder.refused = "Forbidden"
    documents = [{"id": "a", "text": "Forbidden tea."}, {"id": "b", "text": "Coffee is roasted."}]
    done = await base.index(documents=documents, embedding_model="two", keep_failed=True)
    assert [one["id"] for one in done.outputs["failed"]] == ["a"]
    assert done.outputs["failed"][0]["code"] == "llm.refused"
    assert done.outputs["indexed"] == 1


async def test_no_model_is_asked_for_what_cannot_be_looked_for(
    base: Base, embedder: Embedder
) -> None:
    await base.index(text=TEA, embedding_model="two")
    asked = len(embedder.asked)
    for wrong in ({"filter": {"field": 1}}, {"score_threshold": 7}, {"query": "tea" * 7000}):
        refused = failure(await base.find(**{"query": "tea", **wrong}))
        assert refused.code in ("knowledge.filter_invalid", "knowledge.query_invalid")
    assert len(embedder.asked) == asked


async def test_a_text_without_a_name_may_begin_with_anything(base: Base) -> None:
    assert (await base.index(text="\0Tea\0 is steamed.")).outputs["indexed"] == 1


def test_an_executor_without_the_extra_has_its_nodes_and_the_check_names_it() -> None:
    program = """
import importlib.util, sys
find = importlib.util.find_spec
gone = ("numpy", "semantic_text_splitter", "tokenizers", "asyncpg", "selectolax", "pypdfium2")
for name in gone:
    sys.modules[name] = None
importlib.util.find_spec = lambda name, *more: None if name in gone else find(name, *more)
from runfold.graph.loader import load_workflow
from runfold_executor_data.nodes import NODES
node = {"id": "n", "type": "knowledge", "config": {"query": "q", "bases": "b"}}
loaded = load_workflow({"id": "w", "nodes": [node]})
found = [one for one in loaded.findings if one.code == "extra.missing"]
print([one.kind.type for one in NODES if "retrieve" in one.kind.type], found[0].hint)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "['knowledge_retrieve'] pip install 'runfold[knowledge]'\n"
