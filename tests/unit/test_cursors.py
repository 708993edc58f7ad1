"""Cursors of lists: read back as they were made, and refused when they were not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.contracts.cursors import (
    NEWEST,
    OLDEST,
    run_before,
    run_cursor,
    wait_after,
    wait_cursor,
)
from runfold.errors import InvalidRequest

TOKENS = st.text("abcXYZ0189_-./[]~", min_size=1, max_size=40)


@given(st.integers(0, 10**18 - 1))
def test_a_place_among_runs_comes_back(seq: int) -> None:
    assert run_before(run_cursor(seq)) == seq


@given(st.floats(0, 1e18), TOKENS)
def test_a_place_among_waits_comes_back(since: float, token: str) -> None:
    assert wait_after(wait_cursor((since, token))) == (since, token)


def test_no_cursor_is_the_beginning_of_the_list() -> None:
    assert (run_before(""), wait_after("")) == (NEWEST, OLDEST)


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 19, "²", "1 ", " 1", "1~a"])
def test_what_is_no_place_among_runs_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        run_before(cursor)
    message = f"invalid cursor {cursor!r}: use next_cursor of the previous page"
    assert (caught.value.code, str(caught.value)) == ("cursor.invalid", message)


@pytest.mark.parametrize("cursor", ["17", "~a", "1~", "nan~a", "inf~a", "-1~a", "²~x", "1~a b"])
def test_what_is_no_place_among_waits_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        wait_after(cursor)
    message = f"invalid cursor {cursor!r}: use next_cursor of the previous page"
    assert (caught.value.code, str(caught.value)) == ("cursor.invalid", message)


def test_a_long_cursor_is_shown_cut_short() -> None:
    with pytest.raises(InvalidRequest) as caught:
        run_before("x" * 10_000)
    assert len(str(caught.value)) < 150
