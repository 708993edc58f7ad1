"""However a reply by the text protocol is cut, it is read as the same."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from runfold_executor_llm.text_protocol import ProtocolReader

_FRAGMENTS = st.sampled_from(
    [
        *("Thought:", "Action:", "Action Input:", "Observation:", "Answer:", "**Final Answer:**"),
        *(
            "\n",
            "\n\n",
            " ",
            "     ",
            "*",
            ":",
            "Action",
            "Ans",
            '{"tool": "find"}',
            "}",
            "tea",
            "a",
        ),
    ]
)
_TEXTS = st.lists(_FRAGMENTS, max_size=14).map("".join)


def read_in(pieces: list[str]) -> tuple[str, str, object]:
    reader = ProtocolReader()
    shown = [piece for text in pieces for piece in reader.feed(text)] + list(reader.finish())
    assert all(piece.text for piece in shown)
    for kind in ("text", "reasoning"):
        seen = "".join(piece.text for piece in shown if piece.kind == kind)
        assert seen == (reader.reasoning if kind == "reasoning" else reader.text) or not seen
    return reader.text, reader.reasoning, reader.calls()


@given(_TEXTS, st.lists(st.integers(0, 120), max_size=8))
def test_the_cut_does_not_matter(text: str, cuts: list[int]) -> None:
    borders = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(borders)]
    whole = read_in([text])
    assert read_in(pieces) == whole
    assert read_in(list(text)) == whole


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_answer_is_kept(answer: str) -> None:
    text, thought, calls = read_in([f"Thought: so\nAnswer:{answer}"])
    assert (text, thought, calls) == (answer.strip(), "so", [])
