"""What both knowledge stores do, the same for each."""

from __future__ import annotations

import asyncio
import math
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from pydantic import SecretStr

from runfold.contracts.knowledge import BaseSpec, Chunk, Document, Embedding, Page, chunk_id
from runfold.errors import ConfigurationError, Conflict, InvalidRequest, NotFound, RunfoldError
from runfold.knowledge_settings import KnowledgeSettings
from runfold.settings import Settings
from runfold_executor_data.knowledge import ranking
from runfold_executor_data.knowledge.opening import open_store
from runfold_executor_data.knowledge.store import KnowledgeStore
from tests.support.knowledge import (
    MODEL,
    begin,
    chunks_of,
    document,
    found,
    full_text,
    hybrid,
    index,
    semantic,
)
from tests.support.postgres import Server

STORES = ("embedded", "postgres")


@pytest.fixture(params=STORES)
async def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "embedded":
        return Settings(data_dir=tmp_path)
    url = request.getfixturevalue("knowledge_database")
    db = await asyncpg.connect(url)
    await db.execute("drop schema if exists runfold_knowledge cascade")
    await db.close()
    return Settings(data_dir=tmp_path, knowledge=KnowledgeSettings(url=SecretStr(url)))


@pytest.fixture(scope="module")
def knowledge_database(postgres_server: Server) -> Iterator[str]:
    """A database that the tests of this module empty instead of making one each."""
    name = postgres_server.create()
    yield postgres_server.url(name, name)
    postgres_server.drop(name)


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[KnowledgeStore]:
    store = await open_store(settings)
    await store.create_base(BaseSpec("text"))
    await store.create_base(BaseSpec("plane", embedding=MODEL))
    yield store
    await store.close()


async def test_bases_are_made_listed_and_removed(store: KnowledgeStore) -> None:
    made = await store.create_base(BaseSpec("手册", "of all", MODEL))
    assert await store.base("手册") == made
    assert (made.description, made.embedding, made.documents) == ("of all", MODEL, 0)
    first = await store.bases(Page(limit=2))
    assert [one.name for one in first.items] == ["plane", "text"]
    rest = await store.bases(Page(limit=2, cursor=first.next_cursor))
    assert ([one.name for one in rest.items], rest.next_cursor) == (["手册"], "")
    with pytest.raises(Conflict) as twice:
        await store.create_base(BaseSpec("text"))
    assert twice.value.code == "knowledge.base_exists"
    await index(store, "手册", "a", ["one"], [[1, 0, 0]])
    await store.delete_base("手册")
    with pytest.raises(NotFound) as unknown:
        await store.search(["手册"], full_text("one"))
    assert unknown.value.code == "knowledge.base_not_found"
    await store.create_base(BaseSpec("手册"))  # a name may be used again
    assert await found(store, "手册", full_text("one")) == []


NO_BASES = [
    BaseSpec(""),
    BaseSpec("a b"),
    BaseSpec("../x"),
    BaseSpec("a'; drop table bases; --"),
    BaseSpec("a" * 65),
    BaseSpec("a", "\0"),
    BaseSpec("a", embedding=Embedding("", "")),
    BaseSpec("a", embedding=Embedding("", "m", 9000)),
    BaseSpec("a", embedding=Embedding("", "m", -1)),
]


async def test_a_base_that_cannot_be_is_refused(store: KnowledgeStore) -> None:
    for spec in NO_BASES:
        with pytest.raises(InvalidRequest) as refused:
            await store.create_base(spec)
        assert refused.value.code == "knowledge.base_invalid"


async def test_a_document_is_found_when_all_of_it_is_there(store: KnowledgeStore) -> None:
    texts = ["apples are red", "pears are green", "plums are blue"]
    generation = await begin(store, "text", "fruit", texts, None, kind="food")
    chunks = chunks_of("fruit", texts)
    assert await store.add(generation, chunks[:2], None) == 2
    assert await found(store, "text", full_text("apples")) == []
    assert (await store.documents("text", Page())).items == ()
    with pytest.raises(Conflict) as early:
        await store.finish(generation, chunks=3)
    assert early.value.code == "knowledge.incomplete"
    assert early.value.details == {"chunks": 3, "added": 2}
    # A job that goes on after it was killed begins again, and adds what is missing.
    again = await begin(store, "text", "fruit", texts, None, kind="food")
    assert again == generation
    assert await store.have(again) == {one.id for one in chunks[:2]}
    assert await store.add(again, chunks, None) == 1
    stored = await store.finish(again, chunks=3)
    assert (stored.id, stored.name, stored.chunks) == ("fruit", "fruit.md", 3)
    assert stored.metadata == {"kind": "food"}
    assert await store.finish(again, chunks=3) == stored  # its answer was lost
    assert await found(store, "text", full_text("apples")) == ["apples are red"]
    assert await store.document("text", "fruit") == stored
    base = await store.base("text")
    assert (base.documents, base.chunks) == (1, 3)
    with pytest.raises(Conflict) as late:
        await store.add(again, chunks, None)
    assert late.value.code == "knowledge.generation_gone"


async def test_a_document_that_is_indexed_again_replaces_itself(store: KnowledgeStore) -> None:
    old, new = ["old words", "same"], ["new words", "same", "more"]
    await index(store, "plane", "a", old, [[1, 0, 0], [0, 1, 0]])
    await index(store, "plane", "b", ["other"], [[0, 0, 1]])
    assert await found(store, "plane", semantic(1, 0, 0, top_k=1)) == ["old words"]
    generation = await begin(store, "plane", "a", new, [])
    assert not generation.unchanged
    await store.add(generation, chunks_of("a", new), [[0, 1, 0], [0, 1, 1], [0, 1, 2]])
    assert await found(store, "plane", semantic(1, 0, 0, top_k=1)) == ["old words"]
    await store.finish(generation, chunks=3)
    assert await found(store, "plane", semantic(1, 0, 0, score_threshold=0.1)) == []
    assert sorted(await found(store, "plane", semantic(0, 1, 0, score_threshold=0.1))) == [
        "more",
        "new words",
        "same",
    ]
    assert await found(store, "plane", full_text("old")) == []
    assert await found(store, "plane", full_text("words")) == ["new words"]
    base = await store.base("plane")
    assert (base.documents, base.chunks) == (2, 4)


async def test_the_same_content_is_not_indexed_twice(store: KnowledgeStore) -> None:
    await index(store, "text", "a", ["one"], year=1)
    again = await store.begin("text", document("a", ["one"], year=2), None)
    assert again.unchanged
    # What is not part of the content is taken over at once.
    assert (await store.document("text", "a")).metadata == {"year": 2}
    by_year = {"field": "year", "operator": "=", "value": 2}
    assert await found(store, "text", full_text("one", filter=by_year)) == ["one"]
    assert len((await store.documents("text", Page())).items) == 1


async def test_an_indexing_that_is_abandoned_leaves_nothing(store: KnowledgeStore) -> None:
    generation = await begin(store, "plane", "a", ["one"], [])
    await store.add(generation, chunks_of("a", ["one"]), [[1, 0, 0]])
    await store.abandon(generation)
    for late in (
        store.finish(generation, chunks=1),
        store.add(generation, chunks_of("a", ["one"]), [[1, 0, 0]]),
    ):
        with pytest.raises(Conflict) as gone:
            await late
        assert gone.value.code == "knowledge.generation_gone"
    other = await begin(store, "plane", "a", ["one"], [])
    assert other.id != generation.id
    assert await store.have(other) == frozenset()


async def test_two_indexings_of_one_document_at_once(store: KnowledgeStore) -> None:
    first = await begin(store, "text", "a", ["one"], None)
    second = await begin(store, "text", "a", ["two"], None)
    await store.add(first, chunks_of("a", ["one"]), None)
    await store.add(second, chunks_of("a", ["two"]), None)
    await asyncio.gather(store.finish(first, chunks=1), store.finish(second, chunks=1))
    there = (await store.chunks("text", "a", Page())).items
    assert len(there) == 1
    assert await found(store, "text", full_text("one two")) == [there[0].text]
    base = await store.base("text")
    assert (base.documents, base.chunks) == (1, 1)


async def test_vectors_of_another_model_or_length_are_refused(store: KnowledgeStore) -> None:
    other = Embedding("local", "other", 3)
    generation = await begin(store, "plane", "a", ["one"], [])
    one = chunks_of("a", ["one"])
    refused: list[tuple[Any, str]] = [
        (store.begin("plane", document("a"), other), "knowledge.model_mismatch"),
        (store.begin("plane", document("a"), None), "knowledge.model_mismatch"),
        (store.begin("text", document("a"), MODEL), "knowledge.model_mismatch"),
        (
            store.begin("plane", document("a"), Embedding("local", "plane", 4)),
            "knowledge.dimension",
        ),
        (store.add(generation, one, [[1, 0]]), "knowledge.dimension"),
        (store.add(generation, one, [[]]), "knowledge.dimension"),
        (store.add(generation, one, [[0, 0, 0]]), "knowledge.vector_invalid"),
        (store.add(generation, one, [[1, math.nan, 0]]), "knowledge.vector_invalid"),
        (store.add(generation, one, [[1, math.inf, 0]]), "knowledge.vector_invalid"),
        (store.add(generation, one, None), "knowledge.vectors_missing"),
        (store.add(generation, one, [[1, 0, 0]] * 2), "knowledge.vectors_missing"),
        (store.search(["plane"], semantic(1, 0, 0, model=other)), "knowledge.model_mismatch"),
        (store.search(["plane"], semantic(1, 0)), "knowledge.dimension"),
        (store.search(["plane"], semantic(0, 0, 0)), "knowledge.vector_invalid"),
        (store.search(["text"], semantic(1, 0, 0)), "knowledge.no_vectors"),
        (store.search(["text"], hybrid("one", 1, 0, 0)), "knowledge.no_vectors"),
        (store.search(["plane", "text"], semantic(1, 0, 0)), "knowledge.no_vectors"),
    ]
    for call, code in refused:
        with pytest.raises(RunfoldError) as error:
            await call
        assert error.value.code == code, call
    assert await store.have(generation) == frozenset()


async def test_the_first_vectors_decide_how_long_they_are(store: KnowledgeStore) -> None:
    model = Embedding("", "any")
    await store.create_base(BaseSpec("any", embedding=model))
    # A query of any length finds nothing in it, and decides nothing.
    assert await store.search(["any"], semantic(1, 2, 3, 4, 5, model=model)) == []
    generation = await store.begin("any", document("a"), model)
    one, two = chunks_of("a", ["one", "two"])
    await store.add(generation, [one], [[3, 4]])
    base = await store.base("any")
    assert base.embedding == Embedding("", "any", 2)
    with pytest.raises(InvalidRequest) as refused:
        await store.add(generation, [two], [[1, 0, 0]])
    assert refused.value.code == "knowledge.dimension"
    await store.finish(generation, chunks=1)
    (hit,) = await store.search(["any"], semantic(3, 4, model=Embedding("", "any")))
    assert hit.score == pytest.approx(1.0, abs=1e-6)


async def test_search_by_meaning(store: KnowledgeStore) -> None:
    vectors = [[2, 0, 0], [5, 5, 0], [0, 1, 0], [-1, 0, 0]]
    await index(store, "plane", "a", ["east", "north east", "north", "west"], vectors)
    hits = await store.search(["plane"], semantic(1, 0, 0, top_k=3))
    assert [hit.chunk.text for hit in hits] == ["east", "north east", "north"]
    assert [hit.score for hit in hits] == pytest.approx([1, math.sqrt(0.5), 0], abs=1e-6)
    assert hits[0].document.name == "a.md"
    assert hits[0].base == "plane"
    near = semantic(100, 1, 0, score_threshold=0.7)
    assert await found(store, "plane", near) == ["east", "north east"]


CORPUS = {
    "refund": "申请退款之后三个工作日内到账。",
    "login": "登录失败时请重置密码。",
    "sushi": "東京で寿司を食べる。ガイドブックが必要です。",
    "hangul": "한국어 문서를 검색합니다",
    "cafe": "Das Café in Zürich öffnet um acht; naïve façade.",
    "ascii": "The retry policy of run_id nodes waits before e-mail is sent: C++ and v2.10.",
    "thai": "ภาษาไทยไม่มีช่องว่าง",
    "arabic": "الكتاب على الطاولة",
    "wide": "\uff21\uff22\uff23\uff11\uff12\uff13 full width",
}


SOUGHT = [
    ("退款", "refund"),
    ("退款多久到账", "refund"),
    ("款", "refund"),
    ("账", "refund"),
    ("密码", "login"),
    ("寿司", "sushi"),
    ("ガイド", "sushi"),
    ("ｶﾞｲﾄﾞ", "sushi"),
    ("문서", "hangul"),
    ("cafe zurich", "cafe"),
    ("CAFÉ", "cafe"),
    ("Cafe\u0301", "cafe"),
    ("façade", "cafe"),
    ("RETRY", "ascii"),
    ("run id", "ascii"),
    ("v2", "ascii"),
    ("ไทย", "thai"),
    ("كِتاب الطاولة", "arabic"),
    ("abc123", "wide"),
    ('" OR 1=1 -- NEAR( * ^ retry', "ascii"),
    ("retry' AND 'x", "ascii"),
    ("AND OR NOT retry", "ascii"),
]


async def test_text_of_many_scripts_is_found(store: KnowledgeStore) -> None:
    for name, text in CORPUS.items():
        await index(store, "text", name, [text])
    for query, document_id in SOUGHT:
        hits = await store.search(["text"], full_text(query))
        assert [hit.document.id for hit in hits[:1]] == [document_id], query
        assert 0 < hits[0].score <= 1


async def test_queries_without_words_find_nothing(store: KnowledgeStore) -> None:
    await index(store, "text", "a", ["one"])
    for text in ("", "  ", '"', "!?", "* - ^ :", "\0", "two"):
        assert await found(store, "text", full_text(text)) == []
    assert await store.search(["plane"], semantic_of_nothing()) == []


def semantic_of_nothing() -> Any:
    return msgspec.structs.replace(semantic(1, 0, 0), vectors=())


async def test_rare_words_count_more(store: KnowledgeStore) -> None:
    texts = [f"the common word {at}" for at in range(30)]
    texts[7] = "the common word 7 and a zebra"
    await index(store, "text", "a", texts)
    hits = await store.search(["text"], full_text("the common zebra", top_k=3))
    assert hits[0].chunk.index == 7
    assert hits[0].score > 0.7
    assert hits[1].score < 0.3
    assert await found(store, "text", full_text("the common zebra", score_threshold=0.5)) == [
        texts[7]
    ]


async def test_hybrid_fuses_both_ranks(store: KnowledgeStore) -> None:
    texts = ["alpha", "beta", "gamma alpha", "delta"]
    await index(store, "plane", "a", texts, [[0, 1, 0], [1, 0.1, 0], [1, 0, 0], [0, 0, 1]])
    hits = await store.search(["plane"], hybrid("alpha", 1, 0, 0, top_k=4))
    assert hits[0].chunk.text == "gamma alpha"
    assert hits[0].similarity == pytest.approx(1)
    assert {hit.chunk.text for hit in hits} == set(texts)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] <= 1
    close = hybrid("alpha", 1, 0, 0, score_threshold=0.5)
    assert await found(store, "plane", close) == ["gamma alpha", "beta"]
    words = hybrid("alpha", 1, 0, 0, weights=(0, 1), top_k=1)
    assert await found(store, "plane", words) == ["alpha"]
    assert await found(store, "plane", hybrid("", 1, 0, 0, top_k=1)) == ["gamma alpha"]


async def test_several_bases_are_searched_at_once(store: KnowledgeStore) -> None:
    other = Embedding("", "line", 1)
    await store.create_base(BaseSpec("plane2", embedding=MODEL))
    await store.create_base(BaseSpec("line", embedding=other))
    await index(store, "plane", "a", ["east"], [[1, 0, 0]])
    await index(store, "plane2", "a", ["almost east"], [[1, 0.1, 0]])
    query = semantic(1, 0, 0)
    hits = await store.search(["plane2", "plane"], query)
    assert [(hit.base, hit.chunk.text) for hit in hits] == [
        ("plane", "east"),
        ("plane2", "almost east"),
    ]
    generation = await store.begin("line", document("l"), other)
    await store.add(generation, chunks_of("l", ["right"]), [[1]])
    await store.finish(generation, chunks=1)
    with pytest.raises(Conflict) as mismatch:
        await store.search(["plane", "line"], query)
    assert mismatch.value.code == "knowledge.model_mismatch"
    both = msgspec.structs.replace(
        query, vectors=(*query.vectors, *semantic(1, model=other).vectors)
    )
    hits = await store.search(["plane", "line"], both)
    assert {hit.base for hit in hits} == {"plane", "line"}
    hits = await store.search(["plane", "plane2", "line"], full_text("right east"))
    assert len(hits) == 3


async def test_a_parent_is_found_once_by_its_best_child(store: KnowledgeStore) -> None:
    parent = Chunk(chunk_id("p", 0, "whole"), 0, "the whole: first, second", encloses=True)
    children = [
        Chunk(
            chunk_id("p", at, text),
            at,
            text,
            start=at,
            end=at + 5,
            headings=("Title", "Part"),
            parent=parent.id,
        )
        for at, text in ((1, "first"), (2, "second"))
    ]
    generation = await store.begin("plane", document("p"), MODEL)
    await store.add(generation, children, [[1, 0, 0], [1, 0.1, 0]])
    with pytest.raises(Conflict) as incomplete:
        await store.finish(generation, chunks=2)
    assert incomplete.value.code == "knowledge.incomplete"
    assert await store.add(generation, [parent], []) == 1
    stored = await store.finish(generation, chunks=3)
    assert stored.chunks == 2
    await index(store, "plane", "other", ["other"], [[0, 1, 0]])
    for query in (
        semantic(1, 0, 0, top_k=2),
        hybrid("first", 1, 0, 0, top_k=2),
    ):
        first, second = await store.search(["plane"], query)
        assert (first.chunk, first.parent) == (children[0], parent)
        assert (second.chunk.text, second.parent) == ("other", None)
    assert await found(store, "plane", full_text("whole")) == []
    # Words of the headings find what stands under them.
    (hit,) = await store.search(["plane"], full_text("title"))
    assert hit.parent == parent
    assert list((await store.chunks("plane", "p", Page())).items) == [parent, *children]


async def test_documents_and_chunks_are_listed_in_pages(store: KnowledgeStore) -> None:
    for at in range(5):
        await index(store, "text", f"d{at}", [f"text {at}"] * 1, number=at)
    first = await store.documents("text", Page(limit=2))
    assert [one.id for one in first.items] == ["d0", "d1"]
    second = await store.documents("text", Page(limit=2, cursor=first.next_cursor))
    third = await store.documents("text", Page(limit=2, cursor=second.next_cursor))
    assert [one.id for one in (*second.items, *third.items)] == ["d2", "d3", "d4"]
    assert third.next_cursor == ""
    big = {"field": "number", "operator": ">", "value": 2}
    assert [one.id for one in (await store.documents("text", Page(), big)).items] == ["d3", "d4"]
    await index(store, "text", "long", [f"part {at}" for at in range(3)])
    page = await store.chunks("text", "long", Page(limit=2))
    rest = await store.chunks("text", "long", Page(limit=2, cursor=page.next_cursor))
    assert [one.text for one in (*page.items, *rest.items)] == ["part 0", "part 1", "part 2"]
    assert rest.next_cursor == ""
    for call, code in (
        (store.chunks("text", "nothing", Page()), "knowledge.document_not_found"),
        (store.document("text", "nothing"), "knowledge.document_not_found"),
        (store.documents("nothing", Page()), "knowledge.base_not_found"),
        (store.chunks("text", "long", Page(cursor="x")), "cursor.invalid"),
        (store.documents("text", Page(limit=0)), "knowledge.query_invalid"),
        (store.bases(Page(limit=201)), "knowledge.query_invalid"),
    ):
        with pytest.raises(RunfoldError) as refused:
            await call
        assert refused.value.code == code


METADATA: dict[str, dict[str, Any]] = {
    "a": {"title": "The Blue Book", "year": 2020, "tags": ["red", "blue"], "day": "2024-05-01"},
    "b": {"title": "100% _wild_", "year": "2021", "tags": ["green"], "draft": True},
    "c": {"title": "蓝皮书", "year": 1999.5, "note": "it's; drop table facts; --"},
    "d": {"title": "x" * 300 + "end", "year": None, "tags": []},
}


FILTERS: list[tuple[str, str, Any, str]] = [
    ("title", "contains", "blue", "a"),
    ("title", "contains", "%", "b"),
    ("title", "contains", "_", "b"),
    ("title", "contains", "皮", "c"),
    ("title", "not contains", "blue", "bcd"),
    ("title", "start with", "THE ", "a"),
    ("title", "start with", "THE", "a"),
    ("title", "start with", "100%", "b"),
    ("title", "end with", "END", "d"),
    ("title", "is", "The Blue Book", "a"),
    ("title", "is", "the blue book", ""),
    ("title", "is", "x" * 300 + "end", "d"),
    ("title", "is", "x" * 300, ""),
    ("title", "is not", "The Blue Book", "bcd"),
    ("tags", "is", "red", "a"),
    ("tags", "contains", "re", "ab"),
    ("tags", "in", ["red", "green"], "ab"),
    ("tags", "in", "red, black", "a"),
    ("tags", "in", [f"x{at}" for at in range(499)] + ["green"], "b"),
    ("tags", "not in", ["red"], "b"),
    ("tags", "is not", "blue", "b"),
    ("tags", "empty", None, "cd"),
    ("tags", "not empty", None, "ab"),
    ("year", "=", 2020, "a"),
    ("year", "=", "2020", "a"),
    ("year", "is", 2020, "a"),
    ("year", "=", 2021, "b"),
    ("year", "≠", 2020, "bc"),
    ("year", ">", 2020, "b"),
    ("year", "≥", 2020, "ab"),
    ("year", "<", 2020, "c"),
    ("year", "≤", 2020, "ac"),
    ("year", "empty", None, "d"),
    ("day", "before", "2024-05-02", "a"),
    ("day", "after", "2024-05-01T00:00:00Z", ""),
    ("day", "after", "2024-04-30T23:59:59+00:00", "a"),
    ("day", "before", 1714521601, "a"),
    ("draft", "is", True, "b"),
    ("draft", "is", "true", "b"),
    ("document_name", "is", "c.md", "c"),
    ("source", "start with", "https://x.example/", "abcd"),
    ("indexed_at", ">", 1_700_000_000, "abcd"),
    ("note", "is", "it's; drop table facts; --", "c"),
    ("x' or '1'='1", "is", "y", ""),
    ("title", "is", "x' or '1'='1", ""),
    ('title" or 1=1 --', "not empty", None, ""),
    ("$1", "not empty", None, ""),
]


async def test_filters(store: KnowledgeStore) -> None:
    for name, metadata in METADATA.items():
        await index(store, "plane", name, [f"text of {name}"], [[1, 0, ord(name)]], **metadata)
    for at, (field, operator, value, expected) in enumerate(FILTERS):
        conditions = {"field": field, "operator": operator, "value": value}
        listed = (await store.documents("plane", Page(), conditions)).items
        assert "".join(one.id for one in listed) == expected, conditions
        queries = (
            hybrid("text", 1, 0, 0, filter=conditions),
            full_text("text", filter=conditions),
            semantic(1, 0, 0, filter=conditions),
        )
        for query in queries if at % 8 == 0 else queries[:1]:
            hits = await store.search(["plane"], query)
            assert "".join(sorted(hit.document.id for hit in hits)) == expected, conditions


async def test_groups_of_conditions(store: KnowledgeStore) -> None:
    for name, metadata in METADATA.items():
        await index(store, "text", name, ["text"], **metadata)
    conditions = {
        "or": [
            [
                {"field": "year", "operator": "≥", "value": 2020},
                {"field": "tags", "operator": "is", "value": "green"},
            ],
            {"field": "tags", "operator": "empty"},
        ]
    }
    listed = (await store.documents("text", Page(), conditions)).items
    assert "".join(one.id for one in listed) == "bcd"
    with pytest.raises(InvalidRequest) as refused:
        await store.search(["text"], full_text("text", filter={"field": "a", "operator": "~"}))
    assert refused.value.code == "knowledge.filter_invalid"


async def test_documents_are_deleted_by_id_and_by_filter(store: KnowledgeStore) -> None:
    for at in range(6):
        await index(store, "plane", f"d{at}", [f"word {at}"], [[1, at, 0]], number=at)
    assert await store.delete_documents("plane", ["d0", "d1", "no", "' or ''='"]) == 2
    big = {"field": "number", "operator": "≥", "value": 4}
    assert await store.delete_documents("plane", ["d3", "d4"], big) == 1
    assert await store.delete_documents("plane", [], big) == 0
    assert await store.delete_documents("plane", filter=big) == 1
    with pytest.raises(InvalidRequest) as refused:
        await store.delete_documents("plane")
    assert refused.value.code == "knowledge.filter_invalid"
    assert [one.id for one in (await store.documents("plane", Page())).items] == ["d2", "d3"]
    for query in (semantic(1, 0, 0), full_text("word"), hybrid("word", 1, 0, 0)):
        hits = await store.search(["plane"], query)
        assert sorted(hit.document.id for hit in hits) == ["d2", "d3"]
    base = await store.base("plane")
    assert (base.documents, base.chunks) == (2, 2)


NO_DOCUMENTS: list[dict[str, Any]] = [
    {"id": ""},
    {"id": "a" * 256},
    {"name": "a\0"},
    {"sha256": ""},
    {"metadata": {"a": "x" * 70_000}},
    {"metadata": {"": 1}},
]


async def test_a_document_that_cannot_be_is_refused(store: KnowledgeStore) -> None:
    for wrong in NO_DOCUMENTS:
        given: dict[str, Any] = {"id": "a", "name": "a", "sha256": "1", **wrong}
        with pytest.raises(InvalidRequest) as refused:
            await store.begin("text", Document(**given), None)
        assert refused.value.code == "knowledge.document_invalid"


NO_CHUNKS = [
    [Chunk("a", 0, "")],
    [Chunk("", 0, "x")],
    [Chunk("a", 0, "x\0")],
    [Chunk("a", 0, "\ud800")],
    [Chunk("a", -1, "x")],
    [Chunk("a", 0, "x"), Chunk("a", 1, "x")],
    [Chunk("a", 0, "x"), Chunk("b", 0, "x")],
    [Chunk("a", 0, "x" * 100_001)],
    [Chunk(str(at), at, "x") for at in range(1001)],
]


async def test_chunks_that_cannot_be_are_refused(store: KnowledgeStore) -> None:
    generation = await begin(store, "text", "a", [], None)
    for chunks in NO_CHUNKS:
        with pytest.raises(InvalidRequest) as refused:
            await store.add(generation, chunks, None)
        assert refused.value.code == "knowledge.chunk_invalid"
    assert await store.have(generation) == frozenset()
    await store.add(generation, [Chunk("there", 0, "x")], None)
    with pytest.raises(InvalidRequest):
        await store.add(generation, [Chunk("new", 1, "x"), Chunk("other", 0, "y")], None)
    assert await store.have(generation) == {"there"}


NO_QUERIES: list[tuple[list[str], Any]] = [
    ([], full_text("a")),
    (["text", "text"], full_text("a")),
    ([f"b{at}" for at in range(21)], full_text("a")),
    (["text"], full_text("a", top_k=0)),
    (["text"], full_text("a", top_k=101)),
    (["text"], full_text("a", score_threshold=math.nan)),
    (["text"], full_text("a", score_threshold=1.5)),
    (["text"], full_text("a" * 20_001)),
    (["text"], full_text("a", weights=(0, 0))),
    (["text"], full_text("a", weights=(-1, 1))),
    (["text"], msgspec.structs.replace(full_text("a"), mode="both")),
]


async def test_a_query_that_cannot_be_is_refused(store: KnowledgeStore) -> None:
    for bases, query in NO_QUERIES:
        with pytest.raises(InvalidRequest) as refused:
            await store.search(bases, query)
        assert refused.value.code == "knowledge.query_invalid"


async def test_stores_of_several_processes_see_each_other(
    store: KnowledgeStore, settings: Settings
) -> None:
    other = await open_store(settings)
    try:
        await index(store, "plane", "a", ["one"], [[1, 0, 0]])
        assert await found(other, "plane", semantic(1, 0, 0)) == ["one"]
        await index(store, "plane", "b", ["two"], [[1, 0.1, 0]])
        await index(other, "plane", "c", ["three"], [[1, 0.2, 0]])
        for each in (store, other):
            assert await found(each, "plane", semantic(1, 0, 0)) == ["one", "two", "three"]
            assert set(await found(each, "plane", full_text("one two three"))) == {
                "one",
                "two",
                "three",
            }
        await index(other, "plane", "a", ["uno"], [[1, 0.3, 0]])
        await other.delete_documents("plane", ["b"])
        assert await found(store, "plane", semantic(1, 0, 0)) == ["three", "uno"]
        await other.delete_base("plane")
        with pytest.raises(NotFound):
            await store.search(["plane"], semantic(1, 0, 0))
        await other.create_base(BaseSpec("plane", embedding=MODEL))
        assert await found(store, "plane", semantic(1, 0, 0)) == []
    finally:
        await other.close()


async def test_searches_meanwhile_see_all_of_a_document_or_nothing(store: KnowledgeStore) -> None:
    """While a document is replaced again and again, a search finds one of its versions, whole."""
    versions = [[f"v{version} part {at}" for at in range(4)] for version in range(6)]
    await index(store, "plane", "a", versions[0], [[1, at, 0] for at in range(4)])
    done = asyncio.Event()
    wrong: list[list[str]] = []

    async def look(query: Any) -> None:
        while not done.is_set():
            texts = await found(store, "plane", query)
            if len(texts) != 4 or len({text.split()[0] for text in texts}) != 1:
                wrong.append(texts)
            await asyncio.sleep(0)

    looking = [
        asyncio.ensure_future(look(query))
        for query in (semantic(1, 0, 0), full_text("part"), hybrid("part", 1, 0, 0))
    ]
    for texts in versions[1:]:
        await index(store, "plane", "a", texts, [[1, at, 0] for at in range(4)])
    done.set()
    await asyncio.gather(*looking)
    assert wrong == []


async def test_a_store_that_cannot_be_reached_says_so(settings: Settings, tmp_path: Path) -> None:
    if settings.knowledge.url.get_secret_value():
        url = SecretStr("postgresql://nobody:secret-word@127.0.0.1:1/none")
        broken = Settings(data_dir=tmp_path, knowledge=KnowledgeSettings(url=url))
    else:
        (tmp_path / "file").write_text("")
        broken = Settings(data_dir=tmp_path / "file")
    with pytest.raises(ConfigurationError) as unavailable:
        await open_store(broken)
    assert unavailable.value.code == "knowledge.unavailable"
    assert "secret-word" not in str(unavailable.value)


async def test_common_words_are_looked_up_where_rare_ones_find_too_little(
    store: KnowledgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left out for the sake of time is looked up after all when a filter leaves little."""
    monkeypatch.setattr(ranking, "FEWEST_MATCHES", 3)
    await index(store, "text", "many", [f"beta gamma {at}" for at in range(6)])
    await index(store, "text", "few", ["alpha one", "alpha two", "gamma three"])
    only = {"field": "document_id", "operator": "is", "value": "few"}
    alpha_and_more = full_text("alpha beta gamma", top_k=2)
    assert set(await found(store, "text", alpha_and_more)) == {"alpha one", "alpha two"}
    assert await found(store, "text", full_text("beta gamma", filter=only)) == ["gamma three"]
    assert len(await found(store, "text", full_text("alpha gamma", filter=only))) == 3
    assert len(await found(store, "text", full_text("alpha beta gamma", top_k=9))) == 9


async def test_long_vectors_are_found_too(store: KnowledgeStore) -> None:
    """Longer ones than an index takes as they are, and than it takes at all."""
    for dims in (2500, 5000):
        model = Embedding("", "long", dims)
        await store.create_base(BaseSpec(f"long{dims}", embedding=model))
        generation = await store.begin(f"long{dims}", document("l"), model)
        vectors = [[float(at == number) + 0.001 for at in range(dims)] for number in range(3)]
        await store.add(generation, chunks_of("l", ["a", "b", "c"]), vectors)
        await store.finish(generation, chunks=3)
        query = semantic(*vectors[1], model=model, top_k=1)
        (hit,) = await store.search([f"long{dims}"], query)
        assert (hit.chunk.text, hit.score) == ("b", pytest.approx(1, abs=1e-4))


async def test_documents_are_indexed_at_once(store: KnowledgeStore) -> None:
    for version in range(3):
        texts = [f"shared words of version{version} part{at}" for at in range(5)]
        await asyncio.gather(
            *(
                index(store, "plane", name, texts, [[1, at, 0] for at in range(5)])
                for name in "abcd"
            )
        )
    base = await store.base("plane")
    assert (base.documents, base.chunks) == (4, 20)
    assert len(await found(store, "plane", full_text("shared", top_k=50))) == 20
    assert await found(store, "plane", full_text("version1", top_k=50)) == []
    assert len(await found(store, "plane", semantic(1, 0, 0, top_k=50))) == 20


async def test_a_database_that_drops_its_connections_is_used_again(
    knowledge_database: str, postgres_server: Server, tmp_path: Path
) -> None:
    url = SecretStr(knowledge_database)
    store = await open_store(
        Settings(data_dir=tmp_path, knowledge=KnowledgeSettings(url=url, connections=1))
    )
    try:
        await store.create_base(BaseSpec("dropped"))
        name = knowledge_database.partition("@/")[2].partition("?")[0]
        await asyncio.to_thread(
            postgres_server.psql,
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",
        )
        with suppress(ConfigurationError):  # the first call may be what finds it out
            await store.base("dropped")
        assert (await store.base("dropped")).name == "dropped"
        await store.delete_base("dropped")
    finally:
        await store.close()


async def test_a_database_without_pgvector_says_what_to_do(
    postgres_server: Server, tmp_path: Path
) -> None:
    name = await asyncio.to_thread(postgres_server.create)
    url = SecretStr(postgres_server.url(name, name))
    await asyncio.to_thread(postgres_server.psql, "drop extension vector", database=name)
    try:
        with pytest.raises(ConfigurationError, match="create extension vector") as missing:
            await open_store(Settings(data_dir=tmp_path, knowledge=KnowledgeSettings(url=url)))
        assert missing.value.code == "knowledge.unavailable"
    finally:
        await asyncio.to_thread(postgres_server.drop, name)


async def test_what_a_filter_lets_through_is_found_behind_all_that_is_nearer(
    knowledge_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index of vectors gives up after so many that the filter does not let through."""
    from runfold_executor_data.knowledge.postgres import candidates

    monkeypatch.setattr(candidates, "FEW", 0)
    url = f"{knowledge_database}&hnsw.max_scan_tuples=1"
    chosen = KnowledgeSettings(url=SecretStr(url))
    store = await open_store(Settings(data_dir=tmp_path, knowledge=chosen))
    try:
        await store.create_base(BaseSpec("far", embedding=MODEL))
        near = [[1, at / 1000, 0] for at in range(300)]
        await index(store, "far", "near", [f"near {at}" for at in range(300)], near)
        await index(store, "far", "behind", ["a", "b"], [[-1, 1, 0], [-1, 2, 0]])
        only = {"field": "document_id", "operator": "is", "value": "behind"}
        assert await found(store, "far", semantic(1, 0, 0, filter=only)) == ["b", "a"]
        assert len(await found(store, "far", semantic(1, 0, 0))) == 5
        await store.delete_base("far")
    finally:
        await store.close()


async def test_a_url_that_cannot_be_read_is_not_shown(tmp_path: Path) -> None:
    chosen = KnowledgeSettings(url=SecretStr("postgresql://u:half/secret-word@127.0.0.1/none"))
    with pytest.raises(ConfigurationError, match="RUNFOLD_KNOWLEDGE__URL") as refused:
        await open_store(Settings(data_dir=tmp_path, knowledge=chosen))
    assert refused.value.code == "knowledge.unavailable"
    shown = "".join(traceback.format_exception(refused.value))
    assert "secret-word" not in shown
    assert "half" not in shown


ODD = ["\0", "a\0b", "\ud800", "x" * 5000, "'", "\\", "%", "$1", "{}"]


async def test_odd_names_are_nowhere(store: KnowledgeStore) -> None:
    await index(store, "text", "a", ["one"], odd="x")
    for odd in ODD:
        for call in (
            store.base(odd),
            store.search([odd], full_text("one")),
            store.begin(odd, document("a"), None),
            store.delete_base(odd),
            store.document("text", odd),
            store.chunks("text", odd, Page()),
        ):
            with pytest.raises(NotFound):
                await call
        assert await store.delete_documents("text", [odd]) == 0
        for value in (odd, [odd, odd]):
            for operator in ("in", "contains", "is not", "start with", "end with"):
                conditions = {"field": "source", "operator": operator, "value": value}
                with suppress(InvalidRequest):  # nothing is left of some of them
                    await store.documents("text", Page(), conditions)
        with suppress(InvalidRequest):
            await store.documents("text", Page(), {"field": odd, "operator": "empty"})
        assert await found(store, "text", full_text(f"{odd} one")) == ["one"]
