"""Ids of any script: which are taken, and how they stand in subjects and keys."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.contracts import subjects
from runfold.errors import InvalidRequest
from runfold.graph.loader import load_workflow
from runfold.ids import MAX_ID, bus_token, id_of_token, is_id, is_token

TAKEN = ("a", "审核", "नमस्ते", "é", "ßtraße", "1718352852007", "1st", "a-b", "true", "in", "x_y")


@pytest.mark.parametrize("text", [*TAKEN, "字" * MAX_ID, "ก็", "Ⅷ", "名前-2"])
def test_what_is_an_id(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "_a", "-a", "a b", "a.b", "a*", "a>", "a/b", "a[0]", "a=b", "a\x00", "字" * 65),
        *("a\u202eb", "a\u200bb", "a\ud83d", "\u0301a", "\U0001f600"),
        "e\u0301",  # not composed
    ],
)
def test_what_is_not(text: str) -> None:
    assert not is_id(text)
    if text:
        found = load_workflow({"id": "w", "nodes": [{"id": text, "type": "noop"}]}).findings
        assert any(one.level == "error" for one in found)


IDS = st.text(st.characters(categories=["L", "M", "N"]) | st.sampled_from("_-"), max_size=70)


@given(IDS.filter(is_id))
def test_an_id_is_written_as_a_token_and_read_back(text: str) -> None:
    token = bus_token(text)
    assert re.fullmatch(r"[A-Za-z0-9_=-]+", token)
    assert id_of_token(token) == text
    assert token == text or not is_token(text)


def test_subjects_are_ascii() -> None:
    assert subjects.event("审核", "r1", "run_started").split(".")[3] == "=E5=AE=A1=E6=A0=B8"
    assert subjects.event("orders", "r1", "run_started").split(".")[3] == "orders"
    with pytest.raises(InvalidRequest, match="any script"):
        subjects.event("a.b", "r1", "run_started")
