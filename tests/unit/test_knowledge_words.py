"""Terms, and ranks by them."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold_executor_data.knowledge.ranking import Weights, fused
from runfold_executor_data.knowledge.segmenter import Term, query_terms, terms_of


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The retry_policy of v2.10", ["the", "retry", "policy", "of", "v2", "10"]),
        ("Zürich, naïve Ærø", ["zurich", "naive", "aero"]),
        ("申请退款", ["申请", "请退", "退款", "款"]),
        ("用GPT-4写", ["用", "gpt", "4", "写"]),
        ("東京タワー", ["東京", "京タ", "タワ", "ワー", "ー"]),
        ("が", ["が"]),
        ("\ud55c\uad6d\uc5b4", ["\ud55c\uad6d", "\uad6d\uc5b4", "\uc5b4"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("Straße Ёлка", ["strasse", "елка"]),
        ("--- !? 🙂", []),
    ],
)
def test_terms(text: str, terms: list[str]) -> None:
    assert terms_of(text) == terms


def test_queries_look_for_pairs_and_beginnings() -> None:
    assert query_terms("退款 退款 水 Zürich") == [
        Term("退款"),
        Term("水", prefix=True),
        Term("zurich"),
    ]


@given(st.text(max_size=60))
def test_a_text_has_all_that_a_query_of_it_looks_for(text: str) -> None:
    terms = terms_of(text)
    for term in query_terms(text):
        assert any(one == term.text or (term.prefix and one.startswith(term.text)) for one in terms)
    assert all(one and not any(map(str.isspace, one)) for one in terms)


@given(st.lists(st.text(min_size=1, max_size=20), max_size=6))
def test_fts5_takes_the_terms_as_they_are(texts: list[str]) -> None:
    """Nothing between the segmenter and the index cuts or changes a term."""
    terms = [term for text in texts for term in terms_of(text)]
    db = sqlite3.connect(":memory:")
    db.execute("create virtual table words using fts5 (terms, content = '', tokenize = 'ascii')")
    db.execute("create virtual table vocabulary using fts5vocab (words, row)")
    db.execute("insert into words (rowid, terms) values (1, ?)", (" ".join(terms),))
    there = {row[0] for row in db.execute("select term from vocabulary")}
    db.close()
    assert there == set(terms)


def test_scores_grow_with_rare_words_and_shrink_with_length() -> None:
    rare, common = Term("zebra"), Term("the")
    weights = Weights({rare: 1, common: 90}, chunks=100, length=4)
    both, one = (
        weights.score(["the", "zebra", "is", "here"]),
        weights.score(["zebra", "is", "a", "b"]),
    )
    assert both == pytest.approx(1)
    assert 0.9 < one < both
    assert weights.score(["the"] * 4) < 0.1
    assert weights.score(["zebra"] + ["x"] * 99) < one
    # A word that no chunk has makes all scores less.
    assert Weights({rare: 1, Term("unicorn"): 0}, 100, 4).score(["zebra", "a", "b", "c"]) < 0.6


def test_the_first_of_all_ranks_has_1() -> None:
    scores = fused([(["a", "b", "c"], 1.0), (["a", "c"], 3.0), ([], 2.0)])
    assert list(scores) == ["a", "c", "b"]
    assert fused([(["a"], 1.0), (["a", "b"], 1.0)])["a"] == pytest.approx(1)
    assert fused([]) == {}
