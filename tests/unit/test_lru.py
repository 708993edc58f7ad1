"""A map of limited size: what stays, and what goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.lru import LruMap


def filled(size: int, *keys: str) -> LruMap[str, int]:
    held: LruMap[str, int] = LruMap(size)
    for place, key in enumerate(keys):
        held[key] = place
    return held


def test_the_entry_used_least_recently_goes() -> None:
    held = filled(2, "a", "b", "c")
    assert ("a" in held, held.get("b"), held.get("c"), len(held)) == (False, 1, 2, 2)


def test_reading_an_entry_uses_it() -> None:
    held = filled(2, "a", "b")
    assert held.get("a") == 0
    held["c"] = 2
    assert ("a" in held, "b" in held) == (True, False)


def test_setting_an_entry_again_uses_it_and_replaces_its_value() -> None:
    held = filled(2, "a", "b", "a", "c")
    assert (held.get("a"), "b" in held) == (2, False)


def test_asking_whether_an_entry_is_there_does_not_use_it() -> None:
    held = filled(2, "a", "b")
    assert "a" in held
    held["c"] = 2
    assert "a" not in held


def test_a_removed_entry_makes_room() -> None:
    held = filled(2, "a", "b")
    held.discard("a")
    held.discard("unknown")
    held["c"] = 2
    assert ("b" in held, "c" in held, held.get("a")) == (True, True, None)


@pytest.mark.parametrize("value", [0, "", False])
def test_a_value_that_counts_as_false_is_used_like_any_other(value: object) -> None:
    held: LruMap[str, object] = LruMap(2)
    held["a"], held["b"] = value, 1
    assert held.get("a") == value
    held["c"] = 2
    assert "a" in held


def test_an_entry_in_use_stays_and_the_next_one_goes() -> None:
    in_use = {1}
    held: LruMap[str, int] = LruMap(2, may_drop=lambda value: value not in in_use)
    held["a"], held["b"], held["c"] = 1, 2, 3
    assert ("a" in held, "b" in held, "c" in held) == (True, False, True)


def test_the_map_grows_while_all_entries_are_in_use() -> None:
    held: LruMap[str, int] = LruMap(1, may_drop=lambda _: False)
    held["a"], held["b"] = 1, 2
    assert len(held) == 2


def test_the_entry_just_set_stays_when_no_other_may_go() -> None:
    held: LruMap[str, int] = LruMap(1, may_drop=lambda value: value == 2)
    held["a"], held["b"] = 1, 2
    assert (held.get("a"), held.get("b")) == (1, 2)


@given(
    size=st.integers(1, 4),
    steps=st.lists(st.tuples(st.sampled_from(["get", "set", "discard"]), st.integers(0, 6))),
)
def test_it_does_what_a_list_in_order_of_use_does(size: int, steps: list[tuple[str, int]]) -> None:
    held: LruMap[int, int] = LruMap(size)
    order: list[int] = []
    for step, key in steps:
        was_there = key in order
        if was_there:
            order.remove(key)
        match step:
            case "get":
                assert held.get(key) == (key if was_there else None)
                order += [key] * was_there
            case "set":
                held[key] = key
                order = [*order, key][-size:]
            case _:
                held.discard(key)
    assert [key for key in range(7) if key in held] == sorted(order)
    assert len(held) == len(order)
