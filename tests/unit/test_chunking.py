# ruff: noqa: RUF001 -- marks that end sentences
from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.contracts.chunking import Chunking, wrong_with
from runfold.contracts.knowledge import Chunk
from runfold.errors import InvalidRequest
from runfold_executor_data.knowledge.chunking import pieces
from runfold_executor_data.knowledge.chunking.cutting import chunks_of
from runfold_executor_data.knowledge.chunking.pieces import tokens_in

GUIDE = """Intro before all.

# Guide

Welcome.

## Retry ##

Nodes retry three times. Then they fail! Or do they? `# not a heading`

```python
# not a heading either
print("x")
```

### Backoff

It doubles.

## Timeout

After a minute.
"""


def cut(text: str, mode: str, **more: object) -> list[Chunk]:
    return chunks_of("doc", text, Chunking(mode, **more))  # type: ignore[arg-type]


def test_headings_are_never_crossed_and_are_noted() -> None:
    chunks = cut(GUIDE, "headings", size=400, overlap=0)
    assert [(one.text.partition("\n")[0], one.headings) for one in chunks] == [
        ("Intro before all.", ()),
        ("# Guide", ("Guide",)),
        ("## Retry ##", ("Guide", "Retry")),
        ("### Backoff", ("Guide", "Retry", "Backoff")),
        ("## Timeout", ("Guide", "Timeout")),
    ]
    assert "print" in chunks[2].text
    assert all(GUIDE[one.start : one.end] == one.text for one in chunks)


def test_sentences_stay_whole_and_overlap() -> None:
    text = "First one. Second is here! Third? " + "x" * 70 + ". Last。后面的句子。结尾"
    chunks = cut(text, "sentences", size=40, overlap=16)
    texts = [one.text for one in chunks]
    assert texts[:2] == ["First one. Second is here! Third?", "x" * 40]
    assert texts[-1].endswith("Last。后面的句子。结尾")
    assert all(text[one.start : one.end] == one.text for one in chunks)
    assert all(len(one) <= 40 for one in texts)


def test_sentences_overlap_by_whole_ones() -> None:
    chunks = cut("One is. Two is. Three is. Four is.", "sentences", size=24, overlap=12)
    texts = [one.text for one in chunks]
    assert texts == ["One is. Two is.", "Two is. Three is.", "Three is. Four is."]


def test_chinese_sentences_end_where_they_end() -> None:
    texts = [
        one.text
        for one in cut("第一句话在这里。第二句话！第三句？" * 4, "sentences", size=20, overlap=0)
    ]
    assert all(one[-1] in "。！？" for one in texts)
    assert "".join(texts) == "第一句话在这里。第二句话！第三句？" * 4


def test_tokens_bound_chunks() -> None:
    text = "word and another word. " * 200 + "中文没有空格" * 100
    chunks = cut(text, "tokens", size=50, overlap=10)
    assert all(tokens_in(one.text) <= 50 for one in chunks)
    assert sum(len(one.text) for one in chunks) > len(text)  # they overlap
    covered = {place for one in chunks for place in range(one.start, one.end)}
    assert all(place in covered or one.isspace() for place, one in enumerate(text))


def test_separators_of_an_author() -> None:
    text = "a one\n---\n\n---\nb two " + "long " * 20 + "\n---\nc"
    chunks = cut(text, "separator", separator=r"\n---\n", size=40, overlap=0)
    assert [chunks[0].text, chunks[-1].text] == ["a one", "c"]
    assert all(len(one.text) <= 40 for one in chunks)
    assert all(text[one.start : one.end] == one.text for one in chunks)


def test_parents_enclose_their_children() -> None:
    text = GUIDE + "Many words follow here. " * 60
    chunks = cut(text, "parent_child", size=100, overlap=20, parent_size=600)
    parents = {one.id: one for one in chunks if one.encloses}
    children = [one for one in chunks if not one.encloses]
    assert len(parents) > 5
    assert {one.parent for one in children} == set(parents)
    for one in children:
        whole = parents[one.parent]
        assert whole.start <= one.start < one.end <= whole.end
        assert one.text in whole.text
        assert one.headings[: len(whole.headings)] == whole.headings
    assert [one.index for one in chunks] == list(range(len(chunks)))


def test_the_same_text_gives_the_same_ids() -> None:
    once, again = cut(GUIDE, "headings"), cut(GUIDE, "headings")
    assert once == again
    assert len({one.id for one in once}) == len(once)
    assert not {one.id for one in once} & {one.id for one in chunks_of("other", GUIDE, Chunking())}


def test_text_that_stores_refuse_is_mended_in_its_place() -> None:
    (chunk,) = cut("a\0b\ud800c", "whole")
    assert chunk.text == "a b\ufffdc"


@pytest.mark.parametrize(
    "mode", ["tokens", "sentences", "headings", "separator", "whole", "parent_child"]
)
@pytest.mark.parametrize("text", ["", "  \n\t ", "\n\n\n"])
def test_nothing_gives_no_chunks(mode: str, text: str) -> None:
    assert cut(text, mode) == []


@pytest.mark.parametrize(
    "chunking",
    [
        Chunking("words"),  # type: ignore[arg-type]
        Chunking(size=5),
        Chunking(size=30_000),
        Chunking(size=100, overlap=60),
        Chunking(size=100, overlap=-1),
        Chunking("parent_child", size=500, parent_size=400),
        Chunking("separator", separator=""),
    ],
)
def test_what_cannot_be_meant_is_refused(chunking: Chunking) -> None:
    assert wrong_with(chunking)
    with pytest.raises(InvalidRequest) as refused:
        chunks_of("doc", "text", chunking)
    assert refused.value.code == "knowledge.chunking_invalid"


def test_a_large_document_is_not_one_chunk() -> None:
    with pytest.raises(InvalidRequest, match="another mode"):
        cut("x" * 100_001, "whole")


ALPHABET = "ab .!\n#`-。中é\U0001f600"


@given(
    st.text(ALPHABET, max_size=400),
    st.sampled_from(["tokens", "sentences", "headings", "separator", "whole", "parent_child"]),
    st.integers(20, 60),
    st.integers(0, 10),
)
def test_chunks_are_parts_of_the_text_and_cover_it(
    text: str, mode: str, size: int, overlap: int
) -> None:
    chunks = cut(text, mode, size=size, overlap=overlap, separator="-", parent_size=80)
    covered: set[int] = set()
    for one in chunks:
        assert one.text == text[one.start : one.end]
        assert one.text.strip()
        covered |= set(range(one.start, one.end))
        if mode not in ("whole", "tokens"):
            assert len(one.text) <= (80 if one.encloses else size)
    lost = {place for place, one in enumerate(text) if not one.isspace()} - covered
    assert not lost or (mode == "separator" and {text[place] for place in lost} == {"-"})


SENTENCES = "It is said that tea is steamed. Coffee is roasted for a while! Is cocoa? "


@pytest.mark.parametrize("mode", ["tokens", "sentences", "headings"])
@pytest.mark.parametrize("line", ["It is said ", "x", "退款政策", f"{SENTENCES}\n"])
def test_a_text_that_is_cut_a_window_at_a_time_is_covered_and_overlaps(
    mode: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "_WINDOW", 300)
    text = (line * 1000)[:4000]
    chunks = cut(text, mode, size=40, overlap=10)
    covered: set[int] = set()
    for one in chunks:
        assert one.text == text[one.start : one.end]
        covered |= set(range(one.start, one.end))
    assert all(place in covered or one.isspace() for place, one in enumerate(text))
    # No part ends where a window does: each is about as long as in any other place.
    lengths = [len(one.text) for one in chunks[:-1]]
    assert min(lengths) * 3 > max(lengths) or mode == "sentences"
    assert [one.start for one in chunks] == sorted({one.start for one in chunks})


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("." * 60_000 + "a", "sentences"),
        ("# a" + " " * 60_000 + "x", "whole"),
        ("word " * 200_000, "headings"),
        ("a" * 400_000, "tokens"),
    ],
)
def test_no_text_takes_long(text: str, mode: str) -> None:
    """Each of them took tens of seconds, in which nothing else could be done."""
    before = time.thread_time()
    assert cut(text, mode)
    assert time.thread_time() - before < 3


@pytest.mark.parametrize("mode", ["separator", "parent_child", "tokens", "headings"])
def test_a_document_is_not_cut_into_any_number_of_chunks(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "MOST_PIECES", 50)
    with pytest.raises(InvalidRequest, match="over 50 chunks") as refused:
        cut("# A\n\nSome text.\n" * 60, mode, size=20, parent_size=40, separator="\n")
    assert refused.value.code == "knowledge.chunking_invalid"
