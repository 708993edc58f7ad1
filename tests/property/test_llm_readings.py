"""What servers and models may send is read, or refused with a reason; nothing else is raised."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from runfold.errors import NodeFailed
from runfold.model_endpoints.scores import NotScores, scores_in
from runfold.model_endpoints.vectors import NotVectors, vectors_in
from runfold_executor_llm.classes import Classes
from runfold_executor_llm.json_in_prose import value_in
from runfold_executor_llm.scores import groups_of, shown_group
from runfold_executor_llm.wanted import wanted

NAMES = st.text(min_size=1, max_size=8).filter(str.strip)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=9)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
PIECES = st.lists(
    st.sampled_from(["{", "}", "[", '"', "\\", "<think>", "</think>", "```", "a", ": 1", "\n"])
    | st.text(max_size=5),
    max_size=12,
)


@given(names=st.lists(NAMES, min_size=1, max_size=5, unique=True), said=PIECES | NAMES.map(list))
def test_an_answer_is_a_class_or_says_why_not(names: list[str], said: list[str]) -> None:
    classes = Classes(names)
    chosen = classes.read("".join(said))
    assert 0 <= chosen.index <= len(names)
    assert not (chosen.index and chosen.problem)


@given(names=st.lists(NAMES, min_size=1, max_size=5, unique=True), data=st.data())
def test_a_class_that_is_named_as_it_was_shown_is_found(names: list[str], data: Any) -> None:
    classes = Classes(names)
    index = data.draw(st.integers(1, len(names)))
    answer = {"reason": "", "class": classes.labels[index - 1]}
    chosen = classes.read(msgspec.json.encode(answer).decode())
    # Names that differ in marks or letters' width alone may be told apart by their ids alone.
    assert chosen.index in (index, 0)
    plain = [name for name in names if name.isascii() and name.isalnum()]
    if len({name.casefold() for name in plain}) == len(names) == len(plain):
        assert chosen.index == index


@given(PIECES)
def test_json_is_read_or_refused(pieces: list[str]) -> None:
    with contextlib.suppress(NodeFailed):
        msgspec.json.encode(value_in("".join(pieces), "stop"))


@given(st.dictionaries(NAMES, ANYTHING, max_size=4), st.sampled_from(["before ", "", "<think>{"]))
def test_an_object_among_words_is_that_object(value: dict[str, Any], before: str) -> None:
    try:
        written = msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError, ValueError):
        return
    told = f"{before}{'</think>' if before.startswith('<') else ''}{written.decode()} after"
    assert value_in(told, "stop") == msgspec.json.decode(written)


@given(st.lists(ANYTHING | st.fixed_dictionaries({"index": SCALARS, "embedding": ANYTHING})))
def test_vectors_are_vectors(data: list[Any]) -> None:
    with contextlib.suppress(NotVectors):
        for vector in vectors_in(data, len(data), normalize=True):
            assert math.isclose(math.hypot(*vector), 1, rel_tol=1e-6)


@given(
    st.lists(ANYTHING | st.fixed_dictionaries({"index": SCALARS, "score": SCALARS})),
    st.integers(0, 5),
)
def test_scores_are_of_documents_there_are(results: list[Any], count: int) -> None:
    with contextlib.suppress(NotScores):
        found = scores_in(results, count, count)
        assert set(found) == set(range(count))
        assert all(math.isfinite(score) for score in found.values())


@given(st.lists(st.text(max_size=4) | st.just("x" * 9_000), max_size=60))
def test_groups_have_each_document_once(texts: list[str]) -> None:
    groups = list(groups_of(texts))
    assert [at for group in groups for at in group] == list(range(len(texts)))
    assert all(len(shown_group(texts, group)) < 70_000 for group in groups)


@given(st.sampled_from(["array", "string", "number", "boolean", "null", "integer"]), ANYTHING)
def test_what_is_wrapped_comes_out(kind: str, value: Any) -> None:
    asking = wanted({"type": kind})
    assert asking.is_wrapped
    assert asking.unwrapped({"value": value}) is value
